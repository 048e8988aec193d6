import * as azuread from "@pulumi/azuread";
import {
  isObjectId,
  type Mention,
  type Principal,
  type PrincipalType,
  type ResolvedPrincipal,
} from "../model/principals.ts";
import { InputError, type Problem } from "../model/problems.ts";
import type { Members } from "../model/roles.ts";
import type { Tenant } from "../model/tenantSchema.ts";
import { didYouMean } from "../model/validate.ts";

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
   * Resolves every name that is mentioned to its object id, with one look-up for users and one for groups. Object ids
   * are taken as they are, so that a deployment that uses nothing else needs no right to read the directory. Runs
   * before any resource is registered.
   *
   * @throws InputError with every name that the directory does not know, and every id that is named as two kinds.
   * @throws DirectoryError where the directory cannot be read.
   */
  static async resolve(mentions: readonly Mention[]): Promise<Directory> {
    const names = (type: PrincipalType) => [
      ...new Set(
        mentions
          .map(({ principal }) => principal)
          .filter((p) => p.type === type && !isObjectId(p.id))
          .map(nameOf),
      ),
    ];
    const [users, groups] = await Promise.all([findUsers(names("User")), findGroups(names("Group"))]);
    const directory = new Directory(new Map([...users, ...groups]));
    const problems = [...mentions.flatMap((mention) => directory.#unknown(mention)), ...directory.#conflicts(mentions)];
    if (problems.length > 0) throw new InputError(problems);
    return directory;
  }

  #objectId(principal: Principal): string {
    return this.#objectIds.get(nameOf(principal)) ?? principal.id;
  }

  #unknown({ principal, location }: Mention): Problem[] {
    if (isObjectId(this.#objectId(principal))) return [];
    const kind = principal.type === "Group" ? "group" : "user";
    const guess = didYouMean(nameOf(principal), [...this.#objectIds.keys()], 2) || ";";
    const message = `Entra ID does not know the ${kind} '${principal.id}'${guess} check the spelling, or write the object id (for a guest, that is the sure way)`;
    return [{ location, message }];
  }

  /** One id as two kinds is a slip: the later one would change the access that others already have. */
  #conflicts(mentions: readonly Mention[]): Problem[] {
    const types = new Map<string, Mention>();
    return mentions.flatMap((mention) => {
      const { principal, location } = mention;
      const id = this.#objectId(principal);
      const first = types.get(id) ?? mention;
      types.set(id, first);
      if (first.principal.type === principal.type) return [];
      const { file, line } = first.location;
      return [
        {
          location,
          message: `'${principal.id}' is named as a ${principal.type} here and as a ${first.principal.type} in ${file}:${line}`,
        },
      ];
    });
  }

  /** The same principals by object id, each once. */
  find(principals: readonly Principal[]): ResolvedPrincipal[] {
    const resolved = principals.map((principal) => ({ type: principal.type, objectId: this.#objectId(principal) }));
    return [...new Map(resolved.map((principal) => [principal.objectId, principal])).values()];
  }

  /** A tenant's people by object id, list by list. */
  findMembers({ admins, developers, viewers }: Tenant["access"]): Members {
    return { admins: this.find(admins), developers: this.find(developers), viewers: this.find(viewers) };
  }
}

/** A name as it is looked up: user principal names do not distinguish case, display names of groups do. */
function nameOf({ type, id }: Principal): string {
  return type === "User" ? id.toLowerCase() : id;
}

/** The directory cannot be read. */
export class DirectoryError extends Error {
  override readonly name = "DirectoryError";
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
