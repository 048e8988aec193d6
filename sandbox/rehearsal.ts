import { withChangedRun } from "../console/changedRun.ts";
import { valuesChecks } from "../model/chart/chartSchema.ts";
import type { Reach } from "../model/plan/reach.ts";
import { kindOf, type Said, type Step } from "../model/plan/steps.ts";
import type { Project } from "../model/settings/project.ts";
import { Cloud, type Conditions } from "./cloud/cloud.ts";
import { cloudProviders } from "./cloud/provider.ts";
import { MemoryState, type ResourceState } from "./engine/checkpoint.ts";
import { type ProgramRunner, runners, startAhead } from "./engine/program.ts";
import { type RunResult, run } from "./engine/run.ts";
import { toldSteps } from "./engine/toldSteps.ts";
import { parseUrn, stackType } from "./engine/urn.ts";
import type { Properties } from "./engine/values.ts";

/** How a stack is rehearsed. */
export interface RehearsalOptions {
  /** How programs are run; each as a process of its own where it is left out. */
  readonly program?: ProgramRunner;
  /** The Node.js that runs them; this one where it is left out. */
  readonly node?: string;
  /** Which tenants are registered; all where it is left out. */
  readonly reach?: Reach | undefined;
}

/** A stack that is deployed in memory: nothing of the machine's own sandbox is read or written. */
export interface Deployed {
  readonly ok: boolean;
  readonly said: readonly Said[];
  readonly cloud: Cloud;
  readonly resources: readonly ResourceState[];
}

/** A stack that nobody has deployed. */
export function nothingDeployed(project: Project): Deployed {
  return { ok: true, said: [], cloud: new Cloud(undefined, conditionsFor(project)), resources: [] };
}

/** What nobody here can know of a subscription is taken to be as the stack needs it: its quota, and what is there already. */
function conditionsFor({ name, values }: Project): Partial<Conditions> {
  const azure = (values[`${name}:azure`] ?? {}) as { resourceGroup?: unknown; existingResourceGroup?: unknown };
  const { resourceGroup, existingResourceGroup } = azure;
  const isThere = existingResourceGroup === true && typeof resourceGroup === "string";
  return { vCpuQuota: Number.POSITIVE_INFINITY, resourceGroups: isThere ? [resourceGroup] : [] };
}

/**
 * Deploys a stack into an empty cloud in memory.
 *
 * @param retained what its outputs remember of removed tenants beside what they say: name to namespace
 */
export async function deployInMemory(
  project: Project,
  retained: Readonly<Record<string, string>> = {},
  options: RehearsalOptions = {},
): Promise<Deployed> {
  const { cloud } = nothingDeployed(project);
  const program = runnerOf(options);
  const { ok, resources, messages } = await reaching(project, options.reach, (environment) =>
    rehearse("up", project, { cloud, old: [], program, environment }),
  );
  const { others = {} } = options.reach ?? {};
  const remembered = resources.map((state) => {
    if (state.type !== stackType) return state;
    const { outputs = {} } = state;
    const including = (name: string, more: Properties) => ({ ...more, ...(outputs[name] as Properties | undefined) });
    const told = { tenants: including("tenants", others as Properties), retained: including("retained", retained) };
    return { ...state, outputs: { ...outputs, ...told } };
  });
  return { ok, said: saidIn(messages), cloud, resources: remembered };
}

/** What deploying a stack over another state of it would do. */
export interface Rehearsal {
  readonly ok: boolean;
  readonly said: readonly Said[];
  readonly steps: readonly Step[];
}

/**
 * Previews a stack over what is deployed, which stays as it is. Its program is started while that is still being deployed.
 *
 * @throws whatever keeps that from being deployed
 */
export async function previewOver(
  deployed: Deployed | Promise<Deployed>,
  project: Project,
  options: RehearsalOptions = {},
): Promise<Rehearsal> {
  return reaching(project, options.reach, async (environment) => {
    const runner = runnerOf(options);
    const { program, leave } = startAhead((monitor) => runner(project, monitor, true, () => undefined, environment));
    try {
      const { cloud, resources: old } = await deployed;
      const { ok, steps, resources, messages } = await rehearse("preview", project, {
        cloud,
        old,
        program,
        environment,
      });
      return { ok, said: saidIn(messages), steps: toldSteps(steps, old, resources) };
    } finally {
      await leave();
    }
  });
}

/** How programs are run here. Of a plan's errors only the message is told, and the SDK takes several stack traces for each resource. */
function runnerOf({ program, node = process.execPath }: RehearsalOptions): ProgramRunner {
  const runner = program ?? runners.runWith(node);
  return (project, ...rest) =>
    runner({ ...project, nodeArguments: [...project.nodeArguments, "--stack-trace-limit=0"] }, ...rest);
}

/** Has the program know, by its environment, which tenants it is about. */
async function reaching<T>(
  { name: project, stack }: Project,
  reach: Reach | undefined,
  work: (environment: Readonly<Record<string, string>>) => Promise<T>,
): Promise<T> {
  if (reach === undefined) return work({});
  const { tenants, users } = reach;
  return (await withChangedRun({ project, stack, tenants, users, people: {} }, work)).result;
}

/** What a rehearsal runs, and over what. */
interface Rehearsed {
  readonly cloud: Cloud;
  readonly old: readonly ResourceState[];
  readonly program: ProgramRunner;
  readonly environment: Readonly<Record<string, string>>;
}

function rehearse(
  command: "up" | "preview",
  project: Project,
  { cloud, old, program, environment }: Rehearsed,
): Promise<RunResult> {
  return run({
    command,
    project,
    state: new MemoryState({ resources: old, pending: [] }),
    providers: cloudProviders(cloud, valuesChecks(project.root)),
    program,
    only: { environment },
  });
}

function saidIn(messages: RunResult["messages"]): Said[] {
  return messages.flatMap(({ severity, message, urn }) => {
    if (severity !== "error" && severity !== "warning") return [];
    const { type, name } = parseUrn(urn);
    return [{ severity, message: message.trimEnd(), about: urn === "" ? "" : `${kindOf({ type })} ${name}` }];
  });
}
