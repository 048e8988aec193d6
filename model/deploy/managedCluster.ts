import { maxPodsPerNode } from "../facts/nodeSizes.ts";
import type { AzureSettings } from "../settings/settingsSchema.ts";

/**
 * The inputs of the managed cluster, field by field. `docs/host-cluster.md` compares them with what
 * `az aks create` sends, and gives the reason for every difference; a test holds the two together.
 *
 * Without its driver there is no Azure Files, of which one storage account serves all tenants.
 *
 * @param stack.azureFiles whether tenants may use Azure Files (setting `azureFiles`)
 *
 * Every network setting is written out: azure-native's SDK adds its own default for some of those that are left out.
 */
export function managedCluster(settings: AzureSettings, { azureFiles }: { readonly azureFiles: boolean }) {
  const { clusterName, resourceGroup, kubernetesVersion, network } = settings;
  return {
    resourceName: clusterName,
    resourceGroupName: resourceGroup,
    location: settings.location,
    sku: { name: "Base", tier: settings.tier },
    identity: { type: "SystemAssigned" as const },
    kubernetesVersion,
    dnsPrefix: dnsPrefix(clusterName, resourceGroup),
    enableRBAC: true,
    disableLocalAccounts: true,
    aadProfile: { managed: true, enableAzureRBAC: true },
    oidcIssuerProfile: { enabled: true },
    securityProfile: { workloadIdentity: { enabled: true } },
    apiServerAccessProfile: {
      enablePrivateCluster: settings.privateCluster,
      disableRunCommand: true,
      ...(settings.authorizedIpRanges.length > 0 && { authorizedIPRanges: settings.authorizedIpRanges }),
    },
    autoUpgradeProfile: { upgradeChannel: "patch", nodeOSUpgradeChannel: "NodeImage" },
    agentPoolProfiles: [nodePool(settings)],
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
    upgradeSettings: { maxSurge: "10%" },
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
