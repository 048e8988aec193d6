import { narrowed } from "../console/changedRun.ts";
import { valuesChecks } from "../model/chart/chartSchema.ts";
import { headOf } from "../model/plan/changedHead.ts";
import { changedOnly } from "../model/plan/changedOnly.ts";
import { kindOf, knownLater, type Resource, type Said, type Step } from "../model/plan/steps.ts";
import { problemsIn } from "../model/plan/warnings.ts";
import type { Project } from "../model/settings/project.ts";
import { tenantFile } from "../model/tenant/tenantFiles.ts";
import { formatProblem } from "../model/text/problems.ts";
import { Cloud, type Conditions } from "./cloud/cloud.ts";
import { cloudProviders } from "./cloud/provider.ts";
import { MemoryState, type ResourceState } from "./engine/checkpoint.ts";
import { type ProgramRunner, runWith } from "./engine/program.ts";
import { type Only, type RunResult, run } from "./engine/run.ts";
import { parseUrn, stackReferenceType, stackType } from "./engine/urn.ts";
import { isSecret, mapChildren, type Properties, unknown, type Value } from "./engine/values.ts";

/** How a stack is rehearsed. */
export interface RehearsalOptions {
  /** How programs are run; each as a process of its own where it is left out. */
  readonly program?: ProgramRunner;
  /** The Node.js that runs them; this one where it is left out. */
  readonly node?: string;
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
  const { ok, resources, messages } = await rehearse("up", project, cloud, [], options);
  const remembered = resources.map((state) =>
    state.type === stackType ? { ...state, outputs: withRetained(state.outputs, retained) } : state,
  );
  return { ok, said: saidIn(messages), cloud, resources: remembered };
}

function withRetained(outputs: Properties = {}, retained: Readonly<Record<string, string>>): Properties {
  return { ...outputs, retained: { ...retained, ...(outputs.retained as Properties | undefined) } };
}

/** What deploying a stack over another state of it would do. */
export interface Rehearsal {
  readonly ok: boolean;
  readonly said: readonly Said[];
  readonly steps: readonly Step[];
}

/**
 * Previews a stack over what is deployed, which stays as it is. Where only some tenants can differ, only those are registered:
 * the steps are the same, and many tenants take no time.
 */
export async function previewOver(
  { cloud, resources: old, said: saidBefore }: Deployed,
  project: Project,
  options: RehearsalOptions = {},
): Promise<Rehearsal> {
  const what = changedOnly({ resources: old }, headOf(project));
  let unasked = () => [] as readonly Said[];
  const { ok, steps, resources, messages } = await narrowed(
    what,
    () => undefined,
    ({ targets, environment = {} }) => {
      const only = targets && { targets: new Set(targets), environment };
      // What was said of the other tenants when they were deployed, is said of them still.
      unasked = () => ("run" in what && only ? saidOfOthers(saidBefore, project.stack, what.run.tenants) : []);
      return rehearse("preview", project, cloud, old, { ...options, only });
    },
  );
  const [before, after] = [byUrn(old), byUrn(resources)];
  const told = steps.map(({ op, urn, oldUrn = urn }): Step => {
    const [was, is] = [before.get(oldUrn), op === "delete" ? undefined : after.get(urn)];
    return { op, ...(was && { before: was }), ...(is && { after: is }) };
  });
  return { ok, said: [...saidIn(messages), ...unasked()], steps: told };
}

/** Warnings about the files of other tenants than these. */
function saidOfOthers(said: readonly Said[], stack: string, tenants: readonly string[]): Said[] {
  const [folder, own] = [`tenants/${stack}/`, tenants.map((name) => tenantFile(stack, name))];
  return problemsIn(said.filter(({ severity }) => severity === "warning")).flatMap(({ location, message }): Said[] => {
    const isOthers = location?.file.startsWith(folder) === true && !own.includes(location.file);
    return isOthers ? [{ severity: "warning", message: formatProblem({ location, message }), about: "" }] : [];
  });
}

/**
 * The SDK takes several stack traces for each resource, and of a plan's errors only the message is told. A sixth of the time
 * goes to the collector of young objects otherwise.
 */
const quick = ["--stack-trace-limit=0", "--max-semi-space-size=64"];

function rehearse(
  command: "up" | "preview",
  project: Project,
  cloud: Cloud,
  old: readonly ResourceState[],
  { program, node = process.execPath, only }: RehearsalOptions & { readonly only?: Only | undefined },
): Promise<RunResult> {
  return run({
    command,
    project: { ...project, nodeArguments: [...project.nodeArguments, ...quick] },
    state: new MemoryState({ resources: old, pending: [] }),
    providers: cloudProviders(cloud, valuesChecks(project.root)),
    program: program ?? runWith(node),
    only,
  });
}

function byUrn(resources: readonly ResourceState[]): Map<string, Resource> {
  const told = resources.filter(({ type, delete: old }) => type !== stackReferenceType && !old);
  return new Map(told.map((state) => [state.urn, resourceOf(state)]));
}

/** A resource of a state as plans and rules see it. */
export function resourceOf({ urn, type, parent, protect, retainOnDelete, inputs = {} }: ResourceState): Resource {
  return {
    urn,
    type,
    name: parseUrn(urn).name,
    ...(parent !== undefined && { parent }),
    protect: protect ?? false,
    retain: retainOnDelete ?? false,
    inputs: shown(inputs) as Properties,
  };
}

/** A value as a plan may show it. */
function shown(value: Value): Value {
  if (isSecret(value)) return "(secret)";
  return value === unknown ? knownLater : mapChildren(value, shown);
}

function saidIn(messages: RunResult["messages"]): Said[] {
  return messages.flatMap(({ severity, message, urn }) => {
    if (severity !== "error" && severity !== "warning") return [];
    const { type, name } = parseUrn(urn);
    return [{ severity, message: message.trimEnd(), about: urn === "" ? "" : `${kindOf({ type })} ${name}` }];
  });
}
