import { whyUnreachable } from "./aks.ts";
import { isAks } from "./authorizer.ts";
import { managedClusterType, resourceGroupType } from "./azure.ts";
import { type Cloud, CloudError } from "./cloud.ts";

/*
 * The API server that objects are in, and what it and Pulumi's provider say where they are not, or it does not answer.
 */

export const releaseType = "kubernetes:helm.sh/v3:Release";

/** What objects live in that are in a cluster that was there before. */
const existingCluster = "existing-cluster";

/** Why there is no API server any more: the sandbox's own words. */
export const clusterGone = "there is no such cluster";

/** Why the API server does not answer; undefined where it does. */
function silenceOf(cloud: Cloud): string | undefined {
  const [aks] = cloud.ofType(managedClusterType);
  if (aks !== undefined) return whyUnreachable(cloud, aks.properties);
  return cloud.ofType(resourceGroupType).length > 0 ? clusterGone : undefined;
}

const unreachable = (what: string) => new CloudError(503, "Unreachable", what);

/**
 * The id of the cluster that objects live in: the one AKS cluster, or a cluster that was there before.
 *
 * @throws CloudError where it does not answer. Wording: the Kubernetes provider.
 */
export function clusterOf(cloud: Cloud): string {
  const why = silenceOf(cloud);
  if (why !== undefined) throw unreachable(`configured Kubernetes cluster is unreachable: ${why}`);
  return cloud.ofType(managedClusterType)[0]?.id ?? existingCluster;
}

/** The same for what is done to a Helm release, of which the provider has words of its own. */
export function requireHelm(cloud: Cloud, doing: "create" | "update"): void {
  const why = silenceOf(cloud);
  if (why !== undefined) throw unreachable(`can't ${doing} Helm Release with unreachable cluster: ${why}`);
}

/** What the Kubernetes provider says where the API server does not answer, and there is something to read or to delete. */
const unanswered = {
  read: "failed to read resource state due to unreachable cluster",
  delete: "configured Kubernetes cluster is unreachable",
};

/**
 * Whether an object is forgotten because the API server does not answer, which the provider's own environment variable says.
 *
 * @throws CloudError where it does not answer, and nothing says so: no object is taken for gone because of that
 */
export function isForgotten(cloud: Cloud, type: string, doing: keyof typeof unanswered): boolean {
  if (!type.startsWith("kubernetes:")) return false;
  const isThere = isAks(cloud) || cloud.objects.some(({ parent }) => parent === existingCluster);
  const why = isThere ? silenceOf(cloud) : clusterGone;
  if (why === undefined) return false;
  // The provider forgets no release by deleting it.
  if (doing === "delete" && type === releaseType)
    throw unreachable(`can't delete Helm Release with unreachable cluster. Reason: "${why}"`);
  if (process.env.PULUMI_K8S_DELETE_UNREACHABLE === "true") return true;
  throw unreachable(
    `${unanswered[doing]}. If the cluster was deleted, you can remove this resource from Pulumi state by rerunning the operation with the PULUMI_K8S_DELETE_UNREACHABLE environment variable set to "true": ${why}`,
  );
}

/** The cloud's key of a namespace. */
export function namespaceId(name: string): string {
  return `namespaces/${name}`;
}

/** @throws CloudError where there is no such namespace. Wording: the Kubernetes API server. */
export function requireNamespace(cloud: Cloud, name: string): void {
  clusterOf(cloud);
  if (cloud.get(namespaceId(name)) === undefined) throw notFound(`namespaces "${name}"`);
}

/** Wording: the Kubernetes API server. An update begins with reading what it changes, in a preview too. */
export function notFound(what: string): CloudError {
  return new CloudError(404, "NotFound", `${what} not found`);
}

/** Wording: the Kubernetes API server. A preview is told so too: the provider asks it to create without doing it. */
export function existing(what: string): CloudError {
  return new CloudError(409, "AlreadyExists", `${what} already exists`);
}

/** The cloud's key of a ConfigMap. */
export function configMapKey(namespace: string, name: string): string {
  return `configmaps/${namespace}/${name}`;
}
