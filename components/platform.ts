import type { Provider } from "@pulumi/kubernetes/provider.js";
import * as pulumi from "@pulumi/pulumi";
import { lookUpKey } from "../model/access/people.ts";
import { clusterGrants, hostMembers } from "../model/access/roles.ts";
import { addressOf } from "../model/deploy/address.ts";
import type { ChangedRun } from "../model/deploy/changedRun.ts";
import { guardName } from "../model/deploy/namespace.ts";
import type { PlatformRecord } from "../model/settings/deployedFiles.ts";
import type { AzureSettings, Settings } from "../model/settings/settingsSchema.ts";
import type { Tenant as TenantModel } from "../model/tenant/tenantSchema.ts";
import { shellCommand } from "../model/text/shell.ts";
import { ClusterAccess } from "./clusterAccess.ts";
import type { Directory } from "./directory.ts";
import { ExistingCluster } from "./existingCluster.ts";
import type { Guards } from "./guards.ts";
import type { HostAuthorization } from "./hostAccess.ts";
import { HostCluster } from "./hostCluster.ts";
import { HostGuard } from "./hostGuard.ts";
import type { NameZone, NetworkOutputs } from "./hostNetwork.ts";
import { Tenant } from "./tenant.ts";

export interface PlatformArgs {
  readonly settings: Settings;
  readonly tenants: readonly TenantModel[];
  /** What the tenants' files hold, by name. */
  readonly files: ReadonlyMap<string, string>;
  readonly record: PlatformRecord;
  /** Where changed tenants alone are registered: those, and what the stack's output says of each other one. */
  readonly changed?: Pick<ChangedRun, "tenants" | "deletesOnly" | "users"> & {
    readonly outputs: Readonly<Record<string, unknown>>;
  };
  readonly directory: Directory;
  /** The subscription, where a tenant's public name is made of it. */
  readonly subscriptionId: string | undefined;
  readonly guards: Guards;
  /** The host's Kubernetes minor that the last deployment ended with; undefined where it is not known. */
  readonly deployedMinor?: string | undefined;
}

/** What the stack output `cluster` says of an AKS cluster; of an existing cluster only its name is known. */
export interface ClusterOutputs {
  readonly name: string;
  readonly id?: pulumi.Output<string>;
  readonly identity?: HostCluster["identity"];
  /** The host's Kubernetes minor. */
  readonly kubernetesVersion?: pulumi.Output<string>;
  readonly oidcIssuerUrl?: pulumi.Output<string>;
  /** A network of one's own (setting `azure.network.subnet`). */
  readonly network?: NetworkOutputs;
  /** The command that writes a kubeconfig for whoever runs it. */
  readonly getCredentials?: string;
  /** What the cluster was made with and keeps for its life: later settings are held against it. */
  readonly fixed?: HostCluster["fixed"];
}

interface Host {
  readonly provider: Provider;
  readonly authorization: HostAuthorization;
  readonly outputs: ClusterOutputs;
  readonly zone?: NameZone | undefined;
}

/** The host cluster, who may use it, and its tenants. */
export class Platform extends pulumi.ComponentResource {
  readonly cluster: ClusterOutputs;
  /** By tenant; of one that is not registered what its last deployment left. */
  readonly tenants: Readonly<Record<string, unknown>>;

  constructor(name: string, args: PlatformArgs, opts?: pulumi.ComponentResourceOptions) {
    const { settings, tenants, subscriptionId, guards } = args;
    super("virtual-clusters:index:Platform", name, { environment: settings.environment }, opts);
    const { provider, authorization, outputs, zone } =
      settings.azure !== undefined ? this.#azureHost(name, settings.azure, args) : this.#existingHost(name, args);
    this.cluster = outputs;
    const guard = guardName(pulumi.getProject(), pulumi.getStack());
    const { bindings } = new HostGuard(
      `${name}-guard`,
      {
        guard,
        helmValues: settings.vcluster.helmValues,
        // AKS as the program creates it has Cilium.
        cilium: settings.existingCluster?.cilium ?? true,
        privateApiServer: settings.azure?.privateCluster ?? true,
        protect: settings.protect,
      },
      { parent: this, providers: { kubernetes: provider } },
    );
    const { changed } = args;
    const kept = changed?.deletesOnly;
    this.tenants = Object.fromEntries(
      tenants.map((tenant) => {
        const before = changed?.outputs[tenant.name];
        if (changed?.tenants?.includes(tenant.name) === false) return [tenant.name, before];
        const component = new Tenant(
          tenant.name,
          {
            ...{
              tenant,
              file: args.files.get(tenant.name),
              authorization,
              settings,
              zone,
              guards,
              hostGuard: { name: guard, bindings },
              kept: kept && (kept.tenants[tenant.name] ?? {}),
              withheld: kept?.withheld,
            },
            address: addressOf(tenant, { settings, subscriptionId }),
          },
          { parent: this, providers: { kubernetes: provider } },
        );
        return [tenant.name, kept === undefined ? component.outputs : before];
      }),
    );
    // Each tenant registers its own, so that another tenant changes nothing here.
    this.registerOutputs(kept?.platform ?? { cluster: this.cluster, record: args.record });
  }

  #azureHost(name: string, azure: AzureSettings, args: PlatformArgs): Host {
    const { settings, tenants, directory, deployedMinor, guards } = args;
    const { azureFiles, protect } = settings;
    const keeping = { azureFiles, deployedMinor, protect, guard: guards.host };
    const host = new HostCluster(`${name}-host`, { settings: azure, ...keeping }, { parent: this });
    const asked = args.changed?.users;
    const users = tenants.flatMap(hostMembers).filter((one) => asked === undefined || asked.includes(lookUpKey(one)));
    const access = new ClusterAccess(
      `${name}-access`,
      {
        settings: azure,
        clusterId: host.clusterId,
        grants: clusterGrants(directory.find(azure.clusterAdmins), directory.find(users)),
        assigned: args.changed?.deletesOnly?.assigned,
      },
      { parent: this },
    );
    return {
      provider: access.provider,
      authorization: { kind: "azure", clusterId: host.clusterId, directory },
      zone: host.zone,
      outputs: {
        name: azure.clusterName,
        id: host.clusterId,
        identity: host.identity,
        kubernetesVersion: host.kubernetesVersion,
        oidcIssuerUrl: host.oidcIssuerUrl,
        ...(host.network !== undefined && { network: host.network }),
        getCredentials: shellCommand([
          ...["az", "aks", "get-credentials"],
          ...["--resource-group", azure.resourceGroup, "--name", azure.clusterName],
          ...(azure.privateCluster ? ["--public-fqdn"] : []),
        ]),
        fixed: host.fixed,
      },
    };
  }

  #existingHost(name: string, { settings, directory }: PlatformArgs): Host {
    if (settings.existingCluster === undefined) throw new Error("settings name no host cluster");
    const { provider } = new ExistingCluster(`${name}-host`, settings.existingCluster, { parent: this });
    return {
      provider,
      authorization: { kind: "kubernetes", directory },
      outputs: { name: settings.existingCluster.name },
    };
  }
}
