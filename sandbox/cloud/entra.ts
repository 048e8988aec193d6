import { readFileSync } from "node:fs";
import { parse } from "yaml";
import type { PrincipalType } from "../../model/tenant/principals.ts";
import type { Properties, Value } from "../engine/values.ts";
import { CloudError, type Conditions } from "./cloud.ts";

/** Whom the simulated Entra ID knows; see `directory.yaml`. */
interface DirectoryFile {
  readonly users: Readonly<Record<string, string | UserEntry>>;
  readonly groups: Readonly<Record<string, string | GroupEntry | readonly string[]>>;
  readonly servicePrincipals: Readonly<Record<string, string>>;
}

interface UserEntry {
  readonly id: string;
  readonly mail?: string;
  readonly enabled?: boolean;
}

interface GroupEntry {
  readonly id: string;
  /** User principal names. */
  readonly members?: readonly string[];
}

/** Somebody whom Entra ID knows. */
export interface Entry extends UserEntry, GroupEntry {
  readonly type: PrincipalType;
  readonly name: string;
}

const file = parse(readFileSync(new URL("../directory.yaml", import.meta.url), "utf8")) as DirectoryFile;

/** Everybody, one entry for each object. */
const entries: readonly Entry[] = [
  ...entriesOf("User", file.users),
  ...entriesOf("Group", file.groups),
  ...entriesOf("ServicePrincipal", file.servicePrincipals),
];

function entriesOf(
  type: PrincipalType,
  named: Readonly<Record<string, string | UserEntry | GroupEntry | readonly string[]>>,
): Entry[] {
  return Object.entries(named).flatMap(([name, value]) => {
    const objects = Array.isArray(value) ? (value as string[]) : [value as string | UserEntry];
    return objects.map((object) => ({ type, name, ...(typeof object === "string" ? { id: object } : object) }));
  });
}

const same = (one: string | undefined, other: Value) => one?.toLowerCase() === String(other).toLowerCase();

/** `getUsers`: the users that exist among the given user principal names or mail addresses. */
export function getUsers(args: Properties, conditions: Conditions): Properties {
  requireReadable(conditions);
  const [names, mails] = [listOf(args.userPrincipalNames), listOf(args.mails)];
  const found = entries.filter(
    ({ type, name, mail }) =>
      type === "User" && (names.some((wanted) => same(name, wanted)) || mails.some((wanted) => same(mail, wanted))),
  );
  for (const name of names) requireFound(args, found, name, `User with UPN "${String(name)}" was not found`);
  return {
    id: "users",
    users: found.map(({ name, id, mail = name, enabled = true }) => ({
      userPrincipalName: name,
      objectId: id,
      mail,
      accountEnabled: enabled,
    })),
    userPrincipalNames: found.map(({ name }) => name),
    objectIds: found.map(({ id }) => id),
  };
}

/** `getGroups`: the groups among the given display names that exist. */
export function getGroups(args: Properties, conditions: Conditions): Properties {
  requireReadable(conditions);
  const found = listOf(args.displayNames).flatMap((wanted) => {
    const groups = entries.filter(({ type, name }) => type === "Group" && same(name, wanted));
    if (groups.length > 1) {
      // Wording: the azuread provider.
      throw new CloudError(400, "DuplicateResult", `More than one group found with display name: "${String(wanted)}"`);
    }
    requireFound(args, groups, wanted, `No group found with display name: "${String(wanted)}"`);
    return groups;
  });
  return { id: "groups", displayNames: found.map(({ name }) => name), objectIds: found.map(({ id }) => id) };
}

/** Wording: the azuread provider, for whoever does not ask it to leave out what it does not find. */
function requireFound(args: Properties, found: readonly Entry[], wanted: Value, message: string): void {
  if (args.ignoreMissing === true || found.some(({ name }) => same(name, wanted))) return;
  throw new CloudError(404, "Request_ResourceNotFound", message);
}

function listOf(value: Value | undefined): readonly Value[] {
  return Array.isArray(value) ? value : [];
}

/** Wording: Microsoft Graph, as the azuread provider passes it on. */
function requireReadable({ directoryReadable }: Conditions): void {
  if (directoryReadable) return;
  throw new CloudError(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.");
}

/** Everybody of that name or object id; more than one where groups share a display name. */
export function findEntries(name: string): Entry[] {
  return entries.filter((one) => same(one.name, name) || same(one.id, name));
}

/** Somebody and the groups that they are in. */
export function withGroups(entry: Entry): Entry[] {
  return [
    entry,
    ...entries.filter(
      ({ members = [] }) => entry.type === "User" && members.some((member) => same(member, entry.name)),
    ),
  ];
}

/** What somebody is called; undefined for an unknown object id. */
export function nameOf(objectId: string): string | undefined {
  return entries.find(({ id }) => same(id, objectId))?.name;
}

/** What kind of principal an object id is, as Azure's `principalType` names it; undefined for an unknown one. */
export function principalTypeOf(objectId: string): PrincipalType | undefined {
  return entries.find(({ id }) => same(id, objectId))?.type;
}
