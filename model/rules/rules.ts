import { isDeepStrictEqual } from "node:util";
import {
  accessLists,
  type EffectiveRight,
  effectiveRights,
  mayLeaveThings,
  type WayIn,
} from "../access/effectiveRights.ts";
import { lookUpKey } from "../access/people.ts";
import type { AccessList } from "../access/roles.ts";
import type { Draft } from "../tenant/tenantFiles.ts";
import type { Tenant } from "../tenant/tenantSchema.ts";
import type { Problem } from "../text/problems.ts";
import { capacityProblems } from "./capacity.ts";
import type { Stack } from "./stack.ts";
import { hostProblems, membersOnOneNode } from "./survival.ts";
import { versionProblems } from "./versions.ts";

/** A rule for one tenant, and the fields that it looks at: it is left out where one of them is not right. */
interface Rule {
  readonly fields: readonly (keyof Tenant)[];
  readonly check: (tenant: Tenant, stack: Stack) => Iterable<Problem>;
}

const rules: readonly Rule[] = [
  { fields: ["access", "hostRole", "expose"], check: reachability },
  { fields: ["access", "hostRole", "expose", "lifecycle"], check: raisedRights },
  { fields: ["access", "hostRole"], check: unheldRole },
  { fields: ["namespace", "hostRole", "lifecycle"], check: leftBehind },
  { fields: ["access"], check: namedTwice },
  { fields: ["access", "hostRole", "expose", "lifecycle", "namespace"], check: signIn },
  { fields: ["expires", "owner"], check: expiry },
  { fields: ["store"], check: membersOnOneNode },
];

/**
 * Whatever is wrong with tenants whose fields are each right; errors and warnings. Where some fields of a tenant are not, the
 * rules for the others hold all the same, so that one run tells everything.
 */
export function ruleProblems(stack: Stack): Problem[] {
  const drafts: readonly Draft[] = [
    ...stack.tenants.map((tenant) => ({ tenant, wrong: new Set<string>() })),
    ...(stack.drafts ?? []),
  ];
  const ofEach = drafts.flatMap(({ tenant, wrong }) =>
    rules
      .filter(({ fields }) => !fields.some((field) => wrong.has(field)))
      .flatMap(({ check }) => [...check(tenant, stack)]),
  );
  return [...versionProblems(stack), ...ofEach, ...capacityProblems(stack), ...hostProblems(stack)];
}

/** Where the first of some fields stands that is written; by default they are the stack's. */
function written({ locate }: Stack, name: string, ...fields: (keyof Tenant)[]): Problem["location"] {
  const start = locate(name);
  const places = fields.map((field) => locate(name, field));
  return places.find((place) => !isDeepStrictEqual(place, start)) ?? start;
}

/** Without an address, a virtual cluster is reached by port-forward, which Azure's reader role does not have. */
function* reachability(tenant: Tenant, stack: Stack): Generator<Problem> {
  // What keeps people out once it is active is told before.
  const { name, hostRole } = tenant;
  const rights = Object.entries(effectiveRights({ ...tenant, lifecycle: "active" }, { signIn: true }));
  const outside = keptOut(rights, "unreachable");
  if (outside.length === 0) return;
  const location = written(stack, name, "expose", "access");
  if (outside.length === rights.length) {
    const message = `nobody listed in 'access' could reach the cluster: 'expose' is 'none', which needs port-forward, and 'hostRole' is '${hostRole}', which lacks it. Set expose: internal, or hostRole: writer`;
    yield { location, message };
  } else {
    const message = `the ${listed(outside)} cannot reach the cluster: 'expose' is 'none', which needs port-forward, and they hold no role on the host. Set expose: internal`;
    yield { severity: "warning", location, message };
  }
}

/** Who may read the namespace's Secrets and exec into the control plane is administrator inside, whatever the file says. */
function* raisedRights(tenant: Tenant, { locate }: Stack): Generator<Problem> {
  const { name, hostRole } = tenant;
  const { developers } = effectiveRights(tenant, { signIn: true });
  if (developers?.way !== "control plane") return;
  const message = `effective: admin. With hostRole '${hostRole}' the developers read the namespace's Secrets, the virtual cluster's own among them, and so are administrators inside; hostRole reader or none keeps them developers`;
  yield { severity: "warning", location: locate(name, "hostRole"), message };
}

function* unheldRole({ name, hostRole, access }: Tenant, { locate }: Stack): Generator<Problem> {
  if (hostRole === "none" || access.admins.length + access.developers.length > 0) return;
  const message = `hostRole '${hostRole}' is held by nobody: 'access' names no admins and no developers`;
  yield { severity: "warning", location: locate(name, "hostRole"), message };
}

/** Withdrawing a role does not undo what its holders made with it. */
function* leftBehind({ name, namespace, hostRole, lifecycle }: Tenant, { locate }: Stack): Generator<Problem> {
  if (lifecycle === "active" || !mayLeaveThings(hostRole)) return;
  const message = `with hostRole '${hostRole}' people could make RoleBindings, service account tokens or pods of their own in namespace '${namespace}', which outlive their role: docs/offboarding.md, "What a host role leaves behind"`;
  yield { severity: "warning", location: locate(name, "lifecycle"), message };
}

/** Somebody in two lists has the rights of both: the lesser entry only misleads. */
function* namedTwice({ name, access }: Tenant, { locate }: Stack): Generator<Problem> {
  const seen = new Map<string, { readonly list: AccessList; readonly line: number }>();
  for (const list of accessLists) {
    for (const [i, principal] of access[list].entries()) {
      const key = lookUpKey(principal);
      const location = locate(name, "access", list, i);
      const first = seen.get(key);
      if (first === undefined) {
        seen.set(key, { list, line: location.line });
        continue;
      }
      const gives = first.list === list ? "" : ", which gives more";
      const message = `'${principal.id}' stands in '${first.list}' already (line ${first.line})${gives}: remove one of the two`;
      yield { severity: "warning", location, message };
    }
  }
}

/** Without sign-in, the only way in is the administrator's kubeconfig in a Secret of the host namespace. */
function* signIn(tenant: Tenant, { settings, locate }: Stack): Generator<Problem> {
  if (settings === undefined || settings.signIn !== undefined) return;
  const { name, namespace } = tenant;
  const outside = keptOut(Object.entries(effectiveRights(tenant, { signIn: false })), "no sign-in");
  if (outside.length === 0) return;
  const message = `the ${listed(outside)} cannot sign in to the virtual cluster by themselves: the stack's setting signIn is not set, and they may not read the Secrets of namespace '${namespace}'. Set signIn (docs/onboarding.md), or a platform administrator hands out kubeconfigs`;
  yield { severity: "warning", location: locate(name, "access"), message };
}

/** The lists whose people are kept out in this way. */
function keptOut(rights: readonly (readonly [string, EffectiveRight])[], by: WayIn): string[] {
  return rights.filter(([, { way }]) => way === by).map(([list]) => list);
}

function listed(names: readonly string[]): string {
  return new Intl.ListFormat("en").format(names);
}

/** An expired tenant is never deleted: somebody is reminded. */
function* expiry({ name, expires, owner }: Tenant, { today, locate }: Stack): Generator<Problem> {
  if (expires === undefined || expires >= today) return;
  const message = `expired on ${expires}: ask ${owner} whether to extend it or to begin offboarding; nothing is deleted by itself`;
  yield { severity: "warning", location: locate(name, "expires"), message };
}
