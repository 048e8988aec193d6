import { shellCommand } from "../text/shell.ts";
import { assignedRoles } from "./roles.ts";

/*
 * The least that the identity of a pipeline needs in Azure. It deploys what is merged, so whoever gets hold of it gets what
 * it may do: with "User Access Administrator" on a subscription, everything in there.
 */

/**
 * Lets its holder make and delete assignments of this program's roles, and of no other: not even its own role.
 * Source: Azure, "Examples to delegate Azure role assignment management with conditions", Constrain roles.
 */
export function assignmentCondition(): string {
  const ids = assignedRoles.map(({ id }) => id).join(", ");
  const limited = (verb: string, source: string) =>
    `((!(ActionMatches{'Microsoft.Authorization/roleAssignments/${verb}'})) OR (@${source}[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {${ids}}))`;
  return `${limited("write", "Request")} AND ${limited("delete", "Resource")}`;
}

/** The names of this program's roles that somebody may not assign under a condition; undefined for one of another form. */
export function rolesOutside(condition: string): string[] | undefined {
  const lists = [...condition.matchAll(/RoleDefinitionId\]\s*ForAnyOfAnyValues:GuidEquals\s*\{([^}]*)\}/gi)];
  if (lists.length === 0 || /:PrincipalId\]|:PrincipalType\]/i.test(condition)) return undefined;
  const allowed = lists.map(([, ids = ""]) => ids.toLowerCase());
  return assignedRoles.filter(({ id }) => !allowed.every((ids) => ids.includes(id))).map(({ name }) => name);
}

/** Where a stack's cluster is, or is to be. */
export interface Place {
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly location: string;
  readonly tags: Readonly<Record<string, string>>;
}

/**
 * The commands by which an owner of the subscription makes a stack's resource group and gives the deploying identity its
 * rights in there, each on a line of its own.
 *
 * @param principalId the deploying identity's object id
 */
export function rightsCommands(
  { subscriptionId, resourceGroup, location, tags }: Place,
  principalId: string,
): string[] {
  const own = ["--subscription", subscriptionId];
  const named = Object.entries(tags).map(([name, value]) => `${name}=${value}`);
  const assign = [
    ...["az", "role", "assignment", "create", "--assignee-object-id", principalId],
    ...["--assignee-principal-type", "ServicePrincipal"],
    ...["--scope", `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}`],
  ];
  const condition = ["--condition-version", "2.0", "--condition", assignmentCondition()];
  return [
    ["az", "provider", "register", "--namespace", "Microsoft.ContainerService", ...own],
    [
      ...["az", "group", "create", "--name", resourceGroup, "--location", location, ...own],
      ...(named.length === 0 ? [] : ["--tags", ...named]),
    ],
    [...assign, "--role", "Contributor"],
    [...assign, "--role", "Role Based Access Control Administrator", ...condition],
  ].map(shellCommand);
}
