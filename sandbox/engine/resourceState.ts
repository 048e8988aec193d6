import type { ResourceState } from "./checkpoint.ts";
import type { Goal } from "./types.ts";
import { type Properties, secret } from "./values.ts";

/** A resource's state as far as the program's request decides it. */
export function describeResource(urn: string, goal: Goal, provider: string | undefined): ResourceState {
  const {
    custom,
    type,
    parent,
    protect,
    retainOnDelete,
    dependencies,
    propertyDependencies,
    ignoreChanges,
    replaceOnChanges,
  } = goal;
  const { additionalSecretOutputs, hooks: resourceHooks } = goal;
  return {
    urn,
    custom,
    type,
    ...(parent !== "" && { parent }),
    ...(provider !== undefined && { provider }),
    protect,
    retainOnDelete,
    dependencies: [...dependencies].sort(),
    propertyDependencies,
    ignoreChanges,
    replaceOnChanges,
    additionalSecretOutputs,
    resourceHooks,
  };
}

/** The outputs, with those marked as secret that the program says are. */
export function markSecrets(base: ResourceState, outputs: unknown): Properties {
  const marked = { ...(outputs as Properties | undefined) };
  for (const key of base.additionalSecretOutputs ?? []) {
    if (marked[key] !== undefined) marked[key] = secret(marked[key]);
  }
  return marked;
}

/** Leaves out what Pulumi's checkpoint leaves out: empty lists, empty mappings and false. */
export function compact(state: ResourceState): ResourceState {
  const isEmpty = (value: unknown) =>
    value === undefined ||
    value === false ||
    (typeof value === "object" && value !== null && Object.keys(value).length === 0);
  const kept = Object.entries(state).filter(([key, value]) => key === "custom" || !isEmpty(value));
  return Object.fromEntries(kept) as unknown as ResourceState;
}
