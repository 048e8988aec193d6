import { parseAllDocuments } from "yaml";
import { namespaceScope } from "../model/names.ts";
import { allows, azureRights, isOfCluster, kubernetesRights, type Request } from "../model/rights.ts";
import { type AzureRole, azureRoles } from "../model/roles.ts";
import { tokenPrefix } from "../model/signIn.ts";
import { managedClusterType, roleAssignmentType } from "./cloud/azure.ts";
import type { Cloud } from "./cloud/cloud.ts";
import { at, text } from "./cloud/kind.ts";
import { releaseType, roleBindingType } from "./cloud/kubernetes.ts";

/** Where something is asked: on the host, in one of its namespaces or at the whole cluster, or in a virtual cluster. */
export type Place = { readonly namespace?: string } | { readonly tenant: string };

export interface Answer {
  readonly allowed: boolean;
  /** The role that allows it, or the words of the API server that refuses. */
  readonly why: string;
}

/** Somebody who asks: the name that they gave, and the object id behind it. */
export interface Caller {
  readonly name: string;
  readonly objectId: string;
}

/**
 * What the simulated cloud would answer, from the role assignments, role bindings and releases that are deployed in it.
 *
 * @throws Error where no such tenant is deployed.
 */
export function canI(cloud: Cloud, caller: Caller, request: Request, place: Place): Answer {
  return "tenant" in place
    ? inside(cloud, caller, request, place.tenant)
    : onHost(cloud, caller, request, place.namespace);
}

function onHost(cloud: Cloud, caller: Caller, request: Request, namespace?: string): Answer {
  const where = isOfCluster(request) ? undefined : namespace;
  const roles = [...assignmentsOf(cloud, caller), ...bindingsOf(cloud, caller)].filter(
    ({ namespace: held }) => held === undefined || held === where,
  );
  const [role] = roles.filter(({ rights }) => allows(rights, request));
  if (role === undefined) {
    const [cluster] = cloud.ofType(managedClusterType);
    // Wording: AKS, for whoever has no role for it in Azure RBAC; elsewhere Kubernetes' own.
    const azure = ": User does not have access to the resource in Azure. Update role assignment to allow access.";
    return { allowed: false, why: `${forbidden(request, caller.name, where)}${cluster === undefined ? "" : azure}` };
  }
  return {
    allowed: true,
    why: `${role.name} ${role.namespace === undefined ? "at the cluster" : `in namespace '${role.namespace}'`}`,
  };
}

interface Held {
  readonly name: string;
  readonly rights: (typeof azureRights)[AzureRole];
  /** The namespace that the role holds in; the whole cluster where it is left out. */
  readonly namespace?: string;
}

function assignmentsOf(cloud: Cloud, { objectId }: Caller): Held[] {
  const [cluster] = cloud.ofType(managedClusterType);
  if (cluster === undefined) return [];
  return cloud.ofType(roleAssignmentType).flatMap(({ properties }) => {
    const [role] =
      Object.entries(azureRoles).find(([, { id }]) => text(properties, "roleDefinitionId").endsWith(id)) ?? [];
    if (text(properties, "principalId") !== objectId || role === undefined) return [];
    const scope = text(properties, "scope").toLowerCase();
    const start = namespaceScope(cluster.id, "").toLowerCase();
    const held = { name: `role '${azureRoles[role as AzureRole].name}'`, rights: azureRights[role as AzureRole] };
    return [{ ...held, ...(scope.startsWith(start) && { namespace: scope.slice(start.length) }) }];
  });
}

interface Binding {
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly roleRef: { readonly name: keyof typeof kubernetesRights };
  readonly subjects: readonly { readonly name: string }[];
}

function bindingsOf(cloud: Cloud, { objectId }: Caller): Held[] {
  const bindings = cloud.ofType(roleBindingType).map(({ properties }) => properties as unknown as Binding);
  return bindings
    .filter(({ subjects }) => subjects.some(({ name }) => name === objectId))
    .map(({ metadata, roleRef }) => held(metadata.name, roleRef.name, metadata.namespace));
}

function held(binding: string, role: keyof typeof kubernetesRights, namespace?: string): Held {
  const name = `binding '${binding}' to '${role}'`;
  return { name, rights: kubernetesRights[role], ...(namespace !== undefined && { namespace }) };
}

function inside(cloud: Cloud, caller: Caller, request: Request, tenant: string): Answer {
  const releases = cloud.ofType(releaseType).map(({ properties }) => properties);
  const release = releases.find(({ name }) => name === tenant);
  if (release === undefined) {
    const names = releases.map(({ name }) => String(name)).sort();
    throw new Error(`no tenant '${tenant}' is deployed: there are ${names.join(", ") || "none"}`);
  }
  if (at(release, "values.controlPlane.statefulSet.highAvailability.replicas") === 0) {
    return { allowed: false, why: `nobody can do anything in '${tenant}': its control plane is stopped` };
  }
  const namespace = text(release, "namespace");
  const secrets = onHost(cloud, caller, { verb: "get", group: "", resource: "secrets", subresource: "" }, namespace);
  if (secrets.allowed) {
    const why = `administrator inside, whatever 'access' says: reads Secret vc-${tenant} of the host's namespace '${namespace}' by ${secrets.why}`;
    return { allowed: true, why };
  }
  const manifests = at(release, "values.experimental.deploy.vcluster.manifests");
  const user = `${tokenPrefix}${caller.objectId}`;
  if (typeof manifests !== "string") {
    return { allowed: false, why: `${caller.name} cannot sign in to '${tenant}': the stack has no setting signIn` };
  }
  const bindings = parseAllDocuments(manifests).map((document) => document.toJS() as Binding);
  const roles = bindings
    .filter(({ subjects }) => subjects.some(({ name }) => name === user))
    .map(({ metadata, roleRef }) => held(metadata.name, roleRef.name));
  const [role] = roles.filter(({ rights }) => allows(rights, request));
  return role === undefined
    ? { allowed: false, why: forbidden(request, user, undefined) }
    : { allowed: true, why: `${role.name} inside '${tenant}'` };
}

/** Wording: the Kubernetes API server. */
function forbidden(
  { verb, group, resource, subresource }: Request,
  user: string,
  namespace: string | undefined,
): string {
  const kind = subresource === "" ? resource : `${resource}/${subresource}`;
  const where = namespace === undefined ? "at the cluster scope" : `in the namespace "${namespace}"`;
  return `${group === "" ? resource : `${resource}.${group}`} is forbidden: User "${user}" cannot ${verb} resource "${kind}" in API group "${group}" ${where}`;
}
