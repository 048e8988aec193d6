import type { AzureSettings } from "../settings/settingsSchema.ts";
import { ownSubnetId } from "./hostNetwork.ts";
import { managedCluster, type Placement } from "./managedCluster.ts";

/** What a cluster was made with, by the setting below `azure`, such as "nodePool.vmSize": what never changes, and its version. */
export type FixedSettings = Readonly<Record<string, unknown>>;

/** A setting that a cluster keeps for its life. */
interface Fixed {
  /** Where it is among the inputs of the managed cluster. */
  readonly input: readonly (string | number)[];
  /** What stands for it where the inputs have nothing; what else is left out is not known. */
  readonly otherwise?: unknown;
  /** Why it cannot change, and what to do. */
  readonly reason: string;
}

const anew = "Put it back; another one takes another cluster, in a stack of its own (docs/upgrading.md)";
const names = `the name of a cluster and of its group are its identity in Azure, so Pulumi would delete the cluster and make another one. ${anew}`;
const network = `AKS does not change a cluster's network, so Pulumi would delete the cluster and make another one. ${anew}`;
const pool = (what: string) => `AKS does not change the ${what} of a node pool that is there. ${anew}`;
const profile = (field: string) => ["networkProfile", field];
const nodes = (field: string) => ["agentPoolProfiles", 0, field];

/**
 * The settings that a cluster keeps. Source: azure-native's list of properties that force a replacement of a managed
 * cluster (network, location, names, SSH key); AKS, "Changing property … is not allowed" of a node pool, and for private
 * clusters "It can only be set while creating the cluster" (azure-cli#12669).
 */
const fixedSettings: Readonly<Record<string, Fixed>> = {
  location: { input: ["location"], reason: `Azure moves no cluster to another region. ${anew}` },
  resourceGroup: { input: ["resourceGroupName"], reason: names },
  clusterName: { input: ["resourceName"], reason: names },
  "network.podCidr": { input: profile("podCidr"), reason: network },
  "network.serviceCidr": { input: profile("serviceCidr"), reason: network },
  "network.dnsServiceIp": { input: profile("dnsServiceIP"), reason: network },
  "network.subnet": {
    input: nodes("vnetSubnetID"),
    otherwise: "none of its own",
    reason: `AKS moves no cluster to another subnet. ${anew}`,
  },
  privateCluster: {
    input: ["apiServerAccessProfile", "enablePrivateCluster"],
    otherwise: false,
    reason: `AKS sets it only while it creates a cluster. ${anew}. A public API server is closed to all but some by authorizedIpRanges`,
  },
  sshPublicKey: {
    input: ["linuxProfile", "ssh", "publicKeys", 0, "keyData"],
    otherwise: "",
    reason: `for another key, Pulumi would delete the cluster and make another one. ${anew}`,
  },
  "nodePool.vmSize": { input: nodes("vmSize"), reason: pool("VM size") },
  "nodePool.osDiskSizeGiB": { input: nodes("osDiskSizeGB"), reason: pool("system disks") },
  "nodePool.zones": { input: nodes("availabilityZones"), otherwise: [], reason: pool("zones") },
};

/** Whether the stack made the group that its cluster is in; nothing of the cluster says it. */
const ownership =
  "the resource group would be deleted with all that is in it, or one that is there be created again. Put it back: an identity with rights in the group alone can deploy a stack whose group is there, whoever made it (npm run doctor -- --rights)";

/** Of a subnet that the program made; one that is there has the addresses that it has, whatever the settings say of it. */
const subnetCidr = `Azure changes no addresses of a subnet that nodes are in. ${anew}`;

/** What no input of the managed cluster says. */
const others: Readonly<Record<string, string>> = {
  existingResourceGroup: ownership,
  "network.subnet.cidr": subnetCidr,
};

/** Why a setting cannot change; undefined for one that can. */
export function reasonOf(setting: string): string | undefined {
  return others[setting] ?? fixedSettings[setting]?.reason;
}

/**
 * What the inputs of a managed cluster say of the settings that it keeps, and its Kubernetes version. Inputs may be those
 * of another release of this program, or as Azure filled them in: what is not there is left out.
 */
export function fixedOf(inputs: unknown): FixedSettings {
  if (inputs === undefined || inputs === null) return {};
  const found = Object.entries(fixedSettings).map(([setting, { input, otherwise }]) => {
    const value = at(inputs, input) ?? otherwise;
    if (setting === "network.subnet") return [setting, subnetName(value)] as const;
    return [setting, Array.isArray(value) ? [...value].map(String).sort() : value] as const;
  });
  const all = [...found, ["kubernetesVersion", at(inputs, ["kubernetesVersion"])] as const];
  return Object.fromEntries(all.filter(([, value]) => value !== undefined));
}

/** The same of a stack's settings, without the version: what the output `cluster` keeps as `fixed`. */
export function fixedOfSettings(settings: AzureSettings): FixedSettings {
  // What it runs is the cluster's own output, for Azure may have upgraded it.
  const { kubernetesVersion: _, ...fixed } = fixedOf(managedCluster(settings, { placement: placementOf(settings) }));
  const { subnet } = settings.network;
  return {
    existingResourceGroup: settings.existingResourceGroup,
    ...fixed,
    ...(subnet !== undefined && subnet.id === "" && { "network.subnet.cidr": subnet.cidr }),
  };
}

/** Where the settings put the cluster, as far as they know it: which subscription it is in, only Azure does. */
function placementOf(settings: AzureSettings): Placement | undefined {
  const { subnet } = settings.network;
  return subnet && { subnetId: subnet.id || ownSubnetId(settings), identityId: "" };
}

/** A subnet as far as settings and inputs both know it: without the subscription. */
function subnetName(id: unknown): unknown {
  const [, group, vnet, name] =
    /\/resourceGroups\/([^/]+)\/.*\/virtualNetworks\/([^/]+)\/subnets\/([^/]+)$/i.exec(String(id)) ?? [];
  return group === undefined ? id : `${vnet}/${name} in ${group}`.toLowerCase();
}

function at(value: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (from, step) => (from as Readonly<Record<string | number, unknown>> | undefined)?.[step],
    value,
  );
}
