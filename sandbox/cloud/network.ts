import { networkContributor } from "../../model/access/roles.ts";
import { parseNetworkId } from "../../model/deploy/hostNetwork.ts";
import { cidrsOverlap, isCidr, isWithin } from "../../model/text/cidr.ts";
import type { Properties, Value } from "../engine/values.ts";
import { unknown } from "../engine/values.ts";
import { armKind, guid, isForeign, requireResource } from "./arm.ts";
import { type Cloud, CloudError } from "./cloud.ts";
import { entraTenantId } from "./entra.ts";
import { at, type Failure, type Kind, mustMatch, text } from "./kind.ts";
import { governed } from "./subscription.ts";

/*
 * A network of one's own as Azure has it: what a cluster with `vnetSubnetID` needs, and how Azure refuses what does not fit.
 */

const vnetType = "azure-native:network:VirtualNetwork";
const subnetType = "azure-native:network:Subnet";
const peeringType = "azure-native:network:VirtualNetworkPeering";
const identityType = "azure-native:managedidentity:UserAssignedIdentity";
const zoneType = "azure-native:privatedns:PrivateZone";
const linkType = "azure-native:privatedns:VirtualNetworkLink";
const recordType = "azure-native:privatedns:PrivateRecordSet";

/** Given to the cluster here, so that this file needs nothing of the one that imports it. */
export const clusterType = "azure-native:containerservice:ManagedCluster";
const assignmentType = "azure-native:authorization:RoleAssignment";

const same = (one: string, other: string) => one.toLowerCase() === other.toLowerCase();
const rangesOf = (vnet: Properties) => ((at(vnet, "addressSpace.addressPrefixes") ?? []) as Value[]).map(String);

function mustBeRange(inputs: Properties, property: string): Failure[] {
  const value = at(inputs, property);
  if (value === unknown || (typeof value === "string" && isCidr(value))) return [];
  return [{ property, reason: `${JSON.stringify(value ?? null)}: not a range of addresses` }];
}

/** The subnets of a network. */
function subnetsOf(cloud: Cloud, vnetId: string) {
  return cloud.ofType(subnetType).filter(({ parent }) => same(parent, vnetId));
}

/** The cluster whose nodes are in a subnet. */
function clusterIn(cloud: Cloud, subnetId: string) {
  return cloud
    .ofType(clusterType)
    .find(({ properties }) => same(String(at(properties, "agentPoolProfiles.0.vnetSubnetID") ?? ""), subnetId));
}

const vnet = armKind({
  type: vnetType,
  namespace: "Microsoft.Network",
  path: { virtualNetworks: "virtualNetworkName" },
  immutable: ["location"],
  check: (inputs) => mustBeRange(inputs, "addressSpace.addressPrefixes.0"),
  accept(cloud, id, inputs) {
    for (const { id: subnetId, properties } of subnetsOf(cloud, id)) {
      const range = text(properties, "addressPrefix");
      if (rangesOf(inputs).some((outer) => isWithin(range, outer))) continue;
      // Wording: Azure, InUsePrefixCannotBeDeleted.
      throw new CloudError(
        400,
        "InUsePrefixCannotBeDeleted",
        `IpPrefix ${range} on Subnet ${subnetId} is in use and cannot be deleted.`,
      );
    }
  },
});

const subnet = armKind({
  type: subnetType,
  namespace: "Microsoft.Network",
  path: { virtualNetworks: "virtualNetworkName", subnets: "subnetName" },
  check: (inputs) => mustBeRange(inputs, "addressPrefix"),
  accept(cloud, id, inputs) {
    const { vnetId } = parseNetworkId(id);
    const [name, range] = [text(inputs, "subnetName"), text(inputs, "addressPrefix")];
    const outer = cloud.get(vnetId)?.properties ?? {};
    // Wording: Azure, NetcfgInvalidSubnet.
    if (!rangesOf(outer).some((space) => isWithin(range, space)))
      throw new CloudError(
        400,
        "NetcfgInvalidSubnet",
        `Subnet '${name}' is not valid in virtual network '${text(outer, "name")}'.`,
      );
    const before = cloud.get(id);
    if (before !== undefined && text(before.properties, "addressPrefix") !== range) requireUnused(cloud, id);
    const other = subnetsOf(cloud, vnetId).find(
      (one) => !same(one.id, id) && cidrsOverlap(text(one.properties, "addressPrefix"), range),
    );
    // Wording: Azure, NetcfgSubnetRangesOverlap.
    if (other !== undefined)
      throw new CloudError(
        400,
        "NetcfgSubnetRangesOverlap",
        `Subnet '${name}' is not valid because its IP address range overlaps with that of an existing subnet in virtual network '${text(outer, "name")}'.`,
      );
  },
  release: requireUnused,
});

