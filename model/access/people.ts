import { isObjectId, type Mention, type Principal } from "../tenant/principals.ts";
import { oneLine, printable } from "../text/printable.ts";
import type { Problem } from "../text/problems.ts";
import { shellCommand } from "../text/shell.ts";
import { didYouMean } from "../text/validate.ts";

/** A user as Entra ID knows them. */
export interface DirectoryUser {
  readonly objectId: string;
  readonly userPrincipalName: string;
  readonly mail: string;
  /** False where the account is closed: nobody can sign in with it. */
  readonly accountEnabled: boolean;
}

/** What Entra ID answers when it is asked for names. */
export interface DirectoryAnswers {
  /** Found by their user principal names. */
  readonly users: readonly DirectoryUser[];
  /** Found by their mail addresses, among names that are nobody's user principal name. */
  readonly byMail: readonly DirectoryUser[];
  /** Display names of groups, with the object id. */
  readonly groups: ReadonlyMap<string, string>;
  /** Display names that more than one group has. */
  readonly ambiguous: ReadonlySet<string>;
}

/** Who is who. */
export interface ResolvedPeople {
  /** Object ids by {@link lookUpKey}. */
  readonly objectIds: ReadonlyMap<string, string>;
  /** Errors and warnings. */
  readonly problems: readonly Problem[];
}

/** A name as it is looked up: user principal names do not distinguish case, display names of groups do. */
export function lookUpName({ type, id }: Principal): string {
  return type === "User" ? id.toLowerCase() : id;
}

/** A principal as it is remembered: a group may have a user's name for its display name. */
export function lookUpKey(principal: Principal): string {
  return `${principal.type} ${lookUpName(principal)}`;
}

/** True where somebody is named by something that only Entra ID can turn into an object id. */
export function needsLookUp({ id }: Principal): boolean {
  return !isObjectId(id);
}

/** Finds out who is meant by every name, and says of each that cannot be given access what to do. */
export function resolvePeople(mentions: readonly Mention[], answers: DirectoryAnswers): ResolvedPeople {
  const users = new Map(answers.users.map((user) => [user.userPrincipalName.toLowerCase(), user]));
  const objectIds = new Map([
    ...[...users].map(([id, { objectId }]) => [lookUpKey({ type: "User", id }), objectId] as const),
    ...[...answers.groups].map(([id, objectId]) => [lookUpKey({ type: "Group", id }), objectId] as const),
  ]);
  const idOf = (principal: Principal) => objectIds.get(lookUpKey(principal)) ?? principal.id;
  const problems = mentions.flatMap((mention): Problem[] => {
    const { principal, location } = mention;
    const closed = users.get(lookUpName(principal))?.accountEnabled === false;
    if (closed && principal.type === "User") return [{ severity: "warning", location, message: disabled(principal) }];
    return isObjectId(idOf(principal)) ? [] : [{ location, message: unknown(principal, answers) }];
  });
  // A user and a group may have the same name, but never the same object id.
  const found = mentions.filter(({ principal }) => isObjectId(idOf(principal)));
  return { objectIds, problems: [...problems, ...conflicts(found, idOf), ...sameAgain(found, idOf)] };
}

function disabled({ id }: Principal): string {
  return `'${id}' has a closed account in Entra ID and cannot sign in: remove the entry, or have the account enabled`;
}

function unknown(principal: Principal, { users, byMail, groups, ambiguous }: DirectoryAnswers): string {
  const { type, id } = principal;
  const known = type === "Group" ? [...groups.keys()] : users.map((user) => user.userPrincipalName.toLowerCase());
  const guess = didYouMean(lookUpName(principal), known, 2) || ";";
  if (type === "Group") {
    return ambiguous.has(id)
      ? `Entra ID has more than one group '${id}'; write the object id of the right one: ${listGroups(id)}`
      : `Entra ID does not know the group '${id}'${guess} check the spelling of its display name, capitals too, or write its object id`;
  }
  const found = byMail.filter(({ mail }) => mail.toLowerCase() === id.toLowerCase());
  const [user] = found;
  if (user === undefined) {
    return `Entra ID does not know the user '${id}'${guess} check the spelling. Somebody deleted in the last 30 days can be restored (Entra ID, Users, Deleted users); a guest has the name that Entra ID gave them (with #EXT#), or is named by object id`;
  }
  const who = found.map(({ objectId, userPrincipalName }) => `${objectId} (${userPrincipalName})`).join(" or ");
  const kind = user.userPrincipalName.includes("#EXT#")
    ? "a guest's mail address"
    : "a mail address, not a user principal name";
  return `'${id}' is ${kind}; write the object id: ${who}`;
}

