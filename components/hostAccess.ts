import { RoleBinding } from "@pulumi/kubernetes/rbac/v1/roleBinding.js";
import type * as pulumi from "@pulumi/pulumi";
import { hostMembers, hostRoleBinding, namespaceGrants } from "../model/access/roles.ts";
import type { Tenant } from "../model/tenant/tenantSchema.ts";
import type { Directory } from "./directory.ts";
import { assignRole } from "./roleAssignment.ts";

/** What decides who may do what in a namespace of the host: Azure RBAC on AKS, the cluster's own RBAC elsewhere. */
export type HostAuthorization =
  | { readonly kind: "azure"; readonly clusterId: pulumi.Output<string>; readonly directory: Directory }
  | { readonly kind: "kubernetes"; readonly directory: Directory };

/**
 * Gives a tenant's admins and developers its host role in its namespace. `none` gives nothing at all.
 *
 * @param withheld what is not registered, by name: this run takes it away, and another one gives what comes in its place
 */
export function grantHostRole(
  tenant: Tenant,
  namespace: pulumi.Output<string>,
  authorization: HostAuthorization,
  parent: pulumi.Resource,
  withheld: readonly string[] = [],
): void {
  const members = authorization.directory.find(hostMembers(tenant));
  if (authorization.kind === "azure") {
    for (const grant of namespaceGrants(tenant, members)) {
      const name = `${tenant.name}-host-role-${grant.principal.objectId}`;
      if (!withheld.includes(name)) assignRole(name, grant, authorization.clusterId, parent);
    }
    return;
  }
  const binding = hostRoleBinding(tenant, members);
  const resource = `${tenant.name}-host-role`;
  if (binding === undefined || withheld.includes(resource)) return;
  const { name, roleRef, subjects } = binding;
  const metadata = { name, namespace };
  new RoleBinding(resource, { metadata, roleRef, subjects }, { parent });
}
