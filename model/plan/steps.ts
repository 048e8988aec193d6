import { tenantType } from "../deploy/tenantUrns.ts";

/** What an engine does to a resource; the names are Pulumi's. */
export type Op = "same" | "create" | "update" | "replace" | "delete";

/** A resource as an engine has it in its state, as far as a plan tells of it. */
export interface Resource {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  /** The URN of what it belongs to; left out for the stack itself. */
  readonly parent?: string;
  /** True where the engine refuses to delete it. */
  readonly protect: boolean;
  /** True where the cloud keeps it when it leaves the state. */
  readonly retain: boolean;
  /** What the program asked for. */
  readonly inputs: Readonly<Record<string, unknown>>;
}

/** One resource before and after a deployment. Any engine that can preview gives as much, the real one too. */
export interface Step {
  readonly op: Op;
  /** Left out where it is created. */
  readonly before?: Resource;
  /** Left out where it is deleted. */
  readonly after?: Resource;
}

/** How a run of an engine went: what it did, and what it said. */
export interface Said {
  readonly severity: "error" | "warning";
  readonly message: string;
  /** Such as "Release ml-vcluster"; empty where it is about no resource. */
  readonly about: string;
}

/** What stands for a value that nobody can know before the deployment. */
export const knownLater = "(known once it is deployed)";

/** True for what only groups other resources: no cloud knows it. */
export function isGrouping({ type }: Pick<Resource, "type">): boolean {
  return type.startsWith("virtual-clusters:") || type.startsWith("pulumi:pulumi:");
}

/** A resource's kind in a word: "Release" of "kubernetes:helm.sh/v3:Release", "kubernetes provider" of a provider. */
export function kindOf({ type }: Pick<Resource, "type">): string {
  if (type.startsWith("pulumi:providers:")) return `${type.slice("pulumi:providers:".length)} provider`;
  return type.split(":").at(-1) ?? type;
}

/** The steps of each tenant's resources; those of no tenant under undefined. */
export function stepsByTenant(steps: readonly Step[] = []): Map<string | undefined, Step[]> {
  const known = new Map(
    steps.flatMap(({ before, after }) => [before, after].flatMap((one) => (one ? [[one.urn, one] as const] : []))),
  );
  return Map.groupBy(steps, ({ before, after }) => tenantOf(after ?? before, known));
}

type Placed = Pick<Resource, "type" | "name" | "parent">;

/**
 * The tenant that a resource belongs to; undefined where it is none's.
 *
 * @param known what it and its parents are, by URN
 */
export function tenantOf(one: Placed | undefined, known: ReadonlyMap<string, Placed>): string | undefined {
  if (one === undefined) return undefined;
  return one.type === tenantType ? one.name : tenantOf(known.get(one.parent ?? ""), known);
}