/** Wording: Azure, InUseSubnetCannotBeDeleted. */
function requireUnused(cloud: Cloud, id: string): void {
  const user = clusterIn(cloud, id);
  if (user === undefined) return;
  throw new CloudError(
    400,
    "InUseSubnetCannotBeDeleted",
    `Subnet ${id.split("/").at(-1)} is in use by ${user.id} and cannot be deleted. In order to delete the subnet, delete all the resources within the subnet.`,
  );
}

const peering = armKind({
  type: peeringType,
  namespace: "Microsoft.Network",
  path: { virtualNetworks: "virtualNetworkName", virtualNetworkPeerings: "virtualNetworkPeeringName" },
  immutable: ["remoteVirtualNetwork"],
  // Nothing passes before the other network has its side of it. Source: Azure, "Virtual network peering".
  outputs: () => ({ peeringState: "Initiated" }),
  accept(cloud, id, inputs) {
    const remote = String(at(inputs, "remoteVirtualNetwork.id"));
    const own = rangesOf(cloud.get(parseNetworkId(id).vnetId)?.properties ?? {});
    const theirs = rangesOf(requireResource(cloud, remote)?.properties ?? {});
    if (!own.some((range) => theirs.some((other) => cidrsOverlap(range, other)))) return;
    // Wording: Azure, VnetAddressSpacesOverlap.
    throw new CloudError(
      400,
      "VnetAddressSpacesOverlap",
      `Cannot create or update peering ${id}. Virtual networks cannot be peered because their address spaces overlap.`,
    );
  },
});

const identity = armKind({
  type: identityType,
  namespace: "Microsoft.ManagedIdentity",
  path: { userAssignedIdentities: "resourceName" },
  immutable: ["location"],
  check: (inputs) => mustMatch(inputs, "resourceName", /^[A-Za-z0-9][-\w]{2,127}$/, "not the name of an identity"),
  outputs: (id) => ({
    principalId: guid(`${id}/principal`),
    clientId: guid(`${id}/client`),
    tenantId: entraTenantId,
  }),
  release(cloud, id) {
    const user = cloud
      .ofType(clusterType)
      .find(({ properties }) => identitiesOf(properties).some((one) => same(one, id)));
    // Azure deletes it all the same, and the cluster stops working: the sandbox tells it at once.
    if (user !== undefined) throw new CloudError(409, "Conflict", `the identity ${id} is that of ${user.id}`);
  },
});

const zone = armKind({
  type: zoneType,
  namespace: "Microsoft.Network",
  path: { privateDnsZones: "privateZoneName" },
  release(cloud, id) {
    const link = cloud.ofType(linkType).find(({ parent }) => same(parent, id));
    // Wording: Azure private DNS, for a zone that networks are linked to.
    if (link !== undefined)
      throw new CloudError(
        409,
        "CannotDeleteResource",
        `Can not delete resource before nested resources are deleted: ${link.id}`,
      );
  },
});

const link = armKind({
  type: linkType,
  namespace: "Microsoft.Network",
  path: { privateDnsZones: "privateZoneName", virtualNetworkLinks: "virtualNetworkLinkName" },
  immutable: ["virtualNetwork"],
  accept: (cloud, _, inputs) => void requireResource(cloud, String(at(inputs, "virtualNetwork.id"))),
});

const record = armKind({
  type: recordType,
  namespace: "Microsoft.Network",
  path: { privateDnsZones: "privateZoneName", A: "relativeRecordSetName" },
  immutable: ["recordType"],
});

