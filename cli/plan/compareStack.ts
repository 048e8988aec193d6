import type { Failure, FailureProblem, StackPlan } from "../../model/plan/plan.ts";
import { type Reach, reachOf } from "../../model/plan/reach.ts";
import { type Side, stackPlan } from "../../model/plan/stackPlan.ts";
import type { Said, Step } from "../../model/plan/steps.ts";
import { problemsIn } from "../../model/plan/warnings.ts";
import { gatesSchema } from "../../model/settings/gates.ts";
import { fileOfProject, type Project, readProject, stackNames } from "../../model/settings/project.ts";
import { formatProblem, InputError, messageOf, type Problem, Refusal } from "../../model/text/problems.ts";
import { today } from "../../model/text/today.ts";
import { waiverFile } from "../../policy/waivers.ts";
import type { DeletedFile } from "../gitTree.ts";
import { retainedOf } from "../retained.ts";
import { strayWaiversOf } from "../waivers.ts";
import { type Gatekeeper, gate, ownGatekeeper } from "./gatekeeper.ts";
import { type Reading, readSide, withoutSettings } from "./readSide.ts";

/** A stack that an engine has deployed in memory; what it is, that engine knows. */
export interface Deployed {
  readonly ok: boolean;
  readonly said: readonly Said[];
}

/** What deploying a stack over another state of it would do. */
export interface Rehearsal extends Deployed {
  readonly steps: readonly Step[];
}

/** An engine that can rehearse a deployment: `embeddedEngine.ts` has one. */
export interface Rehearser<D extends Deployed = Deployed> {
  /**
   * Deploys a stack into an empty cloud.
   *
   * @param retained what is remembered of removed tenants whose data was kept: name to namespace
   * @param reach the tenants that it is about; all where it is left out
   * @throws Refusal where its program cannot be started
   */
  readonly deploy: (project: Project, retained: Readonly<Record<string, string>>, reach?: Reach) => Promise<D>;
  /**
   * Previews a stack over that, with the same reach. It is asked while that is still being deployed.
   *
   * @throws whatever keeps that from being deployed
   */
  readonly preview: (deployed: Promise<D>, project: Project, reach?: Reach) => Promise<Rehearsal>;
  /** A stack that nobody has deployed, for a project that is to be. */
  readonly nothing: (project: Project) => D;
}

/** The two sides of a comparison. */
export interface Trees {
  /** The folder of the base's project. */
  readonly base: string;
  readonly head: string;
  /** Tenant files that were deleted on the way to the base. */
  readonly deleted?: readonly DeletedFile[];
  /** True where the program is the same on both sides: then only what differs is looked at closely. */
  readonly sameProgram?: boolean;
}

/** A stack on both sides, and what an engine would do. */
interface Rehearsed extends Told {
  readonly before: Reading | undefined;
  readonly after: Reading | undefined;
}

/** Deploys a stack as the base has it, and previews it as the head does. */
export async function rehearseStack<D extends Deployed>(
  { base, head, deleted = [], sameProgram = false }: Trees,
  stack: string,
  engine: Rehearser<D>,
): Promise<Rehearsed> {
  const [before, after] = [readSide(base, stack), readSide(head, stack) ?? withoutSettings(head, stack)];
  const both = sameProgram && before !== undefined && after !== undefined;
  const told = await rehearse(engine, {
    base: { root: base, stack, reading: before },
    head: { root: head, stack, reading: after },
    retained: before === undefined ? {} : retainedBefore(deleted, stack, before.side),
    reach: both ? reachOf(before, after) : undefined,
  });
  return { ...told, before, after };
}

/** What a change does to a stack of a project. */
export async function compareStack<D extends Deployed>(
  trees: Trees,
  stack: string,
  engine: Rehearser<D>,
  keeper: Gatekeeper = ownGatekeeper(today()),
): Promise<StackPlan> {
  const { base, head } = trees;
  const { before, after, failures, said, steps: told } = await rehearseStack(trees, stack, engine);
  const steps = failures.length === 0 ? told : undefined;
  const plan = stackPlan({
    stack,
    ...(before && { before: withWarnings(before.side, said.base) }),
    ...(after && { after: withWarnings(after.side, said.head) }),
    ...(steps !== undefined && { steps }),
    failures,
  });
  // What no side has is a file of waivers alone: there the program needs none.
  const isNone = before === undefined && after === undefined;
  return gate(isNone ? { ...keeper, program: [] } : keeper, plan, {
    before: before?.side,
    after: after?.side,
    steps,
    limits: before?.side.settings?.gates ?? gatesSchema.parse({}),
    waivers: {
      counting: fileOfProject(base, waiverFile(stack)),
      written: fileOfProject(head, waiverFile(stack)),
      stray: { before: strayWaiversOf(base, stack), after: strayWaiversOf(head, stack) },
      elsewhere: stackNames(base)
        .filter((other) => other !== stack)
        .map((other) => fileOfProject(base, waiverFile(other))),
    },
  });
}

