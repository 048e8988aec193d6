import type { ResourceState } from "./checkpoint.ts";
import { parseProviderReference } from "./urn.ts";

/** Groups resources into waves: each wave can be deleted at once, and nothing before what depends on it. */
export function deletionOrder(condemned: readonly ResourceState[]): ResourceState[][] {
  const waves: ResourceState[][] = [];
  let rest = condemned;
  while (rest.length > 0) {
    const urns = new Set(rest.map((state) => state.urn));
    // A resource is created before its dependants: those that depend on nothing that is left are deleted last.
    const last = rest.filter((state) => !dependenciesOf(state).some((urn) => urns.has(urn) && urn !== state.urn));
    if (last.length === 0) throw new Error("the state's dependencies form a circle");
    waves.unshift(last);
    rest = rest.filter((state) => !last.includes(state));
  }
  return waves;
}

/** The URNs that a resource is created after, and deleted before. */
export function dependenciesOf(state: ResourceState): string[] {
  return [
    ...(state.parent === undefined ? [] : [state.parent]),
    ...(state.provider === undefined ? [] : [parseProviderReference(state.provider).urn]),
    ...(state.dependencies ?? []),
  ];
}
