import { Job } from "@pulumi/kubernetes/batch/v1/job.js";
import { ConfigMap } from "@pulumi/kubernetes/core/v1/configMap.js";
import { Release } from "@pulumi/kubernetes/helm/v3/release.js";
import type * as pulumi from "@pulumi/pulumi";
import type { Members } from "../model/access/roles.ts";
import type { Address } from "../model/deploy/address.ts";
import type { ValueSettings } from "../model/deploy/chartValues.ts";
import { keptInputs, releaseInputs } from "../model/deploy/release.ts";
import { signInFile } from "../model/deploy/signInFile.ts";
import { stopJob } from "../model/deploy/stopJob.ts";
import type { Settings } from "../model/settings/settingsSchema.ts";
import type { Tenant } from "../model/tenant/tenantSchema.ts";
import { formerly } from "./formerComponents.ts";
import { type Guards, guardedNames, hooksOf } from "./guards.ts";

export interface VirtualClusterArgs {
  readonly tenant: Tenant;
  readonly guards: Guards;
  readonly settings: ValueSettings & Pick<Settings, "protect">;
  /** The tenant's people by object id, for their rights inside. */
  readonly members: Members;
  /** How it is found from outside; undefined where it has no address of its own. */
  readonly address: Address | undefined;
  readonly namespace: pulumi.Output<string>;
  /** Whether the release refuses to be deleted. */
  readonly protect: boolean;
}

/** Seconds that Helm waits for the control plane: a first start pulls three images and binds a disk. */
const installTimeout = 600;

/**
 * Registers a tenant's own Kubernetes: one Helm release of the vCluster chart in the tenant's namespace, and what goes with it.
 *
 * @returns the release's name, which is what `vcluster connect` takes
 */
export function virtualCluster(
  { tenant, guards, settings, members, address, namespace, protect }: VirtualClusterArgs,
  parent: pulumi.Resource,
): pulumi.Output<string> {
  const name = guardedNames.release(tenant.name);
  const options = { parent, ...formerly("VirtualCluster", name, parent) };
  const { signIn } = settings;
  // Before the release: its pods do not start without the file that they mount.
  const before = signIn === undefined ? [] : [signInMap(name, signInFile(signIn, members), namespace, options)];
  const release = new Release(
    name,
    {
      ...releaseInputs(tenant, settings, address),
      name: tenant.name,
      namespace,
      timeout: installTimeout,
      maxHistory: 5,
      // Helm would read the API server's whole schema for each release, to learn that it need not validate by it: it leaves
      // that to API servers of 1.27 or newer. Source: k8s.io/kubectl, pkg/validation/schema.go, ValidateBytes.
      disableOpenapiValidation: true,
    },
    {
      ...options,
      dependsOn: before,
      protect,
      hooks: hooksOf(tenant, guards, settings),
      ignoreChanges: keptInputs(tenant),
    },
  );
  if (tenant.lifecycle !== "active") {
    new Job(`${name}-stop`, stopJob(tenant, settings.vcluster.jobImage), {
      ...options,
      dependsOn: release,
    });
  }
  return release.name;
}

function signInMap(
  name: string,
  { metadata, data }: ReturnType<typeof signInFile>,
  namespace: pulumi.Output<string>,
  options: pulumi.CustomResourceOptions,
): ConfigMap {
  return new ConfigMap(`${name}-sign-in`, { metadata: { ...metadata, namespace }, data }, options);
}