/** What the base's deployment remembers of tenants that were removed before it, and have not come back. */
function retainedBefore(deleted: readonly DeletedFile[], stack: string, { tenants, tenantDefaults, settings }: Side) {
  const present = new Set([...tenants.map(({ name }) => name), ...(settings?.forgetRetained ?? [])]);
  const kept = Object.entries(retainedOf(deleted, stack, tenantDefaults));
  return Object.fromEntries(kept.filter(([name]) => !present.has(name)));
}

interface Half {
  readonly root: string;
  readonly stack: string;
  readonly reading: Reading | undefined;
}

interface Told {
  readonly steps?: readonly Step[];
  readonly failures: readonly Failure[];
  readonly said: { readonly base: readonly Said[]; readonly head: readonly Said[] };
}

interface Halves extends Record<"base" | "head", Half> {
  readonly reach: Reach | undefined;
  readonly retained: Readonly<Record<string, string>>;
}

/** Deploys the base, and previews the head over it, each as far as its files are right. */
async function rehearse<D extends Deployed>(
  engine: Rehearser<D>,
  { base, head, retained, reach }: Halves,
): Promise<Told> {
  const failures = [...failuresOf("base", base), ...failuresOf("head", head)];
  const said = { base: [] as readonly Said[], head: [] as readonly Said[] };
  if (failures.length > 0 || head.reading === undefined) return { failures, said };
  // The same program and the same files: there is nothing that an engine could tell.
  if (reach?.tenants.length === 0) return { failures, said, steps: [] };
  const deploying = attempt("base", async () =>
    base.reading === undefined
      ? engine.nothing(readProject(head.root, head.stack))
      : engine.deploy(readProject(base.root, base.stack), retained, reach),
  );
  const previewing = attempt("head", () => {
    const project = readProject(head.root, head.stack);
    const below = deploying.then(mustBeThere);
    // The preview can fail before it waits for that.
    below.catch(() => undefined);
    return engine.preview(below, project, reach);
  });
  const [deployed, rehearsal] = await Promise.all([deploying, previewing]);
  if ("problems" in deployed) return { failures: [deployed], said };
  const told = { ...said, base: deployed.said };
  if ("problems" in rehearsal) return { failures: [rehearsal], said: told };
  return { failures: [], said: { ...told, head: rehearsal.said }, steps: rehearsal.steps };
}

/** What a run gives; what is in its way, where it does not end well. */
async function attempt<D extends Deployed>(side: Failure["side"], run: () => Promise<D>): Promise<D | Failure> {
  try {
    const result = await run();
    return result.ok ? result : { side, problems: errorsIn(result.said) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { side, problems: error instanceof InputError ? error.problems : [{ message: messageOf(error) }] };
  }
}

/** @throws Refusal where it failed: there is nothing to preview over. */
function mustBeThere<D extends Deployed>(deployed: D | Failure): D {
  if ("problems" in deployed) throw new Refusal("the base cannot be deployed");
  return deployed;
}

function failuresOf(side: Failure["side"], { reading }: Half): Failure[] {
  return reading === undefined || reading.errors.length === 0 ? [] : [{ side, problems: reading.errors }];
}

/** What kept a run from going on: each thing once. */
export function errorsIn(said: readonly Said[]): FailureProblem[] {
  const errors = problemsIn(said.filter(({ severity }) => severity === "error"));
  return [...new Map(errors.map((problem) => [JSON.stringify(problem), problem])).values()];
}

/** The warnings of the files, and those that only a run knows, such as of people. */
export function withWarnings(side: Side, said: readonly Said[]): Side {
  const told = problemsIn(said.filter(({ severity }) => severity === "warning")).flatMap(
    ({ location, message }): Problem[] => (location === undefined ? [] : [{ severity: "warning", location, message }]),
  );
  const all = [...side.warnings, ...told];
  return { ...side, warnings: [...new Map(all.map((problem) => [formatProblem(problem), problem])).values()] };
}
