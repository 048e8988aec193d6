import { readProject } from "../../model/settings/project.ts";
import { CloudClock } from "../../sandbox/cloud/clock.ts";
import { Cloud } from "../../sandbox/cloud/cloud.ts";
import { Faults, parseFault } from "../../sandbox/cloud/faults.ts";
import { settleLeft } from "../../sandbox/cloud/leftBehind.ts";
import { CloudProvider, packages, resourceTypes } from "../../sandbox/cloud/provider.ts";
import type { ResourceState, Snapshot } from "../../sandbox/engine/checkpoint.ts";
import type { ProgramRunner } from "../../sandbox/engine/program.ts";
import { type RunResult, run } from "../../sandbox/engine/run.ts";
import { parseProviderReference, providerType, stackReferenceType } from "../../sandbox/engine/urn.ts";
import { TestProject } from "../support/project.ts";
import { Points, WrittenState } from "./points.ts";
import { type Recording, recorder, replay } from "./replay.ts";

/** A stack and its cloud between two runs. */
export interface World {
  readonly snapshot: Snapshot;
  readonly cloud: Cloud;
}

export const nothing = (): World => ({ snapshot: { resources: [], pending: [] }, cloud: new Cloud(undefined) });

/** A deployment to be cut off: what it starts from, what it asks for, and what it ends with. */
export interface Scenario {
  readonly name: string;
  readonly before: World;
  readonly after: World;
  readonly program: ProgramRunner;
  readonly project: TestProject;
}

/** The same six tenants changed: one grows, one is suspended, one is removed, one loses a person, one gets another role. */
export function change(project: TestProject): void {
  const folder = "tenants/sandbox";
  project.append(`${folder}/data.yaml`, "size: medium\n");
  project.append(`${folder}/web.yaml`, "lifecycle: suspended\n");
  project.remove(`${folder}/legacy.yaml`);
  project.edit(`${folder}/ml.yaml`, "    - user: ada@contoso.com\n", "");
  project.edit(`${folder}/vcluster-1.yaml`, "hostRole: admin", "hostRole: writer");
}

/** The first deployment of six tenants, and one that changes them, with what they ask for written down. */
export function scenarios(keep = false): Promise<Scenario[]> {
  return written(TestProject.ofFixture("sandbox", { keep }), ["a first deployment", "a deployment of changes"]);
}

/** The first deployment of another fixture. */
export async function firstOf(stack: string): Promise<Scenario[]> {
  return written(TestProject.ofFixture(stack), [`a first deployment of stack ${stack}`]);
}

async function written(project: TestProject, names: readonly string[]): Promise<Scenario[]> {
  const all: Scenario[] = [];
  let before = nothing();
  for (const name of names) {
    if (all.length > 0) change(project);
    const { program, recording } = recorder();
    await deploy(project, copyOf(before), program);
    const replayed = replay([...recording] as Recording);
    const after = copyOf(before);
    const { result, world } = await deploy(project, after, replayed);
    if (!result.ok) throw new Error(JSON.stringify(result.messages));
    all.push({ name, before, after: world, program: replayed, project });
    before = world;
  }
  return all;
}

export function copyOf({ snapshot, cloud }: World): World {
  const copy = new Cloud(undefined);
  for (const { id, ...object } of cloud.objects) void copy.put(id, structuredClone(object));
  return { snapshot, cloud: copy };
}

/** How a deployment goes. */
export interface Course {
  /** The point at which it is cut off: nothing is written after it, as if the process were gone. */
  readonly at?: number;
  readonly faults?: readonly string[];
  /** Whether its state is lost. */
  readonly lost?: boolean;
  /** Whether what was left in the cloud stays there, as with Pulumi. */
  readonly unsettled?: boolean;
}

/** Deploys over a world, as the sandbox does. */
export async function deploy(
  project: TestProject,
  { snapshot, cloud }: World,
  program: ProgramRunner,
  { at = Number.POSITIVE_INFINITY, faults = [], lost = false, unsettled = false }: Course = {},
) {
  const settled = unsettled ? [] : await settleLeft(cloud);
  const state = new WrittenState(snapshot);
  let where = "";
  const points = new Points(at, (what) => {
    where = what;
    throw new Error("gone");
  });
  const strikes = new Faults(
    faults.map((text) => parseFault(text, resourceTypes)),
    { cloud, clock: new CloudClock(cloud, Number.POSITIVE_INFINITY), say: () => undefined },
  );
  const isGone = () => where !== "";
  const provider = mortal(points.provider(strikes.provider(new CloudProvider(cloud, () => undefined))), isGone);
  const store = points.store(state);
  const result: RunResult = await run({
    command: "up",
    project: readProject(project.root, project.stack),
    state: {
      read: () => store.read(),
      write: (current) => strikes.write(() => (isGone() ? Promise.reject(new Error("gone")) : store.write(current))),
    },
    providers: Object.fromEntries(packages.map((name) => [name, provider])),
    program,
    lost,
    goOn: true,
  });
  const errors = result.messages.filter(({ severity }) => severity === "error").map(({ message }) => message);
  return { result, errors, settled, strikes, where, passed: points.passed, world: { snapshot: state.snapshot, cloud } };
}

/** A provider that is gone with its process. */
function mortal(provider: ReturnType<Points["provider"]>, isGone: () => boolean): ReturnType<Points["provider"]> {
  const gone = () => Promise.reject(new Error("gone"));
  return {
    ...provider,
    create: (urn, inputs) => (isGone() ? gone() : (provider.create?.(urn, inputs) ?? gone())),
    update: (id, urn, olds, news) => (isGone() ? gone() : (provider.update?.(id, urn, olds, news) ?? gone())),
    delete: (id, urn, props) => (isGone() ? gone() : (provider.delete?.(id, urn, props) ?? gone())),
  };
}

/** What must be the same however often a deployment was cut off: all but times and the ids that engines make up. */
export function comparable({ snapshot, cloud }: World) {
  return {
    resources: Object.fromEntries(snapshot.resources.map((state) => [state.urn, withoutMadeUp(state)])),
    count: snapshot.resources.length,
    pending: snapshot.pending,
    cloud: Object.fromEntries(cloud.objects.map(({ id, ...object }) => [id, object])),
  };
}

function withoutMadeUp(state: ResourceState): ResourceState {
  return {
    ...state,
    // What the deployment before had as outputs, which can be the very one that was cut off at its last write.
    ...(state.type === stackReferenceType && { outputs: {} }),
    ...(state.type.startsWith(providerType) && { id: "made up" }),
    ...(state.provider !== undefined && { provider: parseProviderReference(state.provider).urn }),
  };
}
