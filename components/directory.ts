import * as azuread from "@pulumi/azuread";
import { isObjectId, type Principal, type PrincipalType } from "../model/principals.ts";
import { didYouMean } from "../model/validate.ts";

/** A principal as Azure knows it. */
export interface ResolvedPrincipal {
  readonly type: PrincipalType;
  /** The Entra ID object id; on a cluster without Entra ID the plain name. */
  readonly objectId: string;
}

/** Looks principals up by what the files call them. */
export class Directory {
  readonly #objectIds: ReadonlyMap<string, string>;

  private constructor(objectIds: ReadonlyMap<string, string>) {
    this.#objectIds = objectIds;
  }

  /** A directory that takes every name as it is: for a cluster without Entra ID. */
  static plain(): Directory {
    return new Directory(new Map());
  }

  /**
   * Resolves every name among the principals to its object id, with one look-up for users and one for groups. Object
   * ids are taken as they are, so that a deployment that uses nothing else needs no right to read the directory.
   * Runs before any resource is registered.
   *
   * @throws DirectoryError that lists every name the directory does not know.
   */
  static async resolve(principals: readonly Principal[]): Promise<Directory> {
    const names = (type: PrincipalType) => [
      ...new Set(principals.filter((p) => p.type === type && !isObjectId(p.id)).map(nameOf)),
    ];
    const [users, groups] = await Promise.all([findUsers(names("User")), findGroups(names("Group"))]);
    const missing = [
      ...names("User")
        .filter((name) => !users.has(name))
        .map((name) => `user '${name}'${didYouMean(name, [...users.keys()])}`),
      ...names("Group")
        .filter((name) => !groups.has(name))
        .map((name) => `group '${name}'${didYouMean(name, [...groups.keys()])}`),
    ];
    if (missing.length > 0) throw unknownPeople(missing);
    return new Directory(new Map([...users, ...groups]));
  }

  /** The same principals by object id, each once. */
  find(principals: readonly Principal[]): ResolvedPrincipal[] {
    const resolved = principals.map(({ type, id }) => ({
      type,
      objectId: this.#objectIds.get(nameOf({ type, id })) ?? id,
    }));
    return [...new Map(resolved.map((principal) => [principal.objectId, principal])).values()];
  }
}

/** A name as it is looked up: user principal names do not distinguish case, display names of groups do. */
function nameOf({ type, id }: Principal): string {
  return type === "User" ? id.toLowerCase() : id;
}

/** People who cannot be resolved: names that Entra ID does not know, or a directory that cannot be read. */
export class DirectoryError extends Error {
  override readonly name = "DirectoryError";
}

function unknownPeople(missing: readonly string[]): DirectoryError {
  const lines = [
    "Entra ID does not know these people; nothing was changed.",
    ...missing.map((who) => `  ${who}`),
    "Check the spelling, or write the object id instead of the name (for a guest, the object id is the sure way).",
  ];
  return new DirectoryError(lines.join("\n"));
}

async function findUsers(userPrincipalNames: string[]): Promise<Map<string, string>> {
  if (userPrincipalNames.length === 0) return new Map();
  const found = await orNone("users", azuread.getUsers({ userPrincipalNames, ignoreMissing: true }));
  return new Map(found?.users.map((user) => [user.userPrincipalName.toLowerCase(), user.objectId]));
}

async function findGroups(displayNames: string[]): Promise<Map<string, string>> {
  if (displayNames.length === 0) return new Map();
  const found = await orNone("groups", azuread.getGroups({ displayNames, ignoreMissing: true }));
  return new Map(found?.displayNames.map((name, i) => [name, found.objectIds[i] ?? ""]));
}

/** The provider fails where it finds none of the names, even when it is told to ignore missing ones. */
async function orNone<T>(what: string, lookUp: Promise<T>): Promise<T | undefined> {
  try {
    return await lookUp;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (/no (users|groups)\b.*\bfound/i.test(reason)) return undefined;
    throw new DirectoryError(
      `Entra ID could not be asked for ${what}; nothing was changed.\n  ${reason}\nThe deploying identity needs to read the directory (User.Read.All, Group.Read.All); object ids instead of names need no look-up.`,
    );
  }
}
