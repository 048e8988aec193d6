import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { Members } from "../model/access/roles.ts";
import { chartSource } from "../model/chart/chart.ts";
import { diskValues } from "../model/deploy/chartFacts.ts";
import { chartValues, stackValues, type ValueSettings } from "../model/deploy/chartValues.ts";
import { stopJob } from "../model/deploy/stopJob.ts";
import type { Settings } from "../model/settings/settingsSchema.ts";
import type { Tenant } from "../model/tenant/tenantSchema.ts";
import { type Guards, hooksOf } from "./guards.ts";

export interface VirtualClusterArgs {
  readonly tenant: Tenant;
  readonly guards: Guards;
  readonly settings: ValueSettings & Pick<Settings, "protect">;
  /** The tenant's people by object id, for their rights inside. */
  readonly members: Members;
  readonly namespace: pulumi.Output<string>;
  /** Whether the release refuses to be deleted. */
  readonly protect: boolean;
}

/** Seconds that Helm waits for the control plane: a first start pulls three images and binds a disk. */
const installTimeout = 600;

/** A tenant's own Kubernetes: one Helm release of the vCluster chart in the tenant's namespace. */
export class VirtualCluster extends pulumi.ComponentResource {
  /** The Helm release's name, which is what `vcluster connect` takes. */
  readonly release: pulumi.Output<string>;

  constructor(
    name: string,
    { tenant, guards, settings, members, namespace, protect }: VirtualClusterArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("virtual-clusters:index:VirtualCluster", name, { size: tenant.size, kubernetes: tenant.kubernetes }, opts);
    const release = new kubernetes.helm.v3.Release(
      name,
      {
        ...chartSource(settings.vcluster, tenant.channel),
        name: tenant.name,
        namespace,
        values: chartValues(tenant, members, stackValues(settings)),
        timeout: installTimeout,
        maxHistory: 5,
      },
      {
        parent: this,
        protect,
        hooks: hooksOf(tenant, guards, settings),
        // A StatefulSet's volume claims are immutable: a tenant keeps the disk that it began with.
        ignoreChanges: diskValues(tenant.store).map((path) => `values.${path}`),
      },
    );
    if (tenant.lifecycle !== "active") {
      new kubernetes.batch.v1.Job(`${name}-stop`, stopJob(tenant, settings.vcluster.jobImage), {
        parent: this,
        dependsOn: release,
      });
    }
    this.release = release.name;
    this.registerOutputs({ release: this.release });
  }
}
