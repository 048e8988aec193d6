import type resource from "@pulumi/pulumi/proto/resource_pb.js";
import type { ResourceState } from "./checkpoint.ts";
import { type Goal, StepError } from "./types.ts";
import { makeUrn, parseProviderReference, parseUrn, stackType } from "./urn.ts";

/*
 * How a resource is found that has another name now: as Pulumi does it, no kinder. Source: its
 * pkg/resource/deploy/step_generator.go (collapseAliasToUrn, generateAliases, getOldResource) and snapshot.go
 * (NormalizeURNReferences).
 */

/**
 * The URNs under which a program says that a resource may stand in the state: parts that an alias leaves out are the resource's own.
 *
 * @param oldName the URN that a registered resource has in the state, where that is another
 */
export function aliasUrns(
  request: resource.RegisterResourceRequest,
  stack: string,
  project: string,
  oldName: (urn: string) => string | undefined,
): string[] {
  return request.getAliasesList().map((alias) => {
    const spec = alias.getSpec();
    if (spec === undefined) return alias.getUrn();
    const named = spec.getParenturn();
    const parent = spec.getNoparent() ? "" : named === "" ? request.getParent() : (oldName(named) ?? named);
    return makeUrn(
      spec.getStack() || stack,
      spec.getProject() || project,
      parent,
      spec.getType() || request.getType(),
      spec.getName() || request.getName(),
    );
  });
}

/** Which resources a run has found in the state under another name. */
export class Aliases {
  /** By what a resource is called now. */
  readonly #oldNames = new Map<string, string>();
  /** By what it was called. */
  readonly #newNames = new Map<string, string>();

  /** What a registered resource is called in the state, where that is another name. */
  oldName(urn: string): string | undefined {
    return this.#oldNames.get(urn);
  }

  /** All that the state may call a resource: its own name first, then what it or its parent was called. */
  urnsOf(urn: string, { type, name, parent, aliases }: Goal): string[] {
    const oldParent = this.#oldNames.get(parent);
    if (oldParent === undefined) return [urn, ...aliases];
    // What is named after its parent was named after the parent's old name.
    const [now, was] = [parseUrn(parent), parseUrn(oldParent)];
    const inherited = (childType: string, child: string) => {
      const childName = child.startsWith(now.name) ? `${was.name}${child.slice(now.name.length)}` : child;
      return makeUrn(was.stack, was.project, oldParent, childType, childName);
    };
    const ofAliases = aliases.map(parseUrn).map((alias) => inherited(alias.type, alias.name));
    return [urn, ...aliases, inherited(type, name), ...ofAliases];
  }

  /**
   * Notes under which name a resource was found.
   *
   * @param registered whether a URN is registered in this run
   * @throws StepError where that name is another resource's
   */
  note(urn: string, found: string | undefined, registered: (urn: string) => boolean): void {
    const claimed = this.#newNames.get(urn);
    if (claimed !== undefined)
      throw new StepError(`duplicate resource: ${urn} is registered, and an alias of ${claimed}`);
    if (found === undefined || found === urn) return;
    const other = this.#newNames.get(found) ?? (registered(found) ? found : undefined);
    if (other !== undefined) throw new StepError(`duplicate alias: ${found} of ${urn} is already ${other}`);
    this.#oldNames.set(urn, found);
    this.#newNames.set(found, urn);
  }

  /** Resources as they are written: what refers to one that has another name now calls it by that. */
  renamed(resources: readonly ResourceState[]): readonly ResourceState[] {
    if (this.#newNames.size === 0) return resources;
    const names = new Map(this.#newNames);
    for (const { urn, parent } of resources) {
      const above = parent === undefined ? undefined : names.get(parent);
      if (above === undefined || parseUrn(above).type === stackType || names.has(urn)) continue;
      const { stack, project, type, name } = parseUrn(urn);
      names.set(urn, makeUrn(stack, project, above, type, name));
    }
    const nameOf = (urn: string) => names.get(urn) ?? urn;
    return resources.map((state) => withNames(state, nameOf));
  }
}

/** A resource with all URNs in it given by a function; the same object where none is another. */
function withNames(state: ResourceState, nameOf: (urn: string) => string): ResourceState {
  const { urn, parent, dependencies, propertyDependencies = {}, provider } = state;
  const named = [urn, parent ?? "", ...(dependencies ?? []), ...Object.values(propertyDependencies).flat()];
  const reference = provider === undefined ? undefined : parseProviderReference(provider);
  if ([...named, reference?.urn ?? ""].every((one) => nameOf(one) === one)) return state;
  return {
    ...state,
    urn: nameOf(urn),
    ...(parent !== undefined && { parent: nameOf(parent) }),
    ...(dependencies !== undefined && { dependencies: dependencies.map(nameOf) }),
    ...(state.propertyDependencies !== undefined && {
      propertyDependencies: Object.fromEntries(
        Object.entries(propertyDependencies).map(([key, urns]) => [key, urns.map(nameOf)]),
      ),
    }),
    ...(reference !== undefined && { provider: `${nameOf(reference.urn)}::${reference.id}` }),
  };
}
