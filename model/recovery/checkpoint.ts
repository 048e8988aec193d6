import { z } from "zod";
import { isHostProvider, nameOf } from "../deploy/tenantUrns.ts";

const recordSchema = z.looseObject({
  urn: z.string(),
  type: z.string(),
  custom: z.boolean().optional(),
  id: z.string().optional(),
  parent: z.string().optional(),
  provider: z.string().optional(),
  dependencies: z.array(z.string()).optional(),
  propertyDependencies: z.record(z.string(), z.array(z.string()).nullable()).optional(),
  deletedWith: z.string().optional(),
  initErrors: z.array(z.string()).optional(),
  inputs: z.record(z.string(), z.unknown()).optional(),
  outputs: z.record(z.string(), z.unknown()).optional(),
  pendingReplacement: z.boolean().optional(),
});

/** A resource as a checkpoint has it; what is not named here is kept as it is. */
export type StateRecord = z.output<typeof recordSchema>;

/** What `pulumi stack export` prints, as far as recovery looks into it. Secrets are in it as ciphertext, and stay that. */
export const checkpointSchema = z.looseObject({
  deployment: z.looseObject({
    resources: z.array(recordSchema).optional(),
    pending_operations: z.array(z.looseObject({ type: z.string(), resource: recordSchema })).optional(),
  }),
});

export type Checkpoint = z.output<typeof checkpointSchema>;

/**
 * True where two states say the same of every resource. Each write of one, also by a run that does nothing, has another time in its
 * manifest, and may encrypt the same secrets anew.
 */
export function isSameState(one: Checkpoint, other: Checkpoint): boolean {
  const content = ({ deployment: { resources = [], pending_operations: pending = [] } }: Checkpoint) =>
    JSON.stringify([resources, pending], (key, value: unknown) => (key === "ciphertext" ? undefined : value));
  return content(one) === content(other);
}

/** What `pulumi preview --json` prints, as far as it tells what a deployment would create. */
export const creationsSchema = z.object({
  steps: z.array(z.object({ op: z.string(), newState: recordSchema.optional() })).optional(),
});

/**
 * The resources that a preview would create, each after what it is in or depends on: those, too, whose place was made by a
 * replacement that went no further.
 */
export function creationsIn(
  { steps = [] }: z.output<typeof creationsSchema>,
  { deployment: { resources = [] } }: Checkpoint,
): StateRecord[] {
  const empty = new Set(resources.flatMap(({ urn, pendingReplacement }) => (pendingReplacement ? [urn] : [])));
  return steps.flatMap(({ op, newState }) =>
    newState !== undefined && (op === "create" || (/replace/.test(op) && empty.has(newState.urn))) ? [newState] : [],
  );
}

/** What becomes of a checkpoint. */
export interface Surgery {
  /** What the cloud may have and the state has not: with its id. Whether it is there, a refresh tells. */
  readonly takeOver?: readonly StateRecord[];
  /** The URNs of what is gone with its cluster. */
  readonly forget?: ReadonlySet<string>;
}

/**
 * What a resource that was taken over says of itself until the cloud was asked for it. The engine deploys nothing over such a
 * mark as if all were well, and a refresh takes it away: a recovery that is cut off in between is gone on with by the next one.
 */
export const unasked = "npm run recover was cut off before the cloud was asked whether this is there";

/** The resources of which that is not known. */
export function unaskedIn({ deployment: { resources = [] } }: Checkpoint): StateRecord[] {
  return resources.filter(({ initErrors = [] }) => initErrors.includes(unasked));
}

/**
 * The checkpoint afterwards. Nothing in it is pending any more, for `pulumi stack import` drops what is; and nothing in it depends
 * on what is forgotten, which it would refuse.
 *
 * What is taken over gets its inputs as outputs, which the refresh replaces by those of the cloud. Something that was to be
 * replaced, and has been deleted for that, makes room.
 */
export function operate(checkpoint: Checkpoint, { takeOver = [], forget = new Set() }: Surgery): Checkpoint {
  const { pending_operations: _, resources = [], ...deployment } = checkpoint.deployment;
  const taken = new Set(takeOver.map(({ urn }) => urn));
  const kept = resources.filter(
    ({ urn, pendingReplacement }) => !forget.has(urn) && !(pendingReplacement === true && taken.has(urn)),
  );
  const added = takeOver.map((record) => ({
    ...record,
    outputs: { ...record.inputs },
    ...(record.custom === true && { initErrors: [unasked] }),
  }));
  const all = [...kept, ...added].map((record) => without(record, forget));
  return { ...checkpoint, deployment: { ...deployment, resources: all } };
}

/** A resource that depends on nothing that is forgotten. */
function without(record: StateRecord, forget: ReadonlySet<string>): StateRecord {
  const { dependencies, propertyDependencies, deletedWith, ...rest } = record;
  const kept = (urns: readonly string[]) => urns.filter((urn) => !forget.has(urn));
  const byProperty = Object.entries(propertyDependencies ?? {}).map(([key, urns]) => [key, urns && kept(urns)]);
  return {
    ...rest,
    ...(dependencies && { dependencies: kept(dependencies) }),
    ...(propertyDependencies && { propertyDependencies: Object.fromEntries(byProperty) }),
    ...(deletedWith !== undefined && !forget.has(deletedWith) && { deletedWith }),
  };
}

/** The name that the program gave to a resource, and its kind in a word. */
export function described({ urn, type }: Pick<StateRecord, "urn" | "type">): string {
  return `${type.split(":").at(-1)} ${nameOf(urn)}`;
}

const clusterType = "azure-native:containerservice:ManagedCluster";

/** The id of the AKS cluster in the state; undefined where it has none. */
export function clusterIdIn({ deployment: { resources = [] } }: Checkpoint): string | undefined {
  return resources.find(({ type }) => type === clusterType)?.id;
}

/** The kubeconfig of the host cluster that the state has, of a cluster of the stack's own; undefined where it has none. */
export function kubeconfigIn({ deployment: { resources = [] } }: Checkpoint): string | undefined {
  const kubeconfig = resources.find(isHostProvider)?.inputs?.kubeconfig;
  // A name of a file is one in the settings, and there is a marked object where it is encrypted.
  return typeof kubeconfig === "string" && kubeconfig.includes("\n") ? kubeconfig : undefined;
}

/**
 * The URNs of what goes when the cluster does, or the resource group that it is in: itself, what is in it, and the roles that were
 * held there.
 */
export function goneWith(gone: "cluster" | "group", checkpoint: Checkpoint): Set<string> {
  const cluster = clusterIdIn(checkpoint)?.toLowerCase();
  const id = gone === "group" ? cluster?.replace(/\/providers\/.*$/, "") : cluster;
  const { resources = [] } = checkpoint.deployment;
  const isIn = (other = "") => id !== undefined && `${other.toLowerCase()}/`.startsWith(`${id}/`);
  const urns = resources.flatMap(({ urn, custom, type, provider, id: own }) =>
    custom === true && ((type.startsWith("kubernetes:") && provider !== undefined) || isIn(own)) ? [urn] : [],
  );
  return new Set(urns);
}
