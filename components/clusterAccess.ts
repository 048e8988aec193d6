import { listManagedClusterUserCredentialsOutput } from "@pulumi/azure-native/containerservice/listManagedClusterUserCredentials.js";
import { Provider } from "@pulumi/kubernetes/provider.js";
import * as pulumi from "@pulumi/pulumi";
import { kubeloginKubeconfig } from "../model/access/kubeconfig.ts";
import { clusterGrantName, type clusterGrants, type Grant } from "../model/access/roles.ts";
import { parseClusterId } from "../model/access/scopes.ts";
import type { AzureSettings } from "../model/settings/settingsSchema.ts";
import { assignRole } from "./roleAssignment.ts";

export interface ClusterAccessArgs {
  readonly settings: AzureSettings;
  readonly clusterId: pulumi.Output<string>;
  /** Administrators of the whole cluster, and everyone who works in some tenant's namespace. */
  readonly grants: ReturnType<typeof clusterGrants>;
  /**
   * The roles that are there, by their resources' names, in a run that makes none: an engine refuses to go on where something waits
   * for what it is told to leave out, as a new administrator's role. All will be where it is left out.
   */
  readonly assigned?: readonly string[] | undefined;
}

/**
 * Who may do what at the cluster's scope, and the Kubernetes provider that creates everything inside.
 * What tenants share is registered here, once per person, so that no tenant's change touches another's access.
 */
export class ClusterAccess extends pulumi.ComponentResource {
  readonly provider: Provider;

  constructor(
    name: string,
    { settings, clusterId, grants, assigned }: ClusterAccessArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("virtual-clusters:index:ClusterAccess", name, { clusterName: settings.clusterName }, opts);

    const assign = (grant: Grant) => assignRole(clusterGrantName(name, grant), grant, clusterId, this);
    const isThere = (grant: Grant) => assigned?.includes(clusterGrantName(name, grant)) ?? true;
    const adminAssignments = grants.admins.map((grant) => [assign(grant), isThere(grant)] as const);
    for (const grant of grants.users) assign(grant);

    this.provider = new Provider(
      `${name}-provider`,
      {
        kubeconfig: this.#kubeconfig(settings, clusterId),
        // Without it, a kubeconfig that is unknown in a preview would show every object as replaced.
        clusterIdentifier: `${settings.resourceGroup}/${settings.clusterName}`,
        // Otherwise a change of who has access would delete the file that says it, and make it anew.
        enableConfigMapMutable: true,
      },
      { parent: this, dependsOn: adminAssignments.flatMap(([one, waits]) => (waits ? one : [])) },
    );
    // By its name: the provider itself holds a kubeconfig.
    this.registerOutputs({ provider: this.provider.urn });
  }

  #kubeconfig(settings: AzureSettings, clusterId: pulumi.Output<string>): pulumi.Output<string> {
    // Taken from the id, so that the cluster's credentials are not asked for before the cluster is there.
    const target = clusterId.apply(parseClusterId);
    const { kubeconfigs } = listManagedClusterUserCredentialsOutput(
      {
        resourceGroupName: target.resourceGroup,
        resourceName: target.name,
        format: "exec",
        // A private API server is found by a public name: see `managedCluster`.
        ...(settings.privateCluster && { serverFqdn: "public" }),
      },
      { parent: this },
    );
    return kubeconfigs.apply(([first]) => {
      if (first === undefined) throw new Error("Azure returned no kubeconfig for the cluster");
      return kubeloginKubeconfig(first.value, settings.kubelogin);
    });
  }
}
