import { maxPodsPerNode, maxSurge } from "../facts/nodeSizes.ts";
import type { AzureSettings } from "../settings/settingsSchema.ts";
import { drainMinutes } from "./drain.ts";
import { azureTags } from "./tags.ts";

/** Where a cluster with a network of its own is put, and as whom it acts there; ids that may not be known yet. */
export interface Placement<Id = string> {
  readonly subnetId: Id;
  readonly identityId: Id;
}

/** What decides a cluster's inputs beside the settings `azure`. */
export interface ClusterOptions<Id = string> {
  readonly placement?: Placement<Id> | undefined;
  /**
   * Whether tenants may use Azure Files (setting `azureFiles`). Without its driver there is none: one storage account of
   * it serves all tenants.
   */
  readonly azureFiles?: boolean;
}

/**
 * The inputs of the managed cluster, field by field. `docs/host-cluster.md` compares them with what
 * `az aks create` sends, and gives the reason for every difference; a test holds the two together.
 *
 * Every network setting is written out: azure-native's SDK adds its own default for some of those that are left out.
 */
export function managedCluster<Id = string>(
  settings: AzureSettings,
  { placement, azureFiles = false }: ClusterOptions<Id> = {},
) {
  const { clusterName, resourceGroup, kubernetesVersion, network } = settings;
  return {
    resourceName: clusterName,
    resourceGroupName: resourceGroup,
    location: settings.location,
    ...azureTags(settings),
    sku: { name: "Base", tier: settings.tier },
    identity: identity(placement),
    kubernetesVersion,
    dnsPrefix: dnsPrefix(clusterName, resourceGroup),
    enableRBAC: true,
    disableLocalAccounts: true,
    aadProfile: { managed: true, enableAzureRBAC: true },
    oidcIssuerProfile: { enabled: true },
    securityProfile: { workloadIdentity: { enabled: true } },
    apiServerAccessProfile: {
      enablePrivateCluster: settings.privateCluster,
      ...(settings.privateCluster && privateNames),
      disableRunCommand: true,
      ...(settings.authorizedIpRanges.length > 0 && { authorizedIPRanges: settings.authorizedIpRanges }),
    },
    autoUpgradeProfile: { upgradeChannel: "patch", nodeOSUpgradeChannel: "NodeImage" },
    agentPoolProfiles: [{ ...nodePool(settings), ...(placement && { vnetSubnetID: placement.subnetId }) }],
    networkProfile: {
      networkPlugin: "azure",
      networkPluginMode: "overlay",
      networkDataplane: "cilium",
      networkPolicy: "cilium",
      loadBalancerSku: "standard",
      outboundType: "loadBalancer",
      loadBalancerProfile: {
        managedOutboundIPs: { count: 1, countIPv6: 0 },
        allocatedOutboundPorts: 0,
        idleTimeoutInMinutes: 30,
        backendPoolType: "NodeIPConfiguration",
      },
      ipFamilies: ["IPv4"],
      podCidr: network.podCidr,
      serviceCidr: network.serviceCidr,
      dnsServiceIP: network.dnsServiceIp,
    },
    storageProfile: { fileCSIDriver: { enabled: azureFiles } },
    ...(settings.sshPublicKey !== "" && {
      linuxProfile: { adminUsername: "azureuser", ssh: { publicKeys: [{ keyData: settings.sshPublicKey }] } },
    }),
  };
}

/**
 * Inputs that stay as the state has them, because nothing is to become of them: the versions, as long as the minor is the
 * deployed one. AKS's own patch upgrades (channel `patch`) turn "1.35" into "1.35.4", and a refresh brings that into the
 * inputs; the next preview would show it going back. Another minor is sent, and sent as a minor.
 *
 * @param deployedMinor the minor that the last deployment ended with; undefined where it is not known
 */
export function settledVersions({ kubernetesVersion }: AzureSettings, deployedMinor: string | undefined): string[] {
  return kubernetesVersion === deployedMinor ? ["kubernetesVersion", "agentPoolProfiles[0].orchestratorVersion"] : [];
}

/**
 * Without a network of one's own, the identity that Azure makes with the cluster, as `az aks create` asks for. With one, an
 * identity that is there before: its role on the network must be, too.
 */
function identity<Id>(placement: Placement<Id> | undefined) {
  return placement === undefined
    ? { type: "SystemAssigned" as const }
    : { type: "UserAssigned" as const, userAssignedIdentities: [placement.identityId] };
}

/**
 * A private API server is found by a public name of its private address: whoever has a way to the network resolves it, with
 * no zone to link and no role on one. Source: AKS, "Create a private AKS cluster", private DNS zone `none`.
 */
const privateNames = { privateDNSZone: "none", enablePrivateClusterPublicFQDN: true };

function nodePool({ kubernetesVersion, nodePool: pool }: AzureSettings) {
  return {
    name: "nodepool1",
    mode: "System",
    type: "VirtualMachineScaleSets",
    osType: "Linux",
    osSKU: "AzureLinux",
    vmSize: pool.vmSize,
    count: pool.count,
    osDiskSizeGB: pool.osDiskSizeGiB,
    maxPods: maxPodsPerNode,
    orchestratorVersion: kubernetesVersion,
    enableAutoScaling: false,
    enableNodePublicIP: false,
    upgradeSettings: {
      maxSurge,
      // Evictions honour budgets for so long; then the node is set aside, the others go on, and the upgrade ends as failed.
      drainTimeoutInMinutes: drainMinutes,
      undrainableNodeBehavior: "Cordon",
      // What moved starts and binds its disk before the next node goes.
      nodeSoakDurationInMinutes: 5,
    },
    ...(pool.zones.length > 0 && { availabilityZones: pool.zones }),
  };
}

/**
 * The DNS prefix of the API server, by the rule of `az aks create`: ten characters of the cluster's name and sixteen
 * of the resource group's, letters, digits and '-' only. The subscription's part is left out: it is not known before
 * the first deployment, and a changed prefix replaces the cluster.
 */
export function dnsPrefix(clusterName: string, resourceGroup: string): string {
  const part = (text: string, length: number) => text.replace(/[^A-Za-z0-9-]/g, "").slice(0, length);
  const start = part(clusterName, 10);
  const name = /^[A-Za-z]/.test(start) ? start : `a${start}`;
  return `${name}-${part(resourceGroup, 16)}`.replace(/-+$/, "");
}
