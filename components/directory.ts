import { getGroups } from "@pulumi/azuread/getGroups.js";
import { getUsers } from "@pulumi/azuread/getUsers.js";
import {
  cannotLookUp,
  type DirectoryUser,
  lookUpKey,
  lookUpName,
  needsLookUp,
  resolvePeople,
} from "../model/access/people.ts";
import type { Members } from "../model/access/roles.ts";
import type { Mention, Principal, PrincipalType, ResolvedPrincipal } from "../model/tenant/principals.ts";
import type { Tenant } from "../model/tenant/tenantSchema.ts";
import { InputError, isError, messageOf, type Problem, Refusal } from "../model/text/problems.ts";

/** Looks principals up by what the files call them. */
export class Directory {
  readonly #objectIds: ReadonlyMap<string, string>;
  /** What there is to say of people who can be given access all the same. */
  readonly warnings: readonly Problem[];

  private constructor(objectIds: ReadonlyMap<string, string>, warnings: readonly Problem[]) {
    this.#objectIds = objectIds;
    this.warnings = warnings;
  }

  /** A directory that takes every name as it is: for a cluster without Entra ID. */
  static plain(): Directory {
    return new Directory(new Map(), []);
  }

  /**
   * Resolves every name that is mentioned to its object id, with one look-up for users and one for groups. Object ids
   * are taken as they are, so that a deployment that uses nothing else needs no right to read the directory. Runs
   * before any resource is registered.
   *
   * @throws InputError with everybody who cannot be given access, and every id that is named as two kinds.
   * @throws DirectoryError where the directory cannot be read.
   */
  static async resolve(mentions: readonly Mention[]): Promise<Directory> {
    const names = (type: PrincipalType) => {
      const wanted = mentions.map(({ principal }) => principal).filter((p) => p.type === type && needsLookUp(p));
      return [...new Set(wanted.map(lookUpName))];
    };
    try {
      const [users, groups] = await Promise.all([findUsers(names("User")), findGroups(names("Group"))]);
      const { objectIds, problems } = resolvePeople(mentions, { ...users, ...groups });
      if (problems.some(isError)) throw new InputError(problems.filter(isError));
      return new Directory(objectIds, problems);
    } catch (error) {
      if (error instanceof InputError) throw error;
      throw new DirectoryError(cannotLookUp(messageOf(error), mentions));
    }
  }

  #objectId(principal: Principal): string {
    return this.#objectIds.get(lookUpKey(principal)) ?? principal.id;
  }

  /** Whom names mean, by object id, as far as there are names. */
  get people(): Record<string, string> {
    return Object.fromEntries([...this.#objectIds].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** The same principals by object id, each once. Without Entra ID a user and a group may have the same name. */
  find(principals: readonly Principal[]): ResolvedPrincipal[] {
    const resolved = principals.map((principal) => ({ type: principal.type, objectId: this.#objectId(principal) }));
    return [...new Map(resolved.map((principal) => [`${principal.type} ${principal.objectId}`, principal])).values()];
  }

  /** A tenant's people by object id, list by list. */
  findMembers({ admins, developers, viewers }: Tenant["access"]): Members {
    return { admins: this.find(admins), developers: this.find(developers), viewers: this.find(viewers) };
  }
}

/** The directory cannot be read. */
export class DirectoryError extends Refusal {
  override readonly name = "DirectoryError";
}

/** Users by their user principal names; a name that is nobody's is tried as a mail address, to say who may be meant. */
async function findUsers(names: string[]): Promise<{ users: DirectoryUser[]; byMail: DirectoryUser[] }> {
  if (names.length === 0) return { users: [], byMail: [] };
  const { users } = await getUsers({ userPrincipalNames: names, ignoreMissing: true });
  const found = new Set(users.map(({ userPrincipalName }) => userPrincipalName.toLowerCase()));
  const mails = names.filter((name) => !found.has(name) && name.includes("@"));
  // Who may be meant is a help, not a need: an address of several people is not told apart here.
  const byMail = mails.length === 0 ? undefined : await getUsers({ mails, ignoreMissing: true }).catch(() => undefined);
  return { users, byMail: byMail?.users ?? [] };
}

/** Groups by their display names. The provider stops at the first name of several groups: the others are asked for again. */
async function findGroups(names: string[]): Promise<{ groups: Map<string, string>; ambiguous: Set<string> }> {
  const ambiguous = new Set<string>();
  for (;;) {
    const displayNames = names.filter((name) => !ambiguous.has(name));
    if (displayNames.length === 0) return { groups: new Map(), ambiguous };
    try {
      const found = await getGroups({ displayNames, ignoreMissing: true });
      return { groups: new Map(found.displayNames.map((name, i) => [name, found.objectIds[i] ?? ""])), ambiguous };
    } catch (error) {
      const [, name] = /More than one group found with display name: "([^"]*)"/.exec(String(error)) ?? [];
      if (name === undefined || !displayNames.includes(name)) throw error;
      ambiguous.add(name);
    }
  }
}
