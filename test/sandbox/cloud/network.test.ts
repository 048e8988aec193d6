import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { networkContributor } from "../../../model/access/roles.ts";
import { Cloud } from "../../../sandbox/cloud/cloud.ts";
import { CloudProvider } from "../../../sandbox/cloud/provider.ts";
import type { Properties } from "../../../sandbox/engine/values.ts";

const [types, names] = [
  {
    group: "azure-native:resources:ResourceGroup",
    cluster: "azure-native:containerservice:ManagedCluster",
    role: "azure-native:authorization:RoleAssignment",
    vnet: "azure-native:network:VirtualNetwork",
    subnet: "azure-native:network:Subnet",
    peering: "azure-native:network:VirtualNetworkPeering",
    identity: "azure-native:managedidentity:UserAssignedIdentity",
    zone: "azure-native:privatedns:PrivateZone",
    link: "azure-native:privatedns:VirtualNetworkLink",
    record: "azure-native:privatedns:PrivateRecordSet",
    namespace: "kubernetes:core/v1:Namespace",
    release: "kubernetes:helm.sh/v3:Release",
  },
  { resourceGroupName: "rg", location: "westeurope" },
];
const urn = (type: keyof typeof types) => `urn:pulumi:s::p::${types[type]}::x`;
const vnet = (name: string, range: string) => ({
  ...names,
  virtualNetworkName: name,
  addressSpace: { addressPrefixes: [range] },
});
const subnet = (name: string, addressPrefix: string) => ({
  resourceGroupName: "rg",
  virtualNetworkName: "net",
  subnetName: name,
  addressPrefix,
});

