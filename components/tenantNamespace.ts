import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { Tenant } from "../model/tenant/tenantSchema.ts";

export interface TenantNamespaceArgs {
  readonly tenant: Tenant;
  /** Whether the namespace refuses to be deleted: deleting it deletes everything that the tenant has. */
  readonly protect: boolean;
}

/** The host namespace that belongs to one tenant alone. Its pods must meet the Pod Security Standard `baseline`. */
export class TenantNamespace extends pulumi.ComponentResource {
  /** The namespace's name, to depend on. */
  readonly namespace: pulumi.Output<string>;

  constructor(name: string, { tenant, protect }: TenantNamespaceArgs, opts?: pulumi.ComponentResourceOptions) {
    super("virtual-clusters:index:TenantNamespace", name, { namespace: tenant.namespace }, opts);
    const namespace = new kubernetes.core.v1.Namespace(
      name,
      {
        metadata: {
          name: tenant.namespace,
          labels: {
            "virtual-clusters/tenant": tenant.name,
            "pod-security.kubernetes.io/enforce": "baseline",
          },
          annotations: {
            "virtual-clusters/owner": tenant.owner,
            "virtual-clusters/purpose": tenant.purpose,
          },
        },
      },
      // What is kept stays in the namespace, and with it the volume claims that hold on to the disks.
      { parent: this, protect, retainOnDelete: tenant.dataOnRemoval === "keep" },
    );
    this.namespace = namespace.metadata.name;
    this.registerOutputs({ namespace: this.namespace });
  }
}
