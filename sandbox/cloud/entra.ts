import { readFileSync } from "node:fs";
import { v5 as uuidv5 } from "uuid";
import { parse } from "yaml";
import { isObjectId, type PrincipalType } from "../../model/tenant/principals.ts";
import { didYouMean } from "../../model/text/validate.ts";
import type { Properties, Value } from "../engine/values.ts";
import { type Cloud, CloudError, type Conditions } from "./cloud.ts";

/** The simulated Entra ID tenant. */
export const entraTenantId = "00000000-0000-4000-8000-0000000e17a0";

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

/** What the directory calls people, and their object ids. */
const words = [
  ...new Set(entries.flatMap(({ name, id, mail }) => [name, id, ...(mail === undefined ? [] : [mail])])),
].map((word) => word.toLowerCase());
const domainOf = (name: string) => /@([^@]+)$/.exec(name)?.[1];
const domains = new Set(words.flatMap((word) => domainOf(word) ?? []));

/**
 * The object id of somebody whom the directory does not list and need not: a name's is made up, and stays the same.
 * Undefined for whom it would have to list, a user of its own domains or a slip in one of its own names or ids: so that
 * the stacks of others can be tried, and mistakes in its own are refused (docs/decisions/0007).
 */
export function idOnTrust(type: "User" | "Group", name: string): string | undefined {
  const wanted = name.toLowerCase();
  if (domains.has(domainOf(wanted) ?? "") || didYouMean(wanted, words, 2) !== "") return undefined;
  return isObjectId(wanted) ? wanted : uuidv5(`${type} ${wanted}`, entraTenantId);
}

const same = (one: string | undefined, other: Value) => one?.toLowerCase() === String(other).toLowerCase();

/** `getUsers`: the users that exist among the given user principal names or mail addresses. */
export function getUsers(args: Properties, cloud: Cloud): Properties {
  requireReadable(cloud.conditions);
  const [names, mails] = [listOf(args.userPrincipalNames), listOf(args.mails)];
  const listed = entries.filter(
    ({ type, name, mail }) =>
      type === "User" && (names.some((wanted) => same(name, wanted)) || mails.some((wanted) => same(mail, wanted))),
  );
  const unlisted = names.filter((wanted) => !listed.some(({ name }) => same(name, wanted)));
  const found = [...listed, ...unlisted.flatMap((name) => trusted("User", String(name), cloud))];
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
export function getGroups(args: Properties, cloud: Cloud): Properties {
  requireReadable(cloud.conditions);
  const found = listOf(args.displayNames).flatMap((wanted) => {
    const listed = entries.filter(({ type, name }) => type === "Group" && same(name, wanted));
    if (listed.length > 1) {
      // Wording: the azuread provider.
      throw new CloudError(400, "DuplicateResult", `More than one group found with display name: "${String(wanted)}"`);
    }
    const groups = listed.length === 1 ? listed : trusted("Group", String(wanted), cloud);
    requireFound(args, groups, wanted, `No group found with display name: "${String(wanted)}"`);
    return groups;
  });
  return { id: "groups", displayNames: found.map(({ name }) => name), objectIds: found.map(({ id }) => id) };
}

/** Somebody who is taken on trust, or nobody; the cloud remembers the name. */
function trusted(type: "User" | "Group", name: string, cloud: Cloud): Entry[] {
  const id = idOnTrust(type, name);
  if (id === undefined) return [];
  cloud.takenOnTrust.add(name);
  return [{ type, name, id }];
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
