import { lookUpKey, needsLookUp } from "../access/people.ts";
import { type ClusterRole, clusterGrantOf, hostMembers } from "../access/roles.ts";
import type { Principal, PrincipalType } from "../tenant/principals.ts";
import { type Labels, personText } from "./people.ts";
import type { ClusterPeople, ResourceChange } from "./plan.ts";
import type { Side } from "./stackPlan.ts";
import { kindOf, type Step } from "./steps.ts";

/** True for what is one person's, though no tenant has it: it is told with people, not with what all tenants share. */
export function isPersonal({ kind, name }: Pick<ResourceChange, "kind" | "name">): boolean {
  return kind === "RoleAssignment" && clusterGrantOf(name) !== undefined;
}

/** Somebody's role at the whole cluster that an engine would give, take away or make anew. */
interface GrantStep {
  readonly op: ClusterPeople["op"];
  readonly role: ClusterRole;
  readonly principal: Principal;
}

/** The files of both sides, as far as they can be read. */
export interface ClusterSides {
  readonly before: Side | undefined;
  readonly after: Side | undefined;
  readonly labels: Labels;
}

/**
 * Whose roles at the whole cluster change. An engine knows object ids alone. Who is named by one in the files is told by it; the
 * others are those who come to the files or leave them by name, where they are as many: else the ids say who it is.
 *
 * @param steps of what belongs to no tenant
 */
export function clusterPeople(steps: readonly Step[], sides: ClusterSides): ClusterPeople[] {
  // By ids alone, the order would be another on each cluster.
  const grants = steps.flatMap(grantStep).sort((a, b) => rankOf(a) - rankOf(b));
  const groups = Map.groupBy(grants, rankOf);
  return [...groups.values()].flatMap((some) => {
    const [first] = some;
    if (first === undefined) return [];
    const { op, role } = first;
    const ofType = Map.groupBy(some, ({ principal }) => principal.type);
    const who = [...ofType].flatMap(([type, grants]) =>
      namesOf(
        grants.map(({ principal }) => principal),
        membersOf(op, role, sides).filter((one) => one.type === type),
        sides.labels,
      ),
    );
    return [{ op, role, who }];
  });
}

/** Administrators first, and who goes before who comes. */
function rankOf({ op, role }: GrantStep): number {
  return ["delete", "replace", "create"].indexOf(op) + (role === "clusterAdmin" ? 0 : 3);
}

function grantStep({ op, before, after }: Step): GrantStep[] {
  const one = after ?? before;
  if (one === undefined || op === "same" || kindOf(one) !== "RoleAssignment") return [];
  const grant = clusterGrantOf(one.name);
  if (grant === undefined) return [];
  const type = one.inputs.principalType as PrincipalType;
  return [{ op: op === "update" ? "replace" : op, role: grant.role, principal: { type, id: grant.objectId } }];
}

/** Who, by the files, comes to a role, leaves it or keeps it. */
function membersOf(op: ClusterPeople["op"], role: ClusterRole, { before, after }: ClusterSides): Principal[] {
  const [was, is] = [before, after].map((side) => {
    const holders =
      role === "clusterAdmin"
        ? (side?.settings?.azure?.clusterAdmins ?? [])
        : (side?.tenants.flatMap(hostMembers) ?? []);
    return new Map(holders.map((one) => [lookUpKey(one), one]));
  });
  const all = new Map([...(was ?? []), ...(is ?? [])]);
  const wanted = { create: [false, true], delete: [true, false], replace: [true, true] }[op];
  return [...all].flatMap(([key, one]) => (was?.has(key) === wanted[0] && is?.has(key) === wanted[1] ? [one] : []));
}

function namesOf(grants: readonly Principal[], members: readonly Principal[], labels: Labels): string[] {
  const byId = new Set(members.filter((one) => !needsLookUp(one)).map(({ id }) => id));
  const [known, unknown] = [grants.filter(({ id }) => byId.has(id)), grants.filter(({ id }) => !byId.has(id))];
  const named = members.filter(needsLookUp);
  return [...known, ...(named.length === unknown.length ? named : unknown)].map((one) => personText(one, labels));
}
