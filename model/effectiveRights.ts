import { allows, azureRights, type Request } from "./rights.ts";
import { type AccessList, rolesInside } from "./roles.ts";
import type { HostRole, Tenant } from "./tenantSchema.ts";

/** What somebody is inside a virtual cluster, whatever list they stand in: a ClusterRole, or nothing. */
export type RightInside = (typeof rolesInside)[AccessList] | "none";

/** What the people of a list can really do inside, and why where that is not what the list says. */
export interface EffectiveRight {
  readonly right: RightInside;
  readonly because?: "secrets" | "unreachable" | "no sign-in" | "stopped";
}

/**
 * What makes an administrator inside of whoever may do it in the host's namespace: Secret `vc-<name>` holds the
 * administrator's kubeconfig, and exec into the control plane's pod reaches the same.
 */
export const administratorRequests: readonly Request[] = [
  { verb: "get", group: "", resource: "secrets", subresource: "" },
  { verb: "create", group: "", resource: "pods", subresource: "exec" },
];

/** What reaches a virtual cluster that has no address of its own. */
export const reachRequest: Request = { verb: "create", group: "", resource: "pods", subresource: "portforward" };

/** True where a host role lets its holder do something in the tenant's namespace. The roles of Azure and of Kubernetes agree here. */
function may(hostRole: HostRole, request: Request): boolean {
  return hostRole !== "none" && allows(azureRights[hostRole], request);
}

/** The lists of `access`, those with the most rights first. */
export const accessLists = ["admins", "developers", "viewers"] as const satisfies readonly AccessList[];

/** What the people of a list can really do inside: host role, exposure, sign-in and lifecycle count as well as the list. */
export function effectiveRight(
  { hostRole, expose, lifecycle }: Pick<Tenant, "hostRole" | "expose" | "lifecycle">,
  list: AccessList,
  { signIn }: { readonly signIn: boolean },
): EffectiveRight {
  // Viewers hold no role on the host.
  const held = list === "viewers" ? "none" : hostRole;
  if (lifecycle !== "active") return { right: "none", because: "stopped" };
  if (administratorRequests.some((request) => may(held, request)))
    return { right: "cluster-admin", because: "secrets" };
  if (expose === "none" && !may(held, reachRequest)) return { right: "none", because: "unreachable" };
  if (!signIn) return { right: "none", because: "no sign-in" };
  return { right: rolesInside[list] };
}

/** A right in a few words, as plans and outputs show it: "edit", "cluster-admin by hostRole writer", "none (no sign-in)". */
export function describeRight({ right, because }: EffectiveRight, hostRole: HostRole): string {
  if (because === undefined) return right;
  return because === "secrets" ? `${right} by hostRole ${hostRole}` : `${right} (${because})`;
}

/** The same for each list that names anybody. */
export function effectiveRights(
  tenant: Pick<Tenant, "access" | "hostRole" | "expose" | "lifecycle">,
  stack: { readonly signIn: boolean },
): Partial<Record<AccessList, EffectiveRight>> {
  const named = accessLists.filter((list) => tenant.access[list].length > 0);
  return Object.fromEntries(named.map((list) => [list, effectiveRight(tenant, list, stack)]));
}
