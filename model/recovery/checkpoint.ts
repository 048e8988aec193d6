import { z } from "zod";
import { nameOf } from "../deploy/tenantUrns.ts";

const recordSchema = z.looseObject({
  urn: z.string(),
  type: z.string(),
  custom: z.boolean().optional(),
  id: z.string().optional(),
  parent: z.string().optional(),
  provider: z.string().optional(),
  dependencies: z.array(z.string()).optional(),
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

/** What `pulumi preview --json` prints, as far as it tells what a deployment would create. */
export const creationsSchema = z.object({
  steps: z.array(z.object({ op: z.string(), newState: recordSchema.optional() })).optional(),
});

/** The resources that a preview would create, each after what it is in or depends on. */
export function creationsIn({ steps = [] }: z.output<typeof creationsSchema>): StateRecord[] {
  return steps.flatMap(({ op, newState }) => (op === "create" && newState !== undefined ? [newState] : []));
}

/** What becomes of a checkpoint. */
export interface Surgery {
  /** What the cloud may have and the state has not: with its id. Whether it is there, a refresh tells. */
  readonly takeOver?: readonly StateRecord[];
  /** The URNs of what is gone with its cluster. */
  readonly forget?: ReadonlySet<string>;
}

/**
 * The checkpoint afterwards. Nothing in it is pending any more, for `pulumi stack import` drops what is.
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
  const added = takeOver.map((record) => ({ ...record, outputs: { ...record.inputs } }));
  return { ...checkpoint, deployment: { ...deployment, resources: [...kept, ...added] } };
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

/** The URNs of what goes when the cluster does: itself, what is in it, and the roles that were held there. */
export function goneWithCluster(checkpoint: Checkpoint): Set<string> {
  const id = clusterIdIn(checkpoint);
  const { resources = [] } = checkpoint.deployment;
  const gone = resources.filter(
    (one) =>
      one.custom === true &&
      ((one.type.startsWith("kubernetes:") && one.provider !== undefined) ||
        (id !== undefined && one.id?.toLowerCase().startsWith(id.toLowerCase()))),
  );
  return new Set(gone.map(({ urn }) => urn));
}
