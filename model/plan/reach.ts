import { lookUpKey, needsLookUp } from "../access/people.ts";
import { hostMembers } from "../access/roles.ts";
import type { ChangedRun } from "../deploy/changedRun.ts";
import { asDeployed, type Deployed } from "../rules/deployed.ts";
import type { Side } from "./stackPlan.ts";

/**
 * How far a change reaches, where it is about tenant files alone: to the tenants whose files were added, changed or removed, and to
 * their people. What an engine would do to every other tenant is nothing, and a few among many are rehearsed as if they were alone.
 */
export interface Reach extends Pick<ChangedRun, "users"> {
  readonly tenants: string[];
  /** What is deployed of all others, as far as rules ask for it. */
  readonly others: Deployed["tenants"];
}

/** A side that was read without an error, and what its settings file holds. */
interface ReadSide {
  readonly side: Side;
  readonly settingsText: string;
}

/** How far a change reaches between two sides that have the same program; undefined where it can be about every tenant. */
export function reachOf(before: ReadSide, after: ReadSide): Reach | undefined {
  // A setting can be about every tenant.
  if (before.settingsText !== after.settingsText) return undefined;
  const [was, is] = [before.side.texts, after.side.texts];
  const tenants = [...new Set([...was.keys(), ...is.keys()])].filter((name) => was.get(name) !== is.get(name)).sort();
  const others = before.side.tenants.filter(({ name }) => !tenants.includes(name));
  const users = usersOf(before, after, tenants);
  return { tenants, ...(users && { users }), others: asDeployed(others, before.side.settings?.vcluster) };
}

/** Who has a role on the host by some of the tenants, on either side; undefined where others may be the same people. */
function usersOf(before: ReadSide, after: ReadSide, names: readonly string[]): string[] | undefined {
  const all = [before, after].flatMap(({ side }) => side.tenants);
  const kinds = new Set(all.flatMap(hostMembers).map((one) => `${one.type} ${needsLookUp(one)}`));
  // Somebody may be named by an object id in one file, and by a name in another.
  if (["User", "Group"].some((type) => kinds.has(`${type} true`) && kinds.has(`${type} false`))) return undefined;
  const own = all.filter(({ name }) => names.includes(name)).flatMap(hostMembers);
  return [...new Set(own.map(lookUpKey))];
}
