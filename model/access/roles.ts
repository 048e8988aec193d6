import type { Principal, ResolvedPrincipal } from "../tenant/principals.ts";
import { type HostRole, hostRoles, type Tenant } from "../tenant/tenantSchema.ts";
import { namespaceScope, roleAssignmentName } from "./scopes.ts";

/*
 * The one place that grants anything: who holds which role where, on Azure, on a host without Azure and inside virtual
 * clusters. Components register what is computed here, and nothing else gives anybody a right.
 */

/**
 * Azure's built-in roles that this program assigns, with their GUIDs, which are the same in every subscription, and the
 * names that `az role` and the portal show. Source: Azure built-in roles, "Containers".
 */
export const azureRoles = {
  /** Everything on the Kubernetes API, in every namespace; may also fetch the user kubeconfig. */
  clusterAdmin: { id: "b1ff04bb-8a4e-4dc4-8eb5-8693973ce19b", name: "Azure Kubernetes Service RBAC Cluster Admin" },
  /** May fetch the user kubeconfig (`az aks get-credentials`); gives no right inside the cluster. */
  clusterUser: { id: "4abbcc35-e782-43d8-92c5-2d3f1bd2253f", name: "Azure Kubernetes Service Cluster User Role" },
  /** Administrator of a namespace, without its quota and the namespace object itself. */
  admin: { id: "3498e952-d568-435e-9b2c-8d77e338d7f7", name: "Azure Kubernetes Service RBAC Admin" },
  /** Reads and writes most objects of a namespace, its Secrets among them. */
  writer: { id: "a7ffa36f-339b-4b5c-8bdf-e2c188b2c0eb", name: "Azure Kubernetes Service RBAC Writer" },
  /** Reads most objects of a namespace; no Secrets, no port-forward. */
  reader: { id: "7f6c6a51-bcf8-42ba-9220-52d62157d7db", name: "Azure Kubernetes Service RBAC Reader" },
} as const;

/** A role in {@link azureRoles}. */
export type AzureRole = keyof typeof azureRoles;

/**
 * What a cluster's own identity needs on a network that AKS has not made: to put nodes and load balancers into its subnet.
 * Source: AKS, "Configure Azure CNI networking", prerequisites; Azure built-in roles, "Networking".
 */
export const networkContributor = { id: "4d97b98b-1d4f-4787-a291-c67834d212e7", name: "Network Contributor" } as const;

/** Every role of Azure that this program assigns: the deploying identity must be let assign these, and no other. */
export const assignedRoles: readonly { readonly id: string; readonly name: string }[] = [
  ...Object.values(azureRoles),
  networkContributor,
];

/** The ClusterRole of Kubernetes that stands for a host role where there is no Azure RBAC. */
const kubernetesRoles = { reader: "view", writer: "edit", admin: "admin" } as const satisfies Record<
  Exclude<HostRole, "none">,
  string
>;

/** What a host role is called where it is held: Azure's role, or Kubernetes' ClusterRole; undefined for none. */
export function hostRoleName(hostRole: HostRole, azure: boolean): string | undefined {
  if (hostRole === "none") return undefined;
  return azure ? azureRoles[hostRole].name : `ClusterRole ${kubernetesRoles[hostRole]}`;
}

/**
 * True where everything that one role lets its holder do, another one lets, too. Host roles are in order on Azure and on Kubernetes; of
 * any other role that is not known.
 *
 * @param role Azure's role by its GUID, or Kubernetes' by the name of its ClusterRole
 */
export function isNoMoreThan(role: string, other: string): boolean {
  const rank = (id: string) =>
    hostRoles.findIndex((name) => name !== "none" && (azureRoles[name].id === id || kubernetesRoles[name] === id));
  return role === other || (rank(role) >= 0 && rank(role) <= rank(other));
}

/** What each list of a tenant's `access` is inside its virtual cluster: a ClusterRole that every Kubernetes has. */
export const rolesInside = { admins: "cluster-admin", developers: "edit", viewers: "view" } as const satisfies Record<
  AccessList,
  string
>;

/** A list of a tenant's `access`. */
export type AccessList = keyof Tenant["access"];

/** A tenant's people by object id, in the lists of its `access`. */
export type Members = Readonly<Record<AccessList, readonly ResolvedPrincipal[]>>;

/** A tenant's people while it is active, and nobody otherwise: suspending and offboarding withdraw all access. */
export function activeAccess({ access, lifecycle }: Tenant): Tenant["access"] {
  return lifecycle === "active" ? access : { admins: [], developers: [], viewers: [] };
}

/** The people who hold the tenant's host role: its admins and developers, while it is active; never its viewers. */
export function hostMembers(tenant: Tenant): readonly Principal[] {
  const { admins, developers } = activeAccess(tenant);
  return tenant.hostRole === "none" ? [] : [...admins, ...developers];
}

/** Somebody holds one of Azure's roles on the host. */
export interface Grant {
  readonly role: AzureRole;
  readonly principal: ResolvedPrincipal;
  /** Where it holds; the whole cluster where it is left out. */
  readonly namespace?: string;
}

/** Roles that hold at the whole cluster, by what the role assignments are called that give them. */
const clusterRoles = { admin: "clusterAdmin", user: "clusterUser" } as const satisfies Record<string, AzureRole>;

/** A role that holds at the whole cluster. */
export type ClusterRole = (typeof clusterRoles)[keyof typeof clusterRoles];

