import { isOfCluster } from "../../model/apiResources.ts";
import { namespaceScope } from "../../model/names.ts";
import { azureRefusal } from "../../model/patience.ts";
import { allows, azureRights, kubernetesRights, type Request } from "../../model/rights.ts";
import { type AzureRole, azureRoles } from "../../model/roles.ts";
import { managedClusterType, roleAssignmentType } from "./azure.ts";
import type { Cloud } from "./cloud.ts";
import { nameOf } from "./entra.ts";
import { text } from "./kind.ts";

export const roleBindingType = "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding";

/** Whether something may be done. */
export interface Answer {
  readonly allowed: boolean;
  /** The role that allows it, or the words of the API server that refuses. */
  readonly why: string;
}

/** Somebody who asks. */
export interface Caller {
  readonly name: string;
  /** Their own object id first, then those of the groups that they are in; on a host without Entra ID their name. */
  readonly objectIds: readonly string[];
}

/**
 * What the host's API server answers: Azure's authorizer on AKS, Kubernetes' own elsewhere.
 *
 * @param namespace where it is asked; the whole cluster where it is left out
 * @param at milliseconds of the cloud's clock: a role assignment counts once it is in effect
 */
export function authorize(
  cloud: Cloud,
  caller: Caller,
  request: Request,
  namespace: string | undefined,
  at = cloud.now(),
): Answer {
  const where = isOfCluster(request) ? undefined : namespace;
  const roles = [...assignmentsOf(cloud, caller, at), ...bindingsOf(cloud, caller)].filter(
    ({ namespace: held }) => held === undefined || held === where,
  );
  const [role] = roles.filter(({ rights }) => allows(rights, request));
  if (role === undefined) {
    // Wording: AKS, for whoever has no role for it in Azure RBAC; elsewhere Kubernetes' own.
    const azure = isAks(cloud) ? `: ${azureRefusal}. Update role assignment to allow access.` : "";
    return { allowed: false, why: `${forbidden(request, caller.name, where)}${azure}` };
  }
  return {
    allowed: true,
    why: `${role.name} ${role.namespace === undefined ? "at the cluster" : `in namespace '${role.namespace}'`}`,
  };
}

/** True where the host is the stack's own AKS cluster, false where it was there before. */
export function isAks(cloud: Cloud): boolean {
  return cloud.ofType(managedClusterType).length > 0;
}

/** Whoever deploys. On the sandbox that is one of the cluster's administrators, or a member of such a group. */
export function deployingIdentity(cloud: Cloud): Caller {
  const objectIds = cloud
    .ofType(roleAssignmentType)
    .filter(({ properties }) => text(properties, "roleDefinitionId").endsWith(azureRoles.clusterAdmin.id))
    .map(({ properties }) => text(properties, "principalId"));
  const [first = ""] = objectIds;
  return { name: nameOf(first) ?? "the deploying identity", objectIds };
}

/** A role that somebody holds. */
export interface Held {
  readonly name: string;
  readonly rights: (typeof azureRights)[AzureRole];
  /** The namespace that the role holds in; the whole cluster where it is left out. */
  readonly namespace?: string;
}

function assignmentsOf(cloud: Cloud, { objectIds }: Caller, at: number): Held[] {
  const [cluster] = cloud.ofType(managedClusterType);
  if (cluster === undefined) return [];
  return cloud.ofType(roleAssignmentType).flatMap(({ properties, effectiveFrom = 0 }) => {
    const [role] =
      Object.entries(azureRoles).find(([, { id }]) => text(properties, "roleDefinitionId").endsWith(id)) ?? [];
    if (!objectIds.includes(text(properties, "principalId")) || role === undefined || effectiveFrom > at) return [];
    const scope = text(properties, "scope").toLowerCase();
    const start = namespaceScope(cluster.id, "").toLowerCase();
    const held = { name: `role '${azureRoles[role as AzureRole].name}'`, rights: azureRights[role as AzureRole] };
    return [{ ...held, ...(scope.startsWith(start) && { namespace: scope.slice(start.length) }) }];
  });
}

/** A role binding, in the host's namespace or inside a virtual cluster. */
export interface Binding {
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly roleRef: { readonly name: keyof typeof kubernetesRights };
  readonly subjects: readonly { readonly name: string }[];
}

function bindingsOf(cloud: Cloud, { objectIds }: Caller): Held[] {
  const bindings = cloud.ofType(roleBindingType).map(({ properties }) => properties as unknown as Binding);
  return bindings.flatMap((binding) => heldBy(binding, objectIds));
}

/** What a binding gives to anybody of these names. */
export function heldBy({ metadata, roleRef, subjects }: Binding, names: readonly string[]): Held[] {
  if (!subjects.some(({ name }) => names.includes(name))) return [];
  const { name, namespace } = metadata;
  const held = { name: `binding '${name}' to '${roleRef.name}'`, rights: kubernetesRights[roleRef.name] };
  return [{ ...held, ...(namespace !== undefined && { namespace }) }];
}

/** Wording: the Kubernetes API server. */
export function forbidden(
  { verb, group, resource, subresource }: Request,
  user: string,
  namespace: string | undefined,
): string {
  const kind = subresource === "" ? resource : `${resource}/${subresource}`;
  const where = namespace === undefined ? "at the cluster scope" : `in the namespace "${namespace}"`;
  return `${group === "" ? resource : `${resource}.${group}`} is forbidden: User "${user}" cannot ${verb} resource "${kind}" in API group "${group}" ${where}`;
}
