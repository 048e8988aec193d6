import { accessLists, describeRight, effectiveRight } from "../access/effectiveRights.ts";
import { lookUpKey } from "../access/people.ts";
import { type AccessList, hostRoleName, rolesInside } from "../access/roles.ts";
import type { Settings } from "../settings/settingsSchema.ts";
import type { Principal } from "../tenant/principals.ts";
import { hostRoles, type Tenant } from "../tenant/tenantSchema.ts";
import type { PeopleChange } from "./plan.ts";
import { mostEntries } from "./values.ts";
import { counted, list, type Words } from "./words.ts";

/** Names that files give to people beside their object ids, for readers: by the id. */
export type Labels = ReadonlyMap<string, string>;

const kinds = { User: "user", Group: "group", ServicePrincipal: "service principal" } as const;

/**
 * Somebody as a plan names them: 'group 6f0c2d1e-… ("ml-leads" in a file)'. The id decides who it is and stands first; what a
 * file calls them is its author's word. A name that could be read as an id with such a word is quoted: group names are anybody's.
 */
export function personText({ type, id }: Principal, labels: Labels): string {
  const label = labels.get(id);
  const name = /^[^\s"'`(),:;]+$/.test(id) ? id : JSON.stringify(id);
  return `${kinds[type]} ${name}${label === undefined ? "" : ` (${JSON.stringify(label)} in a file)`}`;
}

/** Many people in a sentence; each is told to the end, or whoever is named long could be taken for somebody else. */
export function listPeople(people: readonly string[]): Words {
  return list(
    people.map((value) => ({ value, whole: true })),
    mostEntries,
  );
}

/** What somebody can do, and how much that is. */
interface Rights {
  readonly who: string;
  /** The list of `access` that names them; of two, the first. */
  readonly list: AccessList;
  readonly inside: string;
  /** The same with how they come to it: "cluster-admin by hostRole writer". */
  readonly how: string;
  /** True where that is more than the list says. */
  readonly more: boolean;
  readonly host: string;
  readonly rank: readonly [inside: number, host: number];
}

const ranks = ["none", "view", "edit", "cluster-admin"];

/** What each of a tenant's people can really do; nobody where there is no such tenant. */
export function rightsOf(
  tenant: Tenant | undefined,
  settings: Settings | undefined,
  labels: Labels,
): Map<string, Rights> {
  const found = new Map<string, Rights>();
  if (tenant === undefined) return found;
  // With the settings unknown, it is taken for granted that people can sign in.
  const stack = { signIn: settings === undefined || settings.signIn !== undefined };
  for (const list of accessLists) {
    const right = effectiveRight(tenant, list, stack);
    const holds = list === "viewers" || tenant.lifecycle !== "active" ? "none" : tenant.hostRole;
    for (const principal of tenant.access[list]) {
      const key = lookUpKey(principal);
      // Somebody in two lists has the rights of the first.
      if (found.has(key)) continue;
      found.set(key, {
        who: personText(principal, labels),
        list,
        how: describeRight(right, tenant.hostRole),
        more: right.way === "control plane" && right.right !== rolesInside[list],
        inside: right.right === "none" ? `none (${right.way})` : right.right,
        host: hostRoleName(holds, settings?.azure !== undefined) ?? "none",
        rank: [ranks.indexOf(right.right), hostRoles.indexOf(holds)],
      });
    }
  }
  return found;
}

/** "2 people and 1 group", of people as {@link personText} names them. */
export function countNamed(people: readonly string[]): string {
  const types = Object.keys(kinds) as (keyof typeof kinds)[];
  return countPeople(
    people.flatMap((text) => types.filter((type) => text.startsWith(`${kinds[type]} `)).map((type) => ({ type }))),
  );
}

/** "2 people and 1 group". */
export function countPeople(people: readonly Pick<Principal, "type">[]): string {
  const kinds = [
    ["User", "person", "people"],
    ["Group", "group", "groups"],
    ["ServicePrincipal", "service principal", "service principals"],
  ] as const;
  const counts = kinds.flatMap(([type, one, many]) => {
    const count = people.filter((somebody) => somebody.type === type).length;
    return count === 0 ? [] : [counted(count, one, many)];
  });
  return new Intl.ListFormat("en").format(counts);
}

/** A tenant on one side of a comparison. */
export interface TenantSide {
  readonly tenant: Tenant | undefined;
  readonly settings: Settings | undefined;
  readonly labels: Labels;
}

/** Everybody whose rights differ, together with those whose rights differ in the same way. */
export function peopleChanges(before: TenantSide, after: TenantSide): PeopleChange[] {
  const [was, is] = [before, after].map(({ tenant, settings, labels }) => rightsOf(tenant, settings, labels));
  const changes = new Map<string, PeopleChange>();
  for (const key of new Set([...(was?.keys() ?? []), ...(is?.keys() ?? [])])) {
    const [old, now] = [was?.get(key), is?.get(key)];
    const inside = { from: old?.inside ?? "none", to: now?.inside ?? "none" };
    const host = { from: old?.host ?? "none", to: now?.host ?? "none" };
    const [less, more] = [old?.rank ?? [0, 0], now?.rank ?? [0, 0]];
    // How somebody gets the same right does not matter to them.
    if (less[0] === more[0]) inside.to = inside.from;
    if (inside.from === inside.to && host.from === host.to) continue;
    const gain = more[0] > less[0] || more[1] > less[1];
    const alike = JSON.stringify([inside, host]);
    const who = now?.who ?? old?.who ?? "";
    const known = changes.get(alike);
    changes.set(alike, { who: [...(known?.who ?? []), who], inside, host, gain });
  }
  return [...changes.values()];
}