/** A cloud with network `net` of 10.10.0.0/16, and its subnet `nodes` of 10.10.0.0/24. */
async function cloudWithNetwork() {
  const folder = mkdtempSync(join(tmpdir(), "network-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const cloud = new Cloud(join(folder, "cloud.json"));
  const provider = new CloudProvider(cloud, () => undefined);
  const create = async (type: keyof typeof types, inputs: Properties) =>
    (await provider.create(urn(type), inputs)) as { id: string; outs: Properties };
  const remove = (type: keyof typeof types, id: string) => provider.delete(id, urn(type));
  await create("group", names);
  const { id: vnetId } = await create("vnet", vnet("net", "10.10.0.0/16"));
  const { id: subnetId } = await create("subnet", subnet("nodes", "10.10.0.0/24"));
  const { id: identityId, outs } = await create("identity", { ...names, resourceName: "id-aks" });
  const grant = (scope: string, roleId: string = networkContributor.id) =>
    create("role", {
      scope,
      principalId: String(outs.principalId),
      principalType: "ServicePrincipal",
      roleDefinitionId: `/roleDefinitions/${roleId}`,
      roleAssignmentName: "00000000-0000-4000-8000-000000000001",
    });
  const aks = (more: Properties = {}) => ({
    ...names,
    resourceName: "aks",
    dnsPrefix: "aks",
    kubernetesVersion: "1.35",
    identity: { type: "UserAssigned", userAssignedIdentities: [identityId] },
    agentPoolProfiles: [{ vnetSubnetID: subnetId }],
    networkProfile: { podCidr: "10.244.0.0/16", serviceCidr: "10.0.0.0/16" },
    ...more,
  });
  return { cloud, provider, create, remove, vnetId, subnetId, identityId, grant, aks };
}

describe("the simulated network", () => {
  test("refuses subnets that lie outside of it or overlap, and ranges that are none", async () => {
    const { create, provider } = await cloudWithNetwork();
    await expect(create("subnet", subnet("b", "10.11.0.0/24"))).rejects.toThrow(
      "NetcfgInvalidSubnet: Subnet 'b' is not valid in virtual network 'net'. (400)",
    );
    await expect(create("subnet", subnet("b", "10.10.0.128/25"))).rejects.toThrow(
      "NetcfgSubnetRangesOverlap: Subnet 'b' is not valid because its IP address range overlaps with that of an existing subnet in virtual network 'net'. (400)",
    );
    const { failures } = await provider.check(urn("subnet"), {}, subnet("b", "10.10.0/24"));
    expect(failures).toEqual([{ property: "addressPrefix", reason: '"10.10.0/24": not a range of addresses' }]);
  });

  test("refuses a peering with a network of the same addresses; what another subscription has is taken on trust", async () => {
    const { create, cloud } = await cloudWithNetwork();
    const { id: same } = await create("vnet", vnet("same", "10.10.8.0/24"));
    const peering = (id: string) => ({
      resourceGroupName: "rg",
      virtualNetworkName: "net",
      virtualNetworkPeeringName: "to-it",
      remoteVirtualNetwork: { id },
    });
    await expect(create("peering", peering(same))).rejects.toThrow("VnetAddressSpacesOverlap");
    await expect(create("peering", peering(`${same}x`))).rejects.toThrow("ResourceNotFound");
    const foreign = "/subscriptions/other/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/hub";
    expect((await create("peering", peering(foreign))).outs.peeringState).toBe("Initiated");
    expect([...cloud.foreign]).toEqual([foreign]);
  });

  test("refuses a cluster whose identity has no role on its subnet, of whatever kind", async () => {
    const { create, aks, grant, subnetId, vnetId } = await cloudWithNetwork();
    const refused = "LinkedAuthorizationFailed: The cluster's identity does not have permission to perform action";
    await expect(create("cluster", aks())).rejects.toThrow(refused);
    await expect(create("cluster", aks({ identity: { type: "SystemAssigned" } }))).rejects.toThrow(refused);
    await grant(`${subnetId}x`, "other").catch(() => undefined);
    await expect(create("cluster", aks())).rejects.toThrow(refused);
    await grant(vnetId);
    expect((await create("cluster", aks())).outs.identity).toEqual(aks().identity);
  });

  test("refuses a cluster whose other ranges overlap the subnet", async () => {
    const { create, aks, grant, subnetId } = await cloudWithNetwork();
    await grant(subnetId);
    await expect(
      create("cluster", aks({ networkProfile: { podCidr: "10.244.0.0/16", serviceCidr: "10.10.0.0/20" } })),
    ).rejects.toThrow(
      "ServiceCidrOverlapExistingSubnetsCidr: The specified service CIDR 10.10.0.0/20 is conflicted with an existing subnet CIDR 10.10.0.0/24 (400)",
    );
  });

  test("keeps what a cluster lives in, and the cluster where it is", async () => {
    const { create, remove, aks, grant, provider, subnetId, identityId } = await cloudWithNetwork();
    await grant(subnetId);
    const { id } = await create("cluster", aks());
    await expect(remove("subnet", subnetId)).rejects.toThrow("InUseSubnetCannotBeDeleted: Subnet nodes is in use by");
    await expect(remove("identity", identityId)).rejects.toThrow("Conflict");
    const elsewhere = aks({ agentPoolProfiles: [{ vnetSubnetID: `${subnetId}2` }] });
    await expect(provider.update(id, urn("cluster"), aks(), elsewhere)).rejects.toThrow(
      "PropertyChangeNotAllowed: Changing property 'properties.vnetSubnetID' is not allowed. (400)",
    );
    await remove("cluster", id);
    await remove("subnet", subnetId);
  });

  test("keeps a zone that networks are linked to, and has no record without one", async () => {
    const { create, remove, vnetId } = await cloudWithNetwork();
    const zone = { resourceGroupName: "rg", privateZoneName: "aks.net" };
    const record = { ...zone, recordType: "A", relativeRecordSetName: "ml", aRecords: [{ ipv4Address: "10.10.0.9" }] };
    await expect(create("record", record)).rejects.toThrow("ResourceNotFound");
    const { id } = await create("zone", zone);
    await create("record", record);
    const { id: link } = await create("link", {
      ...zone,
      virtualNetworkLinkName: "own",
      virtualNetwork: { id: vnetId },
    });
    await expect(remove("zone", id)).rejects.toThrow("CannotDeleteResource");
    await remove("link", link);
    await remove("zone", id);
  });
});

describe("the simulated load balancer", () => {
  const annotation = (name: string, value: string) => ({ [`service.beta.kubernetes.io/azure-${name}`]: value });
  const release = (name: string, annotations: Properties) => ({
    name,
    namespace: name,
    values: { controlPlane: { service: { annotations, spec: { type: "LoadBalancer" } } } },
  });

  test("refuses a fixed address that is elsewhere or taken, and a name that is taken", async () => {
    const { create, aks, grant, subnetId } = await cloudWithNetwork();
    await grant(subnetId);
    const { id } = await create("cluster", aks());
    await create("role", {
      scope: id,
      principalId: "1a2f6b0e-4f0d-4f6c-9d5b-8b8e2f7c1a01",
      principalType: "User",
      roleDefinitionId: "b1ff04bb-8a4e-4dc4-8eb5-8693973ce19b",
      roleAssignmentName: "00000000-0000-4000-8000-000000000002",
    });
    for (const name of ["a", "b", "c"]) await create("namespace", { metadata: { name } });
    const at = (address: string) => ({
      ...annotation("load-balancer-internal", "true"),
      ...annotation("load-balancer-ipv4", address),
    });
    await expect(create("release", release("a", at("10.10.1.9")))).rejects.toThrow(
      "PrivateIPAddressNotInSubnet: Private static IP address 10.10.1.9 is not in the subnet of the nodes.",
    );
    await create("release", release("a", at("10.10.0.9")));
    await expect(create("release", release("b", at("10.10.0.9")))).rejects.toThrow(
      "PrivateIPAddressInUse: Private static IP address 10.10.0.9 is already in use.",
    );
    await create("release", release("b", annotation("dns-label-name", "mine")));
    await expect(create("release", release("c", annotation("dns-label-name", "mine")))).rejects.toThrow(
      "DnsRecordInUse: DNS record mine is already used by another public IP. (400)",
    );
  });
});
