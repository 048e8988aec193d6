import * as authorization from "@pulumi/azure-native/authorization/index.js";
import type * as pulumi from "@pulumi/pulumi";
import { type Grant, replaceRules, roleAssignment } from "../model/access/roles.ts";

/** Registers the role assignment that makes a grant true. */
export function assignRole(
  name: string,
  grant: Grant,
  clusterId: pulumi.Output<string>,
  parent: pulumi.Resource,
): authorization.RoleAssignment {
  const assignment = clusterId.apply((id) => roleAssignment(grant, id));
  return new authorization.RoleAssignment(
    name,
    {
      // A preview of a new cluster knows nothing but the principal.
      principalId: grant.principal.objectId,
      principalType: grant.principal.type,
      scope: assignment.scope,
      roleAssignmentName: assignment.roleAssignmentName,
      roleDefinitionId: assignment.roleDefinitionId,
    },
    { parent, ...replaceRules },
  );
}