/** What the role assignment of somebody's role at the whole cluster is registered as. */
export function clusterGrantName(component: string, { role, principal }: Grant): string {
  return `${component}-${role === "clusterAdmin" ? "admin" : "user"}-${principal.objectId}`;
}

/** Whose role at the whole cluster a role assignment of that name gives; undefined for any other. */
export function clusterGrantOf(name: string): { readonly role: ClusterRole; readonly objectId: string } | undefined {
  const [, kind, objectId] = /-(admin|user)-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.exec(name) ?? [];
  return kind === undefined || objectId === undefined
    ? undefined
    : { role: clusterRoles[kind as keyof typeof clusterRoles], objectId };
}

/**
 * What holds at the whole cluster: its administrators, and everybody who works in some namespace, who may fetch the
 * kubeconfig. It is granted once a person, so that no tenant's change touches another's access.
 */
export function clusterGrants(
  admins: readonly ResolvedPrincipal[],
  users: readonly ResolvedPrincipal[],
): { readonly admins: Grant[]; readonly users: Grant[] } {
  const to = (role: AzureRole) => (principal: ResolvedPrincipal) => ({ role, principal });
  return { admins: admins.map(to("clusterAdmin")), users: users.map(to("clusterUser")) };
}

/**
 * What holds in a tenant's namespace: its host role, for each member.
 *
 * @param members the tenant's {@link hostMembers}, each once
 */
export function namespaceGrants({ hostRole, namespace }: Tenant, members: readonly ResolvedPrincipal[]): Grant[] {
  return hostRole === "none" ? [] : members.map((principal) => ({ role: hostRole, principal, namespace }));
}

/**
 * The role assignment that makes a grant true.
 *
 * Its name is the same on every machine and after a lost state. With the principal's type Azure does not look the
 * principal up, which fails for one that is not replicated yet. The role's id has the subscription in it, as Azure
 * returns it: the short form would show as a difference after every refresh.
 */
export function roleAssignment({ role, principal, namespace }: Grant, clusterId: string) {
  const scope = namespace === undefined ? clusterId : namespaceScope(clusterId, namespace);
  return assignmentAt(scope, azureRoles[role].id, principal);
}

/** The role assignment of a cluster's identity at its network, or at its subnet in another's. */
export function networkAssignment(scope: string, objectId: string) {
  return assignmentAt(scope, networkContributor.id, { objectId, type: "ServicePrincipal" });
}

function assignmentAt(scope: string, roleId: string, { objectId, type }: ResolvedPrincipal) {
  const [, , subscriptionId] = scope.split("/");
  return {
    scope,
    roleAssignmentName: roleAssignmentName(scope, objectId, roleId),
    principalId: objectId,
    principalType: type,
    roleDefinitionId: `/subscriptions/${subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/${roleId}`,
  };
}

/**
 * How a role assignment changes: never in place, which Azure refuses, and never beside the old one, which it refuses too
 * where scope, principal and role are the same. The provider itself replaces on scope and principal only.
 */
export const replaceRules = {
  deleteBeforeReplace: true,
  replaceOnChanges: ["roleAssignmentName", "roleDefinitionId", "principalType"],
};

const rbac = "rbac.authorization.k8s.io";

/**
 * The RoleBinding that stands for a tenant's host role on a host without Azure; undefined where it has none. It stays where
 * nobody holds it: to lose its subjects is an update, and engines delete last, and not where anything has failed.
 */
export function hostRoleBinding(
  { hostRole }: Tenant,
  members: readonly ResolvedPrincipal[],
): { readonly name: string; readonly roleRef: RoleRef; readonly subjects: Subject[] } | undefined {
  if (hostRole === "none") return undefined;
  return { name: "tenant-host-role", roleRef: clusterRole(kubernetesRoles[hostRole]), subjects: members.map(subject) };
}

/**
 * The groups that stand inside for the lists of `access`: who is in them is told by the API server's authentication, not
 * by bindings. No token can claim one, for the names of its own groups begin with a prefix.
 */
export const groupsInside = {
  admins: "virtual-clusters:admins",
  developers: "virtual-clusters:developers",
  viewers: "virtual-clusters:viewers",
} as const satisfies Record<AccessList, string>;

/** What the lists of `access` mean inside: the same for every tenant, whoever its people are. */
export function bindingsInside() {
  return Object.entries(rolesInside).map(([list, role]) => ({
    apiVersion: `${rbac}/v1`,
    kind: "ClusterRoleBinding",
    // Release 0.1.0 named people in bindings of these names: another name would leave those people in.
    metadata: { name: `tenant-${list}` },
    roleRef: clusterRole(role),
    subjects: [{ apiGroup: rbac, kind: "Group", name: groupsInside[list as AccessList] }],
  }));
}

interface RoleRef {
  readonly apiGroup: string;
  readonly kind: "ClusterRole";
  readonly name: string;
}

interface Subject {
  readonly apiGroup: string;
  readonly kind: "User" | "Group";
  readonly name: string;
}

function clusterRole(name: string): RoleRef {
  return { apiGroup: rbac, kind: "ClusterRole", name };
}

/** Kubernetes knows users and groups; a service principal signs in as a user. */
function subject({ type, objectId }: ResolvedPrincipal): Subject {
  return { apiGroup: rbac, kind: type === "Group" ? "Group" : "User", name: objectId };
}
