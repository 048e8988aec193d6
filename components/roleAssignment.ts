import { RoleAssignment } from "@pulumi/azure-native/authorization/roleAssignment.js";
import * as pulumi from "@pulumi/pulumi";
import { type Grant, networkAssignment, replaceRules, roleAssignment } from "../model/access/roles.ts";
import type { PrincipalType } from "../model/tenant/principals.ts";

/** Registers the role assignment that makes a grant true. */
export function assignRole(
  name: string,
  grant: Grant,
  clusterId: pulumi.Output<string>,
  parent: pulumi.Resource,
): RoleAssignment {
  const assignment = clusterId.apply((id) => roleAssignment(grant, id));
  // A preview of a new cluster knows nothing but the principal.
  const { objectId, type } = grant.principal;
  return register(name, assignment, { principalId: objectId, principalType: type }, parent);
}

/** Registers the role that a cluster's identity needs on its network, or on its subnet in another's. */
export function assignNetworkRole(
  name: string,
  scope: pulumi.Output<string>,
  principalId: pulumi.Output<string>,
  parent: pulumi.Resource,
): RoleAssignment {
  const assignment = pulumi.all([scope, principalId]).apply(([where, who]) => networkAssignment(where, who));
  return register(name, assignment, { principalId, principalType: "ServicePrincipal" }, parent);
}

function register(
  name: string,
  assignment: pulumi.Output<ReturnType<typeof roleAssignment>>,
  principal: { readonly principalId: pulumi.Input<string>; readonly principalType: PrincipalType },
  parent: pulumi.Resource,
): RoleAssignment {
  return new RoleAssignment(
    name,
    {
      ...principal,
      scope: assignment.scope,
      roleAssignmentName: assignment.roleAssignmentName,
      roleDefinitionId: assignment.roleDefinitionId,
    },
    { parent, ...replaceRules },
  );
}
