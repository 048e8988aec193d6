import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Address } from "../model/deploy/address.ts";
import { namespaceMetadata } from "../model/deploy/namespace.ts";
import type { Settings } from "../model/settings/settingsSchema.ts";
import type { Tenant } from "../model/tenant/tenantSchema.ts";
import { formerly } from "./formerComponents.ts";
import { type Guards, guardedNames, hooksOf } from "./guards.ts";

/** The guard of the host that judges what is done in a namespace. */
export interface HostGuardReference {
  readonly name: string;
  /** What puts it into force: no namespace is there before it. */
  readonly bindings: readonly pulumi.Resource[];
}

export interface TenantNamespaceArgs {
  readonly tenant: Tenant;
  readonly settings: Pick<Settings, "protect" | "podSecurity">;
  readonly guards: Guards;
  readonly hostGuard: HostGuardReference;
  /** How the tenant is found from outside; undefined where it has no address of its own. */
  readonly address: Address | undefined;
  /** Whether the namespace refuses to be deleted: deleting it deletes everything that the tenant has. */
  readonly protect: boolean;
}

/**
 * Registers the host namespace that belongs to one tenant alone. Its pods must meet the stack's Pod Security Standard.
 *
 * @returns its name, to depend on
 */
export function tenantNamespace(
  { tenant, settings, guards, hostGuard, address, protect }: TenantNamespaceArgs,
  parent: pulumi.Resource,
): pulumi.Output<string> {
  const name = guardedNames.namespace(tenant.name);
  const namespace = new kubernetes.core.v1.Namespace(
    name,
    {
      metadata: namespaceMetadata(tenant, { guard: hostGuard.name, podSecurity: settings.podSecurity }, address),
    },
    {
      parent,
      ...formerly("TenantNamespace", name, parent),
      protect,
      dependsOn: [...hostGuard.bindings],
      hooks: hooksOf(tenant, guards, settings),
      // What is kept stays in the namespace, and with it the volume claims that hold on to the disks.
      retainOnDelete: tenant.dataOnRemoval === "keep",
      // The guards refuse another name; without this, it would be a replacement, of which they are not told.
      ignoreChanges: ["metadata.name"],
    },
  );
  return namespace.metadata.name;
}
