import { listedInside } from "../access/authentication.ts";
import { isNoMoreThan } from "../access/roles.ts";
import { signInFileOf } from "../deploy/signInFile.ts";
import { isGrouping, knownLater, type Resource, type Step, stepsByTenant } from "./steps.ts";

const deleted = (steps: readonly Step[]) =>
  steps.flatMap(({ op, before }) => (op === "delete" && before !== undefined ? [before] : []));

/** The roles that a deployment takes from people before all else, by URN. */
export interface Withdrawals {
  /** Those that are deleted: nobody has them any more, or whoever has gets another one in their place later. */
  readonly deleted: readonly string[];
  /** Those that stay, with fewer people; and files that say who gets into a virtual cluster, and say fewer. */
  readonly updated: readonly string[];
}

/**
 * What a deployment takes from a tenant's people: a role, or a part of what it lets them do. Engines delete last, and not where anything
 * has failed, and they change nothing that waits for what failed: access that was withdrawn would stay. A role that is only raised waits,
 * so that nobody is without one meanwhile. So does what the whole cluster needs, such as the deploying identity's own role.
 */
export function withdrawals(steps: readonly Step[]): Withdrawals {
  const losing = [...stepsByTenant(steps)].flatMap(([tenant, of]) => (tenant === undefined ? [] : of.filter(isLoss)));
  const urns = (isUpdate: boolean) =>
    losing.flatMap(({ op, before }) => (before !== undefined && (op === "update") === isUpdate ? [before.urn] : []));
  return { deleted: urns(false), updated: urns(true) };
}

/** True where somebody who holds a role on the host can do less afterwards. */
function isLoss({ op, before, after }: Step): boolean {
  if (op === "same" || before === undefined) return false;
  // What is mounted into a control plane stays as long as that runs.
  if (isSignInFile(before) && op !== "update") return false;
  const now = new Map(after && holders(after));
  return holders(before).some(([who, role]) => {
    const next = now.get(who);
    // A cluster that is made anew has no roles yet, and what people have ends with the old one.
    return next === undefined || (next !== knownLater && !isNoMoreThan(role, next));
  });
}

function isSignInFile({ type, inputs }: Resource): boolean {
  return type === "kubernetes:core/v1:ConfigMap" && signInFileOf(inputs) !== undefined;
}

/** Who holds which role on the host, by what gives it on Azure and elsewhere; and who is in which list inside. */
function holders(resource: Resource): [who: string, role: string][] {
  const { type, inputs } = resource;
  if (isSignInFile(resource)) {
    return listedInside(signInFileOf(inputs) ?? "").map(({ objectId, group }) => [`${group} ${objectId}`, "inside"]);
  }
  if (type === "azure-native:authorization:RoleAssignment") {
    const { principalId, roleDefinitionId } = inputs as { principalId?: string; roleDefinitionId?: string };
    return [[`${principalId}`, `${roleDefinitionId}`.replace(/^.*\//, "")]];
  }
  if (type !== "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding") return [];
  const { subjects = [], roleRef } = inputs as {
    subjects?: readonly { readonly kind: string; readonly name: string }[];
    roleRef?: { readonly name: string };
  };
  return subjects.map(({ kind, name }) => [`${kind} ${name}`, `${roleRef?.name}`]);
}

/** The URNs of all that a deployment deletes and has not deleted yet. */
export function unwanted(steps: readonly Step[], done: ReadonlySet<string>): string[] {
  return deleted(steps).flatMap(({ urn }) => (done.has(urn) ? [] : [urn]));
}

/** The tenants of which something is left to be done, in their order; undefined after them for what is of no tenant. */
export function tenantsLeft(steps: readonly Step[], done: ReadonlySet<string>): (string | undefined)[] {
  const isLeft = ({ op, before, after }: Step) => {
    const resource = after ?? before;
    return op !== "same" && resource !== undefined && !isGrouping(resource) && !done.has(resource.urn);
  };
  const names = [...stepsByTenant(steps)].flatMap(([tenant, of]) => (of.some(isLeft) ? [tenant] : []));
  return names.sort();
}
