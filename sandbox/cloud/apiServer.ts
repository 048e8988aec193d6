import { requireReachable } from "./aks.ts";
import { isAks } from "./authorizer.ts";
import { managedClusterType, resourceGroupType } from "./azure.ts";
import { type Cloud, CloudError } from "./cloud.ts";

/*
 * The API server that objects are in, and what it and Pulumi's provider say where they are not, or it does not answer.
 */

export const releaseType = "kubernetes:helm.sh/v3:Release";

/** What objects live in that are in a cluster that was there before. */
const existingCluster = "existing-cluster";

/** The id of the cluster that objects live in: the one AKS cluster, or a cluster that was there before. */
export function clusterOf(cloud: Cloud): string {
  const [aks] = cloud.ofType(managedClusterType);
  if (aks === undefined && cloud.ofType(resourceGroupType).length > 0) {
    // Wording: the Kubernetes provider, for an API server that does not answer.
    throw new CloudError(503, "Unreachable", "configured Kubernetes cluster is unreachable");
  }
  if (aks !== undefined) requireReachable(cloud, aks.properties);
  return aks?.id ?? existingCluster;
}

/** What the Kubernetes provider says where the API server does not answer, and there is something to read or to delete. */
const unreachable = {
  read: "failed to read resource state due to unreachable cluster",
  delete: "configured Kubernetes cluster is unreachable",
};

/**
 * Nothing is taken for gone because the API server does not answer.
 *
 * @returns true where it does not, and the provider's own environment variable says that what was in it is forgotten
 * @throws CloudError where it does not, and nothing says so
 */
export function isForgotten(cloud: Cloud, type: string, doing: keyof typeof unreachable): boolean {
  if (!type.startsWith("kubernetes:")) return false;
  try {
    if (isAks(cloud) || cloud.objects.some(({ parent }) => parent === existingCluster)) clusterOf(cloud);
    else throw unanswered(unreachable[doing]);
    return false;
  } catch (error) {
    // Wording: the Kubernetes provider, which forgets no release by deleting it.
    if (doing === "delete" && type === releaseType)
      throw new CloudError(503, "Unreachable", "can't delete Helm Release with unreachable cluster");
    if (process.env.PULUMI_K8S_DELETE_UNREACHABLE === "true") return true;
    throw error;
  }
}

const unanswered = (what: string) =>
  new CloudError(
    503,
    "Unreachable",
    `${what}. If the cluster was deleted, you can remove this resource from Pulumi state by rerunning the operation with the PULUMI_K8S_DELETE_UNREACHABLE environment variable set to "true"`,
  );

/** The cloud's key of a namespace. */
export function namespaceId(name: string): string {
  return `namespaces/${name}`;
}

/** @throws CloudError where there is no such namespace. Wording: the Kubernetes API server. */
export function requireNamespace(cloud: Cloud, name: string): void {
  clusterOf(cloud);
  if (cloud.get(namespaceId(name)) === undefined)
    throw new CloudError(404, "NotFound", `namespaces "${name}" not found`);
}

/** Wording: the Kubernetes API server. A preview is told so too: the provider asks it to create without doing it. */
export function existing(what: string): CloudError {
  return new CloudError(409, "AlreadyExists", `${what} already exists`);
}
