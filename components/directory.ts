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
   * @throws Error that lists every name the directory does not know.
   */
  static async resolve(principals: readonly Principal[]): Promise<Directory> {
    const names = (type: PrincipalType) => [
      ...new Set(principals.filter((p) => p.type === type && !isObjectId(p.id)).map((p) => p.id)),
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
    if (missing.length > 0) throw new UnknownPrincipalsError(missing);
    return new Directory(new Map([...users, ...groups]));
  }

  /** The same principals by object id, each once. */
  find(principals: readonly Principal[]): ResolvedPrincipal[] {
    const resolved = principals.map(({ type, id }) => ({ type, objectId: this.#objectIds.get(id) ?? id }));
    return [...new Map(resolved.map((principal) => [principal.objectId, principal])).values()];
  }
}

/** Names in the settings or tenant files that Entra ID does not know. */
export class UnknownPrincipalsError extends Error {
  override readonly name = "UnknownPrincipalsError";

  constructor(missing: readonly string[]) {
    super(
      [
        "Entra ID does not know these people; nothing was changed.",
        ...missing.map((who) => `  ${who}`),
        "Check the spelling, or write the object id instead of the name (for a guest, the object id is the sure way).",
      ].join("\n"),
    );
  }
}

async function findUsers(userPrincipalNames: string[]): Promise<Map<string, string>> {
  if (userPrincipalNames.length === 0) return new Map();
  const { users } = await azuread.getUsers({ userPrincipalNames, ignoreMissing: true });
  return new Map(users.map((user) => [user.userPrincipalName.toLowerCase(), user.objectId]));
}

async function findGroups(displayNames: string[]): Promise<Map<string, string>> {
  if (displayNames.length === 0) return new Map();
  const found = await azuread.getGroups({ displayNames, ignoreMissing: true });
  return new Map(found.displayNames.flatMap((name, i) => [[name, found.objectIds[i] ?? ""] as const]));
}
