import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { namespaceScope } from "../model/names.ts";
import { kubernetesRoles } from "../model/roles.ts";
import { hostMembers, type Tenant } from "../model/tenantSchema.ts";
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
  if (tenant.hostRole === "none" || members.length === 0) return;
  if (authorization.kind === "azure") {
    const { clusterId } = authorization;
    const scope = clusterId.apply((id) => namespaceScope(id, tenant.namespace));
    for (const principal of members) {
      const name = `${tenant.name}-host-role-${principal.objectId}`;
      assignRole(name, { clusterId, scope, principal, role: tenant.hostRole }, parent);
    }
    return;
  }
  new kubernetes.rbac.v1.RoleBinding(
    `${tenant.name}-host-role`,
    {
      metadata: { name: "tenant-host-role", namespace },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: kubernetesRoles[tenant.hostRole] },
      subjects: members.map(({ type, objectId }) => ({
        apiGroup: "rbac.authorization.k8s.io",
        kind: type === "Group" ? "Group" : "User",
        name: objectId,
      })),
    },
    { parent },
  );
}
