import type { ResourceState } from "./checkpoint.ts";
import { dependenciesOf } from "./deletionOrder.ts";
import { providerType, stackType } from "./urn.ts";

/** Providers and the stack itself are always targets: nothing could be done without them. */
export function isTarget(targets: ReadonlySet<string> | undefined, urn: string, type: string): boolean {
  return targets === undefined || targets.has(urn) || type === stackType || type.startsWith(providerType);
}

/** The URNs that may be deleted at the end of a run with targets: those, and what cannot be there without them. */
export function deletable(targets: ReadonlySet<string>, resources: readonly ResourceState[]): ReadonlySet<string> {
  const found = new Set(targets);
  // A state has every resource after those that it depends on.
  for (const state of resources) {
    const needed = [...dependenciesOf(state), ...Object.values(state.propertyDependencies ?? {}).flat()];
    if (needed.some((urn) => found.has(urn))) found.add(state.urn);
  }
  return found;
}

/** Said of a target that nothing is. The words are Pulumi's, as are those below. */
export const notFound = (urn: string) => `Target '${urn}' could not be found in the stack.`;

/** Said of a step that cannot be done without a resource that is no target and not there. */
export const dependsOnSkipped = (urn: string, dependency: string) =>
  `Resource '${urn}' depends on '${dependency}' which was was not specified in --target list.`;

/** Said of what would go with a target. */
export const notSpecified = (urn: string) =>
  `Resource '${urn}' will be destroyed but was not specified in --target list.`;

/** Said of a resource whose provider the program does not use any more. */
export const otherProvider = (provider: string, urn: string) =>
  `provider ${provider} for resource ${urn} has not been registered yet, this is due to a change of providers mixed with --target. Change your program back to the original providers`;
