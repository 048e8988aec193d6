import { UserAssignedIdentity } from "@pulumi/azure-native/managedidentity/userAssignedIdentity.js";
import { Subnet } from "@pulumi/azure-native/network/subnet.js";
import { VirtualNetwork } from "@pulumi/azure-native/network/virtualNetwork.js";
import { VirtualNetworkPeering } from "@pulumi/azure-native/network/virtualNetworkPeering.js";
import { PrivateZone } from "@pulumi/azure-native/privatedns/privateZone.js";
import { VirtualNetworkLink } from "@pulumi/azure-native/privatedns/virtualNetworkLink.js";
import * as pulumi from "@pulumi/pulumi";
import {
  networkNames,
  otherSide,
  parseNetworkId,
  peeringProperties,
  peerings,
  privateZone,
} from "../model/deploy/hostNetwork.ts";
import { azureTags } from "../model/deploy/tags.ts";
import type { NetworkSettings } from "../model/settings/networkSchema.ts";
import type { AzureSettings } from "../model/settings/settingsSchema.ts";
import { assignNetworkRole } from "./roleAssignment.ts";

export interface HostNetworkArgs {
  readonly settings: AzureSettings;
  readonly subnet: NonNullable<NetworkSettings["subnet"]>;
  /** The resource group, to depend on; nothing where it is there already. */
  readonly group: pulumi.Resource | pulumi.Resource[];
  /** Whether network and identity refuse to be deleted: a cluster lives in them. */
  readonly protect: boolean;
}

/** What the stack output `cluster.network` says. */
export interface NetworkOutputs {
  readonly subnet: pulumi.Output<string>;
  /** By the name of each network that is peered with: the command for whoever owns it. Nothing passes before. */
  readonly otherSides: Readonly<Record<string, pulumi.Output<string>>>;
}

/** The private zone that internal tenants have names in. */
export interface NameZone {
  /** Its domain, to depend on. */
  readonly name: pulumi.Input<string>;
  readonly resourceGroup: string;
}

interface OwnNetwork {
  readonly vnet: VirtualNetwork;
  readonly subnet: Subnet;
}

/**
 * A network of one's own for a cluster: a subnet that is made, or one that is there; and the identity that the cluster has
 * then, with its role on the network. Azure makes the cluster with that identity, so that the role must be there before.
 */
export class HostNetwork extends pulumi.ComponentResource {
  readonly identity: UserAssignedIdentity;
  readonly subnetId: pulumi.Output<string>;
  /** What must be there before the cluster is. */
  readonly before: readonly pulumi.Resource[];
  readonly outputs: NetworkOutputs;
  /** Undefined where the stack has none. */
  readonly zone: NameZone | undefined;

  constructor(name: string, args: HostNetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    const { settings, subnet, group, protect } = args;
    const { resourceGroup: resourceGroupName, location } = settings;
    super("virtual-clusters:index:HostNetwork", name, { cidr: subnet.cidr }, opts);
    const names = networkNames(settings);
    const kept = { parent: this, protect, dependsOn: group };

    this.identity = new UserAssignedIdentity(
      `${name}-identity`,
      { resourceGroupName, resourceName: names.identity, location, ...azureTags(settings) },
      kept,
    );
    const own = subnet.id === "" ? this.#make(name, args) : undefined;
    this.subnetId = own?.subnet.id ?? pulumi.output(subnet.id);
    // A network of one's own is the cluster's as a whole; in another's it gets no more than its subnet.
    const scope = own?.vnet.id ?? this.subnetId;
    const role = assignNetworkRole(`${name}-role`, scope, this.identity.principalId, this);
    this.before = [role, ...(own === undefined ? [] : [own.subnet])];

    const vnetId = own?.vnet.id ?? pulumi.output(parseNetworkId(subnet.id).vnetId);
    if (own !== undefined) this.#peer(name, args, own);
    this.zone = this.#zone(name, args, vnetId);
    this.outputs = {
      subnet: this.subnetId,
      otherSides: Object.fromEntries(
        peerings(settings).map((reach) => [reach.name, vnetId.apply((id) => otherSide(reach, id))]),
      ),
    };
    this.registerOutputs({ subnetId: this.subnetId });
  }

  /** The network and its one subnet: apart, for a network that lists subnets would remove those of others. */
  #make(name: string, { settings, subnet: { cidr, vnetCidr }, group, protect }: HostNetworkArgs): OwnNetwork {
    const { resourceGroup: resourceGroupName, location } = settings;
    const names = networkNames(settings);
    const vnet = new VirtualNetwork(
      `${name}-vnet`,
      {
        resourceGroupName,
        virtualNetworkName: names.vnet,
        location,
        addressSpace: { addressPrefixes: [vnetCidr] },
        ...azureTags(settings),
      },
      { parent: this, protect, dependsOn: group },
    );
    const subnet = new Subnet(
      `${name}-subnet`,
      { resourceGroupName, virtualNetworkName: vnet.name, subnetName: names.subnet, addressPrefix: cidr },
      { parent: this, protect },
    );
    return { vnet, subnet };
  }

  #peer(name: string, { settings }: HostNetworkArgs, { vnet, subnet }: OwnNetwork): void {
    for (const reach of peerings(settings)) {
      new VirtualNetworkPeering(
        `${name}-peering-${reach.name}`,
        {
          resourceGroupName: settings.resourceGroup,
          virtualNetworkName: vnet.name,
          virtualNetworkPeeringName: `to-${reach.name}`,
          ...peeringProperties(reach),
        },
        // Azure changes one thing of a network at a time.
        { parent: this, dependsOn: subnet },
      );
    }
  }

  /** The zone of internal tenants' names, and who resolves them: this network, and those that are peered with it. */
  #zone(name: string, { settings, group }: HostNetworkArgs, vnetId: pulumi.Output<string>): NameZone | undefined {
    if (settings.network.privateDnsZone === "") return undefined;
    const { domain, resourceGroup: resourceGroupName, isOwn } = privateZone(settings);
    if (!isOwn) return { name: domain, resourceGroup: resourceGroupName };
    const zone = new PrivateZone(
      `${name}-zone`,
      { resourceGroupName, privateZoneName: domain, location: "global", ...azureTags(settings) },
      { parent: this, dependsOn: group },
    );
    const others = peerings(settings).map(({ name: vnetName, vnet }) => [vnetName, pulumi.output(vnet)] as const);
    for (const [link, id] of [["own", vnetId] as const, ...others]) {
      new VirtualNetworkLink(
        `${name}-zone-link-${link}`,
        {
          resourceGroupName,
          privateZoneName: zone.name,
          virtualNetworkLinkName: link === "own" ? "own" : `to-${link}`,
          location: "global",
          registrationEnabled: false,
          virtualNetwork: { id },
          ...azureTags(settings),
        },
        { parent: this },
      );
    }
    return { name: zone.name, resourceGroup: resourceGroupName };
  }
}
