import { readFileSync } from "node:fs";
import { parse } from "yaml";
import type { Properties, Value } from "../engine/values.ts";
import { CloudError } from "./cloud.ts";

/** Whom the simulated Entra ID knows, by name, with their object ids. */
interface DirectoryFile {
  readonly users: Readonly<Record<string, string>>;
  readonly groups: Readonly<Record<string, string>>;
  readonly servicePrincipals: Readonly<Record<string, string>>;
}

const directory = parse(readFileSync(new URL("../directory.yaml", import.meta.url), "utf8")) as DirectoryFile;

/** `getUsers`: the users among the given names that exist. */
export function getUsers(args: Properties): Properties {
  const found = lookUp(args.userPrincipalNames, directory.users);
  // Wording: the azuread provider, which fails where it finds none of the names, even when it is to ignore missing ones.
  if (found.length === 0) throw new CloudError(404, "Request_ResourceNotFound", "No users found");
  return {
    id: "users",
    users: found.map(([userPrincipalName, objectId]) => ({ userPrincipalName, objectId })),
    userPrincipalNames: found.map(([name]) => name),
    objectIds: found.map(([, objectId]) => objectId),
  };
}

/** `getGroups`: the groups among the given display names that exist. */
export function getGroups(args: Properties): Properties {
  const found = lookUp(args.displayNames, directory.groups);
  if (found.length === 0) throw new CloudError(404, "Request_ResourceNotFound", "No groups found");
  return { id: "groups", displayNames: found.map(([name]) => name), objectIds: found.map(([, objectId]) => objectId) };
}

function lookUp(names: Value | undefined, known: Readonly<Record<string, string>>): [string, string][] {
  const wanted = new Set(Array.isArray(names) ? names.map((name) => String(name).toLowerCase()) : []);
  return Object.entries(known).filter(([name]) => wanted.has(name.toLowerCase()));
}

/** The object id of somebody by user principal name, group, service principal or object id; undefined where unknown. */
export function objectIdOf(name: string): string | undefined {
  const all = [directory.users, directory.groups, directory.servicePrincipals];
  const named = all.flatMap((known) => Object.entries(known)).find(([key]) => key.toLowerCase() === name.toLowerCase());
  return named?.[1] ?? (principalTypeOf(name) === undefined ? undefined : name.toLowerCase());
}

/** What kind of principal an object id is, as Azure's `principalType` names it; undefined for an unknown one. */
export function principalTypeOf(objectId: string): "User" | "Group" | "ServicePrincipal" | undefined {
  const has = (known: Readonly<Record<string, string>>) => Object.values(known).includes(objectId.toLowerCase());
  if (has(directory.users)) return "User";
  if (has(directory.groups)) return "Group";
  return has(directory.servicePrincipals) ? "ServicePrincipal" : undefined;
}
