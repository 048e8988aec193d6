import { ManagedCluster } from "@pulumi/azure-native/containerservice/managedCluster.js";
import { ResourceGroup } from "@pulumi/azure-native/resources/resourceGroup.js";
import * as pulumi from "@pulumi/pulumi";
import { type FixedSettings, fixedOfSettings } from "../model/deploy/fixedSettings.ts";
import { managedCluster, settledVersions } from "../model/deploy/managedCluster.ts";
import { azureTags } from "../model/deploy/tags.ts";
import { minorOf } from "../model/facts/kubernetesVersions.ts";
import type { AzureSettings } from "../model/settings/settingsSchema.ts";
import { HostNetwork, type NameZone, type NetworkOutputs } from "./hostNetwork.ts";

export interface HostClusterArgs {
  readonly settings: AzureSettings;
  /** Whether tenants may use Azure Files (setting `azureFiles`). */
  readonly azureFiles: boolean;
  /** The Kubernetes minor that the last deployment ended with; undefined where it is not known. */
  readonly deployedMinor: string | undefined;
  /** Whether the cluster and its resource group refuse to be deleted or replaced. */
  readonly protect: boolean;
  /** What the engine asks before it changes the cluster. */
  readonly guard: pulumi.ResourceHook;
}

/** The AKS cluster that carries every tenant: Entra ID sign-in, Azure RBAC, a managed identity, in a resource group of its own or one that is there. */
export class HostCluster extends pulumi.ComponentResource {
  /** The Azure resource id. Known in every preview but the first. */
  readonly clusterId: pulumi.Output<string>;
  /** The cluster's managed identity. */
  readonly identity: pulumi.Output<{ type: string; principalId: string; tenantId: string }>;
  /** Its Kubernetes minor: patches are Azure's. */
  readonly kubernetesVersion: pulumi.Output<string>;
  /** Its own network; undefined where AKS made one. */
  readonly network: NetworkOutputs | undefined;
  /** Where internal tenants have names; undefined where the stack has no such zone. */
  readonly zone: NameZone | undefined;
  /** The issuer of the cluster's service account tokens, for workload identity. */
  readonly oidcIssuerUrl: pulumi.Output<string>;
  /** What the cluster was made with and keeps; known once it is there. */
  readonly fixed: pulumi.Output<FixedSettings>;

  constructor(
    name: string,
    { settings, azureFiles, deployedMinor, protect, guard }: HostClusterArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    const { clusterName, resourceGroup, location } = settings;
    super("virtual-clusters:index:HostCluster", name, { clusterName, resourceGroup, location }, opts);

    const group = settings.existingResourceGroup
      ? []
      : new ResourceGroup(
          `${name}-group`,
          { resourceGroupName: resourceGroup, location, ...azureTags(settings) },
          { parent: this, protect },
        );
    const { subnet } = settings.network;
    const network =
      subnet === undefined
        ? undefined
        : new HostNetwork(`${name}-network`, { settings, subnet, group, protect }, { parent: this });
    const placement = network && { subnetId: network.subnetId, identityId: network.identity.id };
    const inputs = managedCluster(settings, { placement, azureFiles });
    const cluster = new ManagedCluster(`${name}-cluster`, inputs, {
      parent: this,
      protect,
      dependsOn: [group, network?.before ?? []].flat(),
      ignoreChanges: settledVersions(settings, deployedMinor),
      hooks: { beforeUpdate: [guard] },
    });

    this.clusterId = cluster.id;
    this.fixed = cluster.id.apply(() => fixedOfSettings(settings));
    this.network = network?.outputs;
    this.zone = network?.zone;
    // Azure adds to what the program sends. A preview knows only what is sent: waiting for a property that Azure alone
    // gives keeps a half-known value from looking like an empty one.
    const known = cluster.provisioningState;
    // Azure says whose a user-assigned identity is at the identity itself.
    const { principalId, tenantId } = network?.identity ?? {};
    this.identity = pulumi.all([cluster.identity, known, principalId, tenantId]).apply(([identity, , who, where]) => ({
      type: identity?.type ?? "None",
      principalId: who ?? identity?.principalId ?? "",
      tenantId: where ?? identity?.tenantId ?? "",
    }));
    this.kubernetesVersion = pulumi
      .all([cluster.kubernetesVersion, known])
      .apply(([version]) => minorOf(version ?? settings.kubernetesVersion));
    this.oidcIssuerUrl = pulumi.all([cluster.oidcIssuerProfile, known]).apply(([profile]) => profile?.issuerURL ?? "");
    this.registerOutputs({
      clusterId: this.clusterId,
      identity: this.identity,
      kubernetesVersion: this.kubernetesVersion,
      oidcIssuerUrl: this.oidcIssuerUrl,
      fixed: this.fixed,
    });
  }
}
