import type { HostRole, Tenant } from "../tenant/tenantSchema.ts";
import { azureAllows, type Request } from "./rights.ts";
import { type AccessList, rolesInside } from "./roles.ts";

/** How somebody gets into a virtual cluster, or what keeps them out. */
export type WayIn =
  /** As administrator, whatever list they stand in: the host lets them open the control plane. */
  | "control plane"
  /** As the list of `access` says. */
  | "access"
  /** Not at all, for want of an address or of port-forward. */
  | "unreachable"
  /** Not at all, for the stack has no sign-in. */
  | "no sign-in"
  /** Not at all: the control plane is stopped. */
  | "stopped";

/** What decides how somebody gets in. */
export interface Circumstances {
  /** Whether somebody may do something in the tenant's namespace on the host. */
  readonly may: (request: Request) => boolean;
  readonly stopped: boolean;
  /** Whether the virtual cluster has an address of its own. */
  readonly exposed: boolean;
  /** Whether the stack has the setting `signIn`. */
  readonly signIn: boolean;
}

/**
 * What opens the control plane to whoever may do it in the host's namespace: Secret `vc-<name>` holds the administrator's
 * kubeconfig, and exec into the pod reaches the same.
 */
const opensControlPlane: readonly Request[] = [
  { verb: "get", group: "", resource: "secrets", subresource: "" },
  { verb: "list", group: "", resource: "secrets", subresource: "" },
  { verb: "create", group: "", resource: "pods", subresource: "exec" },
];

/** What reaches a virtual cluster that has no address of its own. */
const portForward: Request = { verb: "create", group: "", resource: "pods", subresource: "portforward" };

/** How somebody gets into a virtual cluster. */
export function wayIn({ may, stopped, exposed, signIn }: Circumstances): WayIn {
  if (stopped) return "stopped";
  if (opensControlPlane.some(may)) return "control plane";
  if (!exposed && !may(portForward)) return "unreachable";
  return signIn ? "access" : "no sign-in";
}

/** What the people of a list can really do inside: a ClusterRole, or nothing; and how they get in. */
export interface EffectiveRight {
  readonly right: (typeof rolesInside)[AccessList] | "none";
  readonly way: WayIn;
}

/** True where a host role lets its holder do it in the tenant's namespace; Azure's roles and Kubernetes' agree on what is asked here. */
function may(hostRole: HostRole, request: Request): boolean {
  return hostRole !== "none" && azureAllows(hostRole, request);
}

/** True where people with a host role can make things in the tenant's namespace that outlive the role. */
export function mayLeaveThings(hostRole: HostRole): boolean {
  return may(hostRole, { verb: "create", group: "", resource: "pods", subresource: "" });
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
  const way = wayIn({
    may: (request) => may(held, request),
    stopped: lifecycle !== "active",
    exposed: expose !== "none",
    signIn,
  });
  if (way === "access") return { right: rolesInside[list], way };
  return { right: way === "control plane" ? "cluster-admin" : "none", way };
}

/** A right in a few words, as plans and outputs show it: "edit", "cluster-admin by hostRole writer", "none (no sign-in)". */
export function describeRight({ right, way }: EffectiveRight, hostRole: HostRole): string {
  if (way === "access") return right;
  return way === "control plane" ? `${right} by hostRole ${hostRole}` : `${right} (${way})`;
}

/** The same for each list that names anybody. */
export function effectiveRights(
  tenant: Pick<Tenant, "access" | "hostRole" | "expose" | "lifecycle">,
  stack: { readonly signIn: boolean },
): Partial<Record<AccessList, EffectiveRight>> {
  const named = accessLists.filter((list) => tenant.access[list].length > 0);
  return Object.fromEntries(named.map((list) => [list, effectiveRight(tenant, list, stack)]));
}
