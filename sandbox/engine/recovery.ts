import { isDeepStrictEqual } from "node:util";
import type { PendingOperation, ResourceState, Snapshot } from "./checkpoint.ts";
import type { Providers } from "./providers.ts";
import { compact, markSecrets } from "./resourceState.ts";
import { isPartialFailure, NotOurs, type PartialFailure } from "./types.ts";
import { makeUrn, stackType } from "./urn.ts";
import { openSecrets, type Properties } from "./values.ts";

/*
 * What a run finds of one that did not come to its end. Pulumi warns of it, and goes on as if nothing had been: see
 * docs/decisions/0019-recovery.md.
 */

/** What does for real what the sandbox does by itself. */
export const withPulumi = "(Pulumi itself takes: npm run recover)";

/** Tells what has become of a resource. */
export type Say = (message: string, urn: string) => void;

/**
 * Settles what is pending: what has been done is taken over from the cloud, what has not is forgotten.
 *
 * @returns the state after it; a state that is being made anew stays marked so
 * @throws Error where the cloud cannot be asked
 */
export async function settlePending(old: Snapshot, providers: Providers, say: Say): Promise<Snapshot> {
  const pending = old.pending.filter(isRebuilding);
  let { resources } = old;
  for (const { type, resource } of old.pending) {
    const settle = settlements[type];
    if (settle === undefined) continue;
    const { state, said } = await settle(resource, await look(providers, resource));
    say(`the last run did not come to know whether it was ${said} ${withPulumi}`, resource.urn);
    if (state !== undefined) resources = state(resources);
  }
  return { resources, pending };
}

interface Settlement {
  /** What becomes of the state's resources; they stay as they are where it is left out. */
  readonly state?: (resources: readonly ResourceState[]) => readonly ResourceState[];
  readonly said: string;
}

type Settle = (resource: ResourceState, found: ResourceState | undefined) => Settlement;

const settlements: Readonly<Partial<Record<PendingOperation["type"], Settle>>> = {
  creating: ({ urn }, found) =>
    found === undefined
      ? {
          said: "created. The cloud does not have it: forgotten",
        }
      : {
          said: "created. The cloud has it: taken over",
          // What it replaces is deleted at the end of the run.
          state: (resources) => [
            ...resources.map((state) => (state.urn === urn && !state.delete ? { ...state, delete: true } : state)),
            found,
          ],
        },
  updating: ({ urn, inputs = {} }, found) => {
    if (found === undefined || !isDeepStrictEqual(openSecrets(found.inputs ?? {}), openSecrets(inputs)))
      return { said: "updated. The cloud has it as it was: still to be done" };
    const { initErrors, outputs = {} } = found;
    const settled = (become: (state: ResourceState) => ResourceState): NonNullable<Settlement["state"]> => {
      return (resources) => resources.map((state) => (state.urn === urn && !state.delete ? become(state) : state));
    };
    return initErrors === undefined
      ? {
          said: "updated. The cloud has it as it should be: taken over",
          state: settled(() => ({ ...found, inputs })),
        }
      : {
          said: "updated. The cloud has it, and it does not work: still to be done",
          // As after an update that says so itself.
          state: settled((state) => ({ ...state, outputs, initErrors: state.initErrors ?? initErrors })),
        };
  },
  deleting: ({ urn, id }, found) =>
    found !== undefined
      ? { said: "deleted. The cloud has it: still to be done" }
      : {
          said: "deleted. The cloud does not have it: forgotten",
          state: (resources) => resources.filter((state) => state.urn !== urn || state.id !== id),
        },
};

/** What the cloud has of a pending resource; undefined where it has none, or somebody else's of its name. */
async function look(providers: Providers, resource: ResourceState): Promise<ResourceState | undefined> {
  try {
    return await findInCloud(providers, resource, resource.inputs ?? {});
  } catch (error) {
    if (error instanceof NotOurs) return undefined;
    throw error;
  }
}

/**
 * The resource as the cloud has it: by what its inputs describe, for its id is not known.
 *
 * @returns undefined where the cloud has no such thing
 * @throws NotOurs where that is somebody else's
 */
export async function findInCloud(
  providers: Providers,
  base: ResourceState,
  inputs: Properties,
): Promise<ResourceState | undefined> {
  const { id, properties, inputs: found = {}, reasons: initErrors } = await read(providers, base, inputs);
  if (id === "") return undefined;
  const same = isDeepStrictEqual(found, openSecrets(inputs));
  const outputs = markSecrets(base, properties);
  return compact({ ...base, id, inputs: same ? inputs : found, outputs, initErrors });
}

/** What a provider says of a resource, whether it works or not. */
async function read(
  providers: Providers,
  { urn, type }: ResourceState,
  inputs: Properties,
): Promise<Omit<PartialFailure, keyof Error>> {
  try {
    const found = await providers.for(type).read?.("", urn, inputs);
    const { id = "", props: properties = {}, inputs: made = {} } = found ?? {};
    return { id, properties: properties as Properties, inputs: made as Properties, reasons: [] };
  } catch (error) {
    if (isPartialFailure(error)) return error;
    throw error;
  }
}

/** Marks a state that is being made anew until a run has come to its end. */
export function rebuilding(stack: string, project: string): PendingOperation {
  const urn = makeUrn(stack, project, "", stackType, `${project}-${stack}`);
  return { resource: { urn, custom: false, type: stackType }, type: "importing" };
}

export function isRebuilding({ type, resource }: PendingOperation): boolean {
  return type === "importing" && resource.type === stackType;
}

/** What is told of a resource that is taken over into a state that did not have it. */
export const takenOver = `the state does not have it, and the cloud has: taken over ${withPulumi}`;
