import * as containerservice from "@pulumi/azure-native/containerservice/index.js";
import * as resources from "@pulumi/azure-native/resources/index.js";
import * as pulumi from "@pulumi/pulumi";
import { managedCluster } from "../model/deploy/managedCluster.ts";
import type { AzureSettings } from "../model/settings/settingsSchema.ts";

export interface HostClusterArgs {
  readonly settings: AzureSettings;
  /** Whether tenants may use Azure Files (setting `azureFiles`). */
  readonly azureFiles: boolean;
  /** Whether the cluster and its resource group refuse to be deleted or replaced. */
  readonly protect: boolean;
}

/** The AKS cluster that carries every tenant: Entra ID sign-in, Azure RBAC, a managed identity, in a resource group of its own. */
export class HostCluster extends pulumi.ComponentResource {
  /** The Azure resource id. Known in every preview but the first. */
  readonly clusterId: pulumi.Output<string>;
  /** The cluster's managed identity. */
  readonly identity: pulumi.Output<{ type: string; principalId: string; tenantId: string }>;
  /** The issuer of the cluster's service account tokens, for workload identity. */
  readonly oidcIssuerUrl: pulumi.Output<string>;

  constructor(
    name: string,
    { settings, azureFiles, protect }: HostClusterArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    const { clusterName, resourceGroup, location } = settings;
    super("virtual-clusters:index:HostCluster", name, { clusterName, resourceGroup, location }, opts);

    const group = new resources.ResourceGroup(
      `${name}-group`,
      { resourceGroupName: resourceGroup, location },
      { parent: this, protect },
    );
    const cluster = new containerservice.ManagedCluster(`${name}-cluster`, managedCluster(settings, { azureFiles }), {
      parent: this,
      protect,
      dependsOn: group,
    });

    this.clusterId = cluster.id;
    // Azure adds to what the program sends. A preview knows only what is sent: waiting for a property that Azure alone
    // gives keeps a half-known value from looking like an empty one.
    const known = cluster.provisioningState;
    this.identity = pulumi.all([cluster.identity, known]).apply(([identity]) => ({
      type: identity?.type ?? "None",
      principalId: identity?.principalId ?? "",
      tenantId: identity?.tenantId ?? "",
    }));
    this.oidcIssuerUrl = pulumi.all([cluster.oidcIssuerProfile, known]).apply(([profile]) => profile?.issuerURL ?? "");
    this.registerOutputs({
      clusterId: this.clusterId,
      identity: this.identity,
      oidcIssuerUrl: this.oidcIssuerUrl,
    });
  }
}
