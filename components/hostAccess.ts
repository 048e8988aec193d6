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

/** Gives a tenant's admins and developers its host role in its namespace. `none` gives nothing at all. */
export function grantHostRole(
  tenant: Tenant,
  namespace: pulumi.Output<string>,
  authorization: HostAuthorization,
  parent: pulumi.Resource,
): void {
  const members = authorization.directory.find(hostMembers(tenant));
  if (authorization.kind === "azure") {
    for (const grant of namespaceGrants(tenant, members)) {
      assignRole(`${tenant.name}-host-role-${grant.principal.objectId}`, grant, authorization.clusterId, parent);
    }
    return;
  }
  const binding = hostRoleBinding(tenant, members);
  if (binding === undefined) return;
  const { name, roleRef, subjects } = binding;
  const metadata = { name, namespace };
  new RoleBinding(`${tenant.name}-host-role`, { metadata, roleRef, subjects }, { parent });
}
