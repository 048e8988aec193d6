import { azureAllows, type ClusterRole, kubernetesAllows, type Request } from "../../model/access/rights.ts";
import { type AzureRole, azureRoles } from "../../model/access/roles.ts";
import { namespaceScope } from "../../model/access/scopes.ts";
import { azureRefusal } from "../../model/deploy/patience.ts";
import type { Properties } from "../engine/values.ts";
import { isOfCluster } from "./apiResources.ts";
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
  /** Themselves first, then the groups that they are in. */
  readonly identities: readonly Identity[];
}

/** A name that rights are given to: an object id, or on a host without Entra ID a plain name. */
export interface Identity {
  /** As Kubernetes tells them apart: a service principal is a user. */
  readonly kind: "User" | "Group";
  readonly id: string;
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
  const [role] = roles.filter(({ allows }) => allows(request));
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
    .filter(({ properties }) => roleOf(properties) === "clusterAdmin")
    .map(({ properties }) => text(properties, "principalId"));
  const [first = ""] = objectIds;
  const identities = objectIds.map((id) => ({ kind: "User", id }) as const);
  return { name: nameOf(first) ?? "the deploying identity", identities };
}

/** The role that an assignment gives; undefined for one that this program does not assign. */
function roleOf(assignment: Properties): AzureRole | undefined {
  const definition = text(assignment, "roleDefinitionId");
  return (Object.keys(azureRoles) as AzureRole[]).find((role) => definition.endsWith(azureRoles[role].id));
}

/** A role that somebody holds. */
export interface Held {
  readonly name: string;
  readonly allows: (request: Request) => boolean;
  /** The namespace that the role holds in; the whole cluster where it is left out. */
  readonly namespace?: string;
}

function assignmentsOf(cloud: Cloud, { identities }: Caller, at: number): Held[] {
  const [cluster] = cloud.ofType(managedClusterType);
  if (cluster === undefined) return [];
  return cloud.ofType(roleAssignmentType).flatMap(({ properties, effectiveFrom = 0 }) => {
    const role = roleOf(properties);
    const isTheirs = identities.some(({ id }) => id === text(properties, "principalId"));
    if (!isTheirs || role === undefined || effectiveFrom > at) return [];
    const scope = text(properties, "scope").toLowerCase();
    const start = namespaceScope(cluster.id, "").toLowerCase();
    const allows = (request: Request) => azureAllows(role, request);
    const held = { name: `role '${azureRoles[role].name}'`, allows };
    return [{ ...held, ...(scope.startsWith(start) && { namespace: scope.slice(start.length) }) }];
  });
}

/** A role binding, in the host's namespace or inside a virtual cluster. */
export interface Binding {
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly roleRef: { readonly name: ClusterRole };
  readonly subjects: readonly { readonly kind: string; readonly name: string }[];
}

function bindingsOf(cloud: Cloud, { identities }: Caller): Held[] {
  const bindings = cloud.ofType(roleBindingType).map(({ properties }) => properties as unknown as Binding);
  return bindings.flatMap((binding) => heldBy(binding, identities));
}

/** What a binding gives to somebody. A group that is named as a user is nobody. */
export function heldBy({ metadata, roleRef, subjects }: Binding, identities: readonly Identity[]): Held[] {
  if (!subjects.some((subject) => identities.some(({ kind, id }) => kind === subject.kind && id === subject.name)))
    return [];
  const { name, namespace } = metadata;
  const allows = (request: Request) => kubernetesAllows(roleRef.name, request);
  const held = { name: `binding '${name}' to '${roleRef.name}'`, allows };
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
