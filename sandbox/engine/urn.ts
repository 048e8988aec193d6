/** What a resource's URN says of it. */
export interface UrnParts {
  readonly stack: string;
  readonly project: string;
  /** The types of the parents and of the resource itself, joined by `$`. */
  readonly qualifiedType: string;
  readonly type: string;
  readonly name: string;
}

/** The type of every stack's root. */
export const stackType = "pulumi:pulumi:Stack";
/** The type of a reference to a stack, which the engine itself reads. */
export const stackReferenceType = "pulumi:pulumi:StackReference";

export function parseUrn(urn: string): UrnParts {
  const [, stack = "", project = "", qualifiedType = "", ...name] = urn.replace("urn:pulumi:", "::").split("::");
  return { stack, project, qualifiedType, type: qualifiedType.split("$").at(-1) ?? "", name: name.join("::") };
}

/** A resource's URN: the types of its parents are part of it, their names are not, and the stack itself is left out. */
export function makeUrn(stack: string, project: string, parent: string, type: string, name: string): string {
  const above = parent === "" ? "" : parseUrn(parent).qualifiedType;
  const qualified = above === "" || above === stackType ? type : `${above}$${type}`;
  return `urn:pulumi:${stack}::${project}::${qualified}::${name}`;
}

/** A resource's package: "azure-native" of "azure-native:resources:ResourceGroup". */
export function packageOf(type: string): string {
  return type.split(":")[0] ?? "";
}

/** The prefix of every provider's type. */
export const providerType = "pulumi:providers:";

/** A reference to a provider instance, `<urn>::<id>`, taken apart. */
export function parseProviderReference(reference: string): { urn: string; id: string } {
  const end = reference.lastIndexOf("::");
  return { urn: reference.slice(0, end), id: reference.slice(end + 2) };
}
