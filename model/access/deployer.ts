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
  /** The id of a subnet that is there, in somebody else's network; empty for none. */
  readonly subnetId: string;
  /** The ids of networks of others that the stack's own is peered with, and linked to its private zone. */
  readonly peered: readonly string[];
  /** The id of a private zone of somebody else that the tenants' names are written to; empty for none. */
  readonly zoneId: string;
}

/**
 * What a subscription must have been told that it will have: clusters, their nodes, and where the stack has one, a network and
 * an identity in it. With rights in a resource group alone nobody can register them by the way.
 */
export const resourceProviders = [
  "Microsoft.ContainerService",
  "Microsoft.Compute",
  "Microsoft.Network",
  "Microsoft.ManagedIdentity",
] as const;

/** What can be given rights. */
export const principalTypes = ["ServicePrincipal", "User", "Group"] as const;
export type PrincipalType = (typeof principalTypes)[number];

/**
 * The commands by which an owner of the subscription makes a stack's resource group and gives the deploying identity its
 * rights in there, each on a line of its own.
 *
 * @param principalId the deploying identity's object id
 * @param principalType what that id is of: Azure refuses another type than Entra ID has for it
 */
export function rightsCommands(
  { subscriptionId, resourceGroup, location, tags, subnetId, peered, zoneId }: Place,
  principalId: string,
  principalType: PrincipalType = "ServicePrincipal",
): string[] {
  const own = ["--subscription", subscriptionId];
  const named = Object.entries(tags).map(([name, value]) => `${name}=${value}`);
  const assignAt = (scope: string) => [
    ...["az", "role", "assignment", "create", "--assignee-object-id", principalId],
    ...["--assignee-principal-type", principalType, "--scope", scope],
  ];
  const assign = assignAt(`/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}`);
  const condition = ["--condition-version", "2.0", "--condition", assignmentCondition()];
  return [
    ...resourceProviders.map((namespace) => ["az", "provider", "register", "--namespace", namespace, ...own]),
    [
      ...["az", "group", "create", "--name", resourceGroup, "--location", location, ...own],
      ...(named.length === 0 ? [] : ["--tags", ...named]),
    ],
    [...assign, "--role", "Contributor"],
    [...assign, "--role", "Role Based Access Control Administrator", ...condition],
    // Whoever makes the cluster joins it to the subnet, and lets its identity do so.
    ...(subnetId === ""
      ? []
      : [
          [...assignAt(subnetId), "--role", "Network Contributor"],
          [...assignAt(subnetId), "--role", "Role Based Access Control Administrator", ...condition],
        ]),
    // A peering and a zone's link are made from here, and each asks for a right on the other network: peer, and join.
    ...peered.map((vnet) => [...assignAt(vnet), "--role", "Network Contributor"]),
    ...(zoneId === "" ? [] : [[...assignAt(zoneId), "--role", "Private DNS Zone Contributor"]]),
  ].map(shellCommand);
}