/** The Azure resources that a network of one's own consists of. */
export const networkKinds: Readonly<Record<string, Kind>> = {
  [vnetType]: governed(vnet, "virtualNetworkName", "Microsoft.Network/virtualNetworks"),
  [subnetType]: subnet,
  [peeringType]: peering,
  [identityType]: governed(identity, "resourceName", "Microsoft.ManagedIdentity/userAssignedIdentities"),
  [zoneType]: zone,
  [linkType]: link,
  [recordType]: record,
};

function identitiesOf(cluster: Properties): string[] {
  return ((at(cluster, "identity.userAssignedIdentities") ?? []) as Value[]).map(String);
}

/** The identity with this object id; undefined where it is nobody's. */
export function identityOf(cloud: Cloud, principalId: string): Properties | undefined {
  return cloud.ofType(identityType).find(({ properties }) => same(text(properties, "principalId"), principalId))
    ?.properties;
}

/** Whether AKS takes a cluster with this subnet and this identity. */
export function requirePlacement(cloud: Cloud, cluster: Properties): void {
  const subnetId = at(cluster, "agentPoolProfiles.0.vnetSubnetID");
  const found = identitiesOf(cluster).map((id) => requireResource(cloud, id));
  if (typeof subnetId !== "string") return;
  const range = text(requireResource(cloud, subnetId)?.properties ?? {}, "addressPrefix");
  for (const key of range === "" ? [] : ["serviceCidr", "podCidr"]) {
    const other = String(at(cluster, `networkProfile.${key}`));
    if (!cidrsOverlap(range, other)) continue;
    const [code, what] =
      key === "podCidr"
        ? ["PodCidrOverlapExistingSubnetsCidr", "pod"]
        : ["ServiceCidrOverlapExistingSubnetsCidr", "service"];
    // Wording: AKS, ServiceCidrOverlapExistingSubnetsCidr; that of the pods' range is assumed.
    throw new CloudError(
      400,
      code,
      `The specified ${what} CIDR ${other} is conflicted with an existing subnet CIDR ${range}`,
    );
  }
  const principals = found.flatMap((one) => (one === undefined ? [] : [text(one.properties, "principalId")]));
  const holds = cloud.ofType(assignmentType).some(({ properties }) => {
    const scope = text(properties, "scope").toLowerCase();
    const covers = subnetId.toLowerCase() === scope || subnetId.toLowerCase().startsWith(`${scope}/`);
    const role = text(properties, "roleDefinitionId").endsWith(networkContributor.id);
    return covers && role && principals.some((who) => same(who, text(properties, "principalId")));
  });
  if (holds) return;
  // Wording assumed: AKS lets the identity join nodes to the subnet minutes later, and fails then.
  throw new CloudError(
    403,
    "LinkedAuthorizationFailed",
    `The cluster's identity does not have permission to perform action 'Microsoft.Network/virtualNetworks/subnets/join/action' on the linked scope(s) '${subnetId}'`,
  );
}

/**
 * Whether Azure's load balancer takes an address that a Service asks for.
 *
 * @param others addresses that other Services have fixed
 */
export function requireAddress(cloud: Cloud, address: string, others: readonly string[]): void {
  const [cluster] = cloud.ofType(clusterType);
  const subnetId = String(at(cluster?.properties ?? {}, "agentPoolProfiles.0.vnetSubnetID") ?? "");
  const range = text(cloud.get(subnetId)?.properties ?? {}, "addressPrefix");
  if (subnetId !== "" && (isForeign(subnetId) || isWithin(`${address}/32`, range)) && !others.includes(address)) return;
  const [code, why] = others.includes(address)
    ? ["PrivateIPAddressInUse", "is already in use"]
    : ["PrivateIPAddressNotInSubnet", "is not in the subnet of the nodes"];
  // Wording: Azure load balancer; Helm waits for it, and says no more than that its time is up.
  throw new CloudError(
    400,
    code,
    `Private static IP address ${address} ${why}. (Helm: timed out waiting for the condition)`,
  );
}
