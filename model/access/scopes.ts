import { v5 as uuidv5 } from "uuid";

/** What an Azure resource id of a managed cluster is made of. */
export interface ClusterId {
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly name: string;
}

/**
 * Takes a managed cluster's resource id apart.
 *
 * @example parseClusterId("/subscriptions/s/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/aks-dev")
 * @throws Error where the id is of another form: that is a defect of this program, not of its input.
 */
export function parseClusterId(id: string): ClusterId {
  const match =
    /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/Microsoft\.ContainerService\/managedClusters\/([^/]+)$/i.exec(
      id,
    );
  if (!match) throw new Error(`not the id of a managed cluster: ${id}`);
  const [, subscriptionId = "", resourceGroup = "", name = ""] = match;
  return { subscriptionId, resourceGroup, name };
}

/** The scope of a role assignment that holds in one namespace only. Source: AKS, "Azure RBAC for Kubernetes". */
export function namespaceScope(clusterId: string, namespace: string): string {
  return `${clusterId}/namespaces/${namespace}`;
}

/** Namespace UUID of this program's role assignments (RFC 9562, version 5). Changing it would rename them all. */
const assignmentNames = "6d5b7c52-1c0e-4a53-9a3f-0d3f8b1f6a11";

/**
 * The name of a role assignment: the same GUID for the same scope, principal and role, on every machine and after a
 * lost state, because Azure refuses a second assignment of the same three under another name.
 */
export function roleAssignmentName(scope: string, principalId: string, roleId: string): string {
  return uuidv5([scope, principalId, roleId].join("|").toLowerCase(), assignmentNames);
}
