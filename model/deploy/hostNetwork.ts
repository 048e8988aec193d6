import type { Reach } from "../settings/networkSchema.ts";
import { lastPart } from "../settings/reach.ts";
import type { AzureSettings } from "../settings/settingsSchema.ts";
import { shellCommand } from "../text/shell.ts";

/** The names of what a stack's own network consists of, all in the cluster's resource group. */
export function networkNames({ clusterName }: AzureSettings) {
  return { vnet: named("vnet", clusterName), subnet: "nodes", identity: named("id", clusterName) };
}

/** The end of the id of a subnet that the program makes: all but the subscription. */
export function ownSubnetId(settings: AzureSettings): string {
  const { vnet, subnet } = networkNames(settings);
  return `/resourceGroups/${settings.resourceGroup}/providers/Microsoft.Network/virtualNetworks/${vnet}/subnets/${subnet}`;
}

/** Most characters of a virtual network's name. Source: Azure, "Naming rules and restrictions". */
const maxName = 64;

function named(prefix: string, clusterName: string): string {
  return `${prefix}-${clusterName}`.slice(0, maxName).replace(/-+$/, "");
}

/** The network that a subnet is in, and the resource group of either. */
export function parseNetworkId(id: string): { readonly resourceGroup: string; readonly vnetId: string } {
  const [, vnetId = "", resourceGroup = ""] =
    /^(.*\/resourceGroups\/([^/]+)\/.*\/virtualNetworks\/[^/]+)/i.exec(id) ?? [];
  return { resourceGroup, vnetId };
}

/** The networks of `reachableFrom` that the program's own is peered with. */
export function peerings({ network }: AzureSettings): readonly (Reach & { readonly name: string })[] {
  return network.reachableFrom
    .filter(({ vnet }) => vnet !== "")
    .map((reach) => ({ ...reach, name: lastPart(reach.vnet) }));
}

/**
 * What makes this program's side of a peering with another network. With a gateway there, the other side must let it be
 * used before (`--allow-gateway-transit`).
 */
export function peeringProperties({ vnet, gateway }: Reach) {
  return {
    remoteVirtualNetwork: { id: vnet },
    allowVirtualNetworkAccess: true,
    // What comes from an office comes through a gateway or firewall of the other network.
    allowForwardedTraffic: true,
    allowGatewayTransit: false,
    useRemoteGateways: gateway,
  };
}

/** The command for the other side of a peering: whoever owns that network runs it; until then nothing passes. */
export function otherSide({ vnet, gateway }: Reach, vnetId: string): string {
  const { resourceGroup } = parseNetworkId(vnet);
  return shellCommand([
    ...["az", "network", "vnet", "peering", "create", "--name", `to-${lastPart(vnetId)}`],
    ...["--subscription", subscriptionOf(vnet), "--resource-group", resourceGroup, "--vnet-name", lastPart(vnet)],
    ...["--remote-vnet", vnetId, "--allow-vnet-access", ...(gateway ? ["--allow-gateway-transit"] : [])],
  ]);
}

/** The subscription in a resource id. */
export function subscriptionOf(id: string): string {
  return id.split("/")[2] ?? "";
}

/** A private zone: its domain, and the resource group that it is in; the cluster's own where the program makes it. */
export function privateZone({ network: { privateDnsZone }, resourceGroup }: AzureSettings) {
  const [, group] = /\/resourceGroups\/([^/]+)\//i.exec(privateDnsZone) ?? [];
  return { domain: lastPart(privateDnsZone), resourceGroup: group ?? resourceGroup, isOwn: group === undefined };
}
