import * as authorization from "@pulumi/azure-native/authorization/index.js";
import type * as pulumi from "@pulumi/pulumi";
import { parseClusterId, roleAssignmentName } from "../model/names.ts";
import type { ResolvedPrincipal } from "../model/principals.ts";
import { type AzureRole, azureRoles, roleDefinitionId } from "../model/roles.ts";

export interface RoleAssignmentArgs {
  readonly clusterId: pulumi.Output<string>;
  /** Where the role holds: the cluster itself, or a namespace of it. */
  readonly scope: pulumi.Output<string>;
  readonly principal: ResolvedPrincipal;
  readonly role: AzureRole;
}

/**
 * Assigns one Azure role to one principal at one scope. Azure accepts no change to an assignment and no second one for
 * the same three, so every change deletes the old one first and then creates the new one.
 */
export function assignRole(
  name: string,
  { clusterId, scope, principal, role }: RoleAssignmentArgs,
  parent: pulumi.Resource,
): authorization.RoleAssignment {
  return new authorization.RoleAssignment(
    name,
    {
      scope,
      roleAssignmentName: scope.apply((at) => roleAssignmentName(at, principal.objectId, azureRoles[role])),
      principalId: principal.objectId,
      // Without the type Azure looks the principal up, and fails for one that has not been replicated yet.
      principalType: principal.type,
      roleDefinitionId: clusterId.apply((id) => roleDefinitionId(parseClusterId(id).subscriptionId, role)),
    },
    {
      parent,
      deleteBeforeReplace: true,
      // The provider replaces on principalId and scope only; Azure refuses the rest in place.
      replaceOnChanges: ["roleAssignmentName", "roleDefinitionId", "principalType"],
    },
  );
}