function listGroups(name: string): string {
  const query = "[].{id:id,about:description}";
  return shellCommand(["az", "ad", "group", "list", "--display-name", name, "--query", query]);
}

/** One id as two kinds is a slip: the later one would change the access that others already have. */
function conflicts(mentions: readonly Mention[], idOf: (principal: Principal) => string): Problem[] {
  const types = new Map<string, Mention>();
  return mentions.flatMap((mention) => {
    const { principal, location } = mention;
    const first = types.get(idOf(principal)) ?? mention;
    types.set(idOf(principal), first);
    if (first.principal.type === principal.type) return [];
    const { file, line } = first.location;
    const message = `'${principal.id}' is named as a ${principal.type} here and as a ${first.principal.type} in ${file}:${line}`;
    return [{ location, message }];
  });
}

/** Somebody named twice for one tenant, by name and by object id: nothing that the files alone could show. */
function sameAgain(mentions: readonly Mention[], idOf: (principal: Principal) => string): Problem[] {
  const seen = new Map<string, Mention>();
  return mentions.flatMap((mention): Problem[] => {
    const { principal, location, tenant } = mention;
    if (tenant === undefined) return [];
    const key = `${tenant} ${idOf(principal)}`;
    const first = seen.get(key) ?? mention;
    seen.set(key, first);
    if (lookUpName(first.principal) === lookUpName(principal)) return [];
    const message = `'${principal.id}' is '${first.principal.id}' of line ${first.location.line}, who is named twice for this tenant: remove one of the two`;
    return [{ severity: "warning", location, message }];
  });
}

/** The arguments of the Azure CLI that print a user's or a group's object id. */
export function showId({ type, id }: Principal): string[] {
  const show = type === "Group" ? ["group", "show", "--group"] : ["user", "show", "--id"];
  return ["ad", ...show, id, "--query", "id", "--output", "tsv"];
}

/** True for Microsoft Graph's words for whoever may not read the directory. */
export function isReadRefusal(reason: string): boolean {
  return /Authorization_RequestDenied|Insufficient privileges/.test(reason);
}

/** For an administrator: what to do where the deploying identity may not ask Entra ID, or is nobody. */
export function cannotLookUp(reason: string, mentions: readonly Mention[]): string {
  const named = mentions.filter(({ principal }) => needsLookUp(principal));
  const commands = named.map(({ principal, location: { file, line, column } }) => {
    return `  ${oneLine(file)}:${line}:${column}: ${shellCommand(["az", ...showId(principal)])}`;
  });
  return [
    "Entra ID could not be asked who is who; nothing was changed.",
    `  ${printable(reason.trim()).replaceAll("\n", "\n  ")}`,
    `${remedy(reason)} Object ids instead of names need no look-up and no right to make one:`,
    ...commands,
  ].join("\n");
}

function remedy(reason: string): string {
  if (isReadRefusal(reason)) {
    return "A service principal that deploys needs the application permissions User.Read.All and Group.Read.All of Microsoft Graph, with an administrator's consent; a user needs none.";
  }
  // The azuread provider's words where nobody is signed in.
  if (/Authorizer|az login|Azure CLI/.test(reason)) {
    return "Sign in first: 'az login', or ARM_CLIENT_ID, ARM_TENANT_ID and what else the identity of a pipeline takes.";
  }
  return "Try again where that looks like a passing failure.";
}
