import { valueAt } from "../deploy/chartFacts.ts";
import type { StateRecord } from "./checkpoint.ts";

/** What a Helm release is called among the types of resources. */
export const releaseType = "kubernetes:helm.sh/v3:Release";
/** What a role assignment is called. */
export const assignmentType = "azure-native:authorization:RoleAssignment";

/** By type, the path of a resource in its group: the names in it are inputs. Source: Azure's resource providers. */
const paths: Readonly<Record<string, string>> = {
  "azure-native:resources:ResourceGroup": "",
  "azure-native:containerservice:ManagedCluster": "Microsoft.ContainerService/managedClusters/{resourceName}",
  "azure-native:managedidentity:UserAssignedIdentity":
    "Microsoft.ManagedIdentity/userAssignedIdentities/{resourceName}",
  "azure-native:network:VirtualNetwork": "Microsoft.Network/virtualNetworks/{virtualNetworkName}",
  "azure-native:network:Subnet": "Microsoft.Network/virtualNetworks/{virtualNetworkName}/subnets/{subnetName}",
  "azure-native:network:VirtualNetworkPeering":
    "Microsoft.Network/virtualNetworks/{virtualNetworkName}/virtualNetworkPeerings/{virtualNetworkPeeringName}",
  "azure-native:privatedns:PrivateZone": "Microsoft.Network/privateDnsZones/{privateZoneName}",
  "azure-native:privatedns:VirtualNetworkLink":
    "Microsoft.Network/privateDnsZones/{privateZoneName}/virtualNetworkLinks/{virtualNetworkLinkName}",
  "azure-native:privatedns:PrivateRecordSet":
    "Microsoft.Network/privateDnsZones/{privateZoneName}/{recordType}/{relativeRecordSetName}",
};

/**
 * The id that the cloud gives to what these inputs describe, as the program's resources have it: all of them are named.
 *
 * @param subscriptionId the subscription that the stack is in, where it is known
 * @returns undefined where it cannot be told
 */
export function idOf({ type, inputs = {} }: StateRecord, subscriptionId: string | undefined): string | undefined {
  const input = (path: string) => {
    const value = valueAt(inputs, path);
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  if (type === releaseType) return joined(input("namespace"), input("name"));
  if (type.startsWith("kubernetes:")) {
    const name = input("metadata.name");
    const namespace = input("metadata.namespace");
    return namespace === undefined ? name : joined(namespace, name);
  }
  if (type === assignmentType) {
    const [scope, name] = [input("scope"), input("roleAssignmentName")];
    // In a preview of a new cluster, what is not known yet stands there.
    if (!scope?.startsWith("/") || name === undefined) return undefined;
    return `${scope}/providers/Microsoft.Authorization/roleAssignments/${name}`;
  }
  const [path, group] = [paths[type], input("resourceGroupName")];
  if (path === undefined || group === undefined || subscriptionId === undefined) return undefined;
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => input(name));
  if (names.includes(undefined)) return undefined;
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => input(name) ?? "");
  const within = `/subscriptions/${subscriptionId}/resourceGroups/${group}`;
  return filled === "" ? within : `${within}/providers/${filled}`;
}

const joined = (namespace: string | undefined, name: string | undefined) =>
  namespace !== undefined && name !== undefined ? `${namespace}/${name}` : undefined;
