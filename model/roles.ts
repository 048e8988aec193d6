import type { HostRole } from "./tenantSchema.ts";

/**
 * Azure's built-in roles that this program assigns. The GUIDs are the same in every subscription.
 * Source: Azure built-in roles, "Containers" (AKS RBAC roles and the Cluster User role).
 */
export const azureRoles = {
  /** Everything on the Kubernetes API, in every namespace; may also fetch the user kubeconfig. */
  clusterAdmin: "b1ff04bb-8a4e-4dc4-8eb5-8693973ce19b",
  /** May fetch the user kubeconfig (`az aks get-credentials`); gives no right inside the cluster. */
  clusterUser: "4abbcc35-e782-43d8-92c5-2d3f1bd2253f",
  /** Administrator of a namespace, without its quota and the namespace object itself. */
  admin: "3498e952-d568-435e-9b2c-8d77e338d7f7",
  /** Reads and writes most objects of a namespace, its Secrets among them. */
  writer: "a7ffa36f-339b-4b5c-8bdf-e2c188b2c0eb",
  /** Reads most objects of a namespace; no Secrets, no port-forward. */
  reader: "7f6c6a51-bcf8-42ba-9220-52d62157d7db",
} as const;

/** The name of a role in {@link azureRoles}. */
export type AzureRole = keyof typeof azureRoles;

/** The ClusterRole of Kubernetes that stands for a host role where there is no Azure RBAC. */
export const kubernetesRoles = { reader: "view", writer: "edit", admin: "admin" } as const satisfies Record<
  Exclude<HostRole, "none">,
  string
>;

/**
 * A role definition's id in the form that Azure returns it in: with the subscription. The short form would show as a
 * difference after every refresh.
 */
export function roleDefinitionId(subscriptionId: string, role: AzureRole): string {
  return `/subscriptions/${subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/${azureRoles[role]}`;
}
