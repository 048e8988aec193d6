import { isDeepStrictEqual } from "node:util";
import type { ResourceState, Snapshot } from "./checkpoint.ts";
import type { Providers } from "./providers.ts";
import { compact, markSecrets } from "./resourceState.ts";
import { parseUrn, providerType } from "./urn.ts";
import { openSecrets, type Properties } from "./values.ts";

/** A resource that the cloud has otherwise than the state. */
export interface Drifted {
  readonly before: ResourceState;
  /** Left out where the cloud does not have it any more. */
  readonly after?: ResourceState;
}

/** A state as the cloud has it, and what that differs in. */
export interface Refreshed {
  readonly snapshot: Snapshot;
  readonly drift: readonly Drifted[];
}

/**
 * Asks the providers for every resource, as `pulumi refresh` does: inputs and outputs become those of the cloud, also where
 * the program ignores changes or protects them, and what is gone leaves the state. No program is run for it.
 *
 * @throws Error where a provider cannot be asked
 */
export async function refresh(old: Snapshot, providers: Providers): Promise<Refreshed> {
  const read = await Promise.all(
    old.resources.map(async (before) => (isRead(before) ? readResource(before, providers) : before)),
  );
  const gone = new Set(old.resources.filter((_, i) => read[i] === undefined).map(({ urn }) => urn));
  const resources = read.flatMap((state) => (state === undefined ? [] : [withoutDependencies(state, gone)]));
  const drift = old.resources.flatMap((before, i): Drifted[] => {
    const after = read[i];
    if (after === before) return [];
    return [after === undefined ? { before } : { before, after }];
  });
  return { snapshot: { ...old, resources }, drift };
}

/** Providers are the engine's own, and so is what it has read; the old half of a replacement has the new one's id. */
function isRead({ urn, custom, external = false, delete: old = false }: ResourceState): boolean {
  return custom && !external && !old && !parseUrn(urn).type.startsWith(providerType);
}

/** The resource as the cloud has it: the very same where nothing of it differs. */
async function readResource(before: ResourceState, providers: Providers): Promise<ResourceState | undefined> {
  const { id = "", urn, type, inputs = {}, outputs = {} } = before;
  const found = await providers.for(type).read?.(id, urn, outputs);
  if (found === undefined || found.id === "") return undefined;
  const same = (was: Properties, is: unknown) => isDeepStrictEqual(openSecrets(was), is);
  const now = {
    inputs: same(inputs, found.inputs) ? inputs : ((found.inputs ?? inputs) as Properties),
    outputs: same(outputs, found.props) ? outputs : markSecrets(before, found.props),
  };
  return now.inputs === inputs && now.outputs === outputs ? before : compact({ ...before, ...now });
}

/** What is gone from the state, nothing in it depends on any more. */
export function withoutDependencies(state: ResourceState, gone: ReadonlySet<string>): ResourceState {
  if (!(state.dependencies ?? []).some((urn) => gone.has(urn))) return state;
  const left = (urns: readonly string[]) => urns.filter((urn) => !gone.has(urn));
  const byProperty = Object.entries(state.propertyDependencies ?? {}).map(
    ([name, urns]) => [name, left(urns)] as const,
  );
  return compact({
    ...state,
    dependencies: left(state.dependencies ?? []),
    propertyDependencies: Object.fromEntries(byProperty),
  });
}
