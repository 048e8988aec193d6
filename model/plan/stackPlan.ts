import { isDeepStrictEqual } from "node:util";
import { type Left, numbersLeft } from "../rules/capacity.ts";
import type { Settings } from "../settings/settingsSchema.ts";
import { completeTenant, type Tenant, type TenantDefaults, tenantFileSchema } from "../tenant/tenantSchema.ts";
import type { Problem } from "../text/problems.ts";
import { isHostGoing, protectionAlarm, sharedAlarms, tenantAlarms } from "./alarms.ts";
import { clusterPeople } from "./clusterPeople.ts";
import { costChange } from "./cost.ts";
import { type DriftStep, driftOf, type FoundDrift } from "./drift.ts";
import type { Ungated } from "./gates.ts";
import { headline } from "./headline.ts";
import type { Labels } from "./people.ts";
import type { Alarm, Failure, RoomChange, TenantPlan } from "./plan.ts";
import { settingsChanges } from "./settingsChanges.ts";
import { isGrouping, kindOf, type Resource, type Step, stepsByTenant } from "./steps.ts";
import { resourceChanges, tenantPlan } from "./tenantPlan.ts";
import { compareWarnings } from "./warnings.ts";
import { list, ours, say, type Words } from "./words.ts";

/** A stack on one side of a comparison, as far as its files can be read. */
export interface Side {
  /** Left out where anything in them is wrong. */
  readonly settings?: Settings;
  /** The same, though rules between settings refuse it; left out where a value is wrong. */
  readonly written?: Settings;
  readonly tenantDefaults: TenantDefaults;
  readonly tenants: readonly Tenant[];
  /** Tenants whose files are there, but not right. */
  readonly unread: readonly string[];
  /** What the tenant files hold, by the tenant's name. */
  readonly texts: ReadonlyMap<string, string>;
  readonly labels: Labels;
  readonly warnings: readonly Problem[];
}

/** A stack before and after a change. */
export interface Comparison {
  readonly stack: string;
  /** Left out where there is no such stack on that side. */
  readonly before?: Side;
  readonly after?: Side;
  /** What an engine would do; left out where it cannot be told, for which there are failures. */
  readonly steps?: readonly Step[];
  readonly failures: readonly Failure[];
  /** What is not known of before. */
  readonly notes?: readonly Words[];
  /** What is otherwise in the cloud than it was deployed, where somebody has looked. */
  readonly drift?: FoundDrift;
}

/** What a change does to a stack. */
export function stackPlan(unordered: Comparison): Ungated {
  const comparison = inOrder(unordered);
  const { stack, before, after, steps, failures, notes = [] } = comparison;
  if (after === undefined) return before === undefined ? noStack(stack) : stackGone(stack, before.tenants);
  const labels = new Map([...(before?.labels ?? []), ...(after.labels ?? [])]);
  // Settings that cannot be read are no settings that are gone, and of a new stack all are new.
  const [was, is] = [before, after].map((side) => side?.settings ?? side?.written);
  const settings = was && is ? settingsChanges(was, is, labels) : { changes: [], alarms: [] };
  const drift = comparison.drift && driftOf(comparison.drift);
  const byTenant = stepsByTenant(steps);
  const ofNobody = (byTenant.get(undefined) ?? []).filter((step) => !isGrouping(resourceOf(step)));
  const shared = resourceChanges(ofNobody);
  const hostGoes = shared.some(isHostGoing);
  const all = tenantPlans(comparison, { byTenant, labels, hostGoes });
  const known = new Set(all.map(({ name }) => name));
  const untouched = (after.tenants ?? [])
    .map(({ name }) => name)
    .filter((name) => !known.has(name) && !before?.unread.includes(name));
  const unread = [...new Set([...(before?.unread ?? []), ...after.unread])].sort();
  const existing = (before?.tenants ?? []).filter(({ name }) => after.tenants.some((one) => one.name === name));
  const refused = failures.some(({ side }) => side === "head");
  const leaving = new Set(after.tenants.filter(({ lifecycle }) => lifecycle === "offboarding").map(({ name }) => name));
  const staying = [...byTenant].flatMap(([name, some]) => (name !== undefined && leaving.has(name) ? [] : some));
  const alarms = [
    ...protectionAlarm(settings.changes, staying),
    ...settings.alarms,
    ...(before === undefined ? openAlarm(after.settings) : []),
    ...sharedAlarms(shared),
    // What is refused is not lost.
    ...tenantAlarms(refused ? [] : all, existing.length),
  ].sort((a, b) => Number(b.level === "danger") - Number(a.level === "danger"));
  const warnings = compareWarnings(before?.warnings ?? [], after.warnings ?? []);
  const complete = !refused && [before, after].every((side) => (side?.unread ?? []).length === 0);
  const plan = {
    stack,
    failures,
    rehearsed: steps !== undefined,
    ...(notes.length > 0 && { notes }),
    ...(drift && { drift }),
    alarms,
    settings: settings.changes,
    shared,
    people: clusterPeople(ofNobody, { before, after, labels }),
    tenants: grouped(all),
    untouched,
    unread,
    warnings: warnings.added,
    warningsGone: warnings.gone,
    // With a tenant that cannot be read, sums would be wrong; of what is refused there are none.
    room: complete ? roomChanges(before, after) : [],
    cost: complete ? costChange(before, after) : undefined,
  };
  const changes =
    before === undefined ||
    [failures, alarms, plan.settings, shared, all, plan.warnings, drift ?? []].some((some) => some.length > 0);
  return { ...plan, changes, headline: headline(plan, { isNew: before === undefined }) };
}

/** A new stack may begin with an API server that is open to all, and that is said. */
function openAlarm(settings: Settings | undefined): Alarm[] {
  const { azure } = settings ?? {};
  if (azure === undefined || azure.privateCluster || azure.authorizedIpRanges.length > 0) return [];
  return [
    {
      level: "attention",
      short: ours("the host's API server open to all"),
      text: ours("Every address may reach the host's API server: azure.authorizedIpRanges closes it."),
    },
  ];
}

/** Engines do what they can at once: each run has an order of its own, and the same change is to be told in the same words. */
function inOrder(comparison: Comparison): Comparison {
  const { steps, drift } = comparison;
  const sorted = <S extends Step>(some: readonly S[]) =>
    some.toSorted((a, b) => {
      const [one, other] = [resourceOf(a), resourceOf(b)];
      return kindOf(one).localeCompare(kindOf(other), "en") || one.name.localeCompare(other.name, "en");
    });
  return {
    ...comparison,
    ...(steps && { steps: sorted(steps) }),
    ...(drift && { drift: { ...drift, steps: sorted<DriftStep>(drift.steps) } }),
  };
}

/** Without its settings a stack is not deployed any more, and nothing is deleted by that. */
function stackGone(stack: string, tenants: readonly Tenant[]): Ungated {
  const text = say`The settings of stack ${stack} are gone: nothing deploys it any more, and its tenants (${list(tenants.map(({ name }) => name))}) stay as they are until somebody destroys it.`;
  const short = ours("STACK DROPPED: it is deployed no more, and what is deployed stays");
  return { ...noStack(stack), headline: short, changes: true, alarms: [{ level: "danger", short, text }] };
}

/** What no side has, and something is named after all the same, such as a file of waivers. */
export function noStack(stack: string): Ungated {
  return {
    stack,
    headline: ours("no such stack"),
    changes: false,
    failures: [],
    rehearsed: false,
    alarms: [],
    settings: [],
    shared: [],
    people: [],
    tenants: [],
    untouched: [],
    unread: [],
    warnings: [],
    warningsGone: 0,
    room: [],
    cost: undefined,
  };
}

function resourceOf({ before, after }: Step): Pick<Resource, "type" | "name"> {
  return after ?? before ?? { type: "", name: "" };
}

interface Whole {
  readonly byTenant: ReadonlyMap<string | undefined, readonly Step[]>;
  readonly labels: Labels;
  readonly hostGoes: boolean;
}

function tenantPlans({ before, after, steps }: Comparison, { byTenant, labels, hostGoes }: Whole): TenantPlan[] {
  const [was, is] = [before, after].map((side) => new Map(side?.tenants.map((tenant) => [tenant.name, tenant])));
  // Of what cannot be read, nothing is told: it is neither new nor gone.
  const unread = new Set([...(before?.unread ?? []), ...(after?.unread ?? [])]);
  const names = [...new Set([...(was?.keys() ?? []), ...(is?.keys() ?? [])])].filter((name) => !unread.has(name));
  return names.sort().flatMap((name) => {
    const plan = tenantPlan({
      name,
      before: was?.get(name),
      after: is?.get(name),
      bare: after === undefined ? undefined : bareTenant(name, after.tenantDefaults),
      settings: { before: before?.settings, after: after?.settings },
      labels,
      hostGoes,
      sameFile: isDeepStrictEqual(before?.texts.get(name), after?.texts.get(name)),
      steps: steps === undefined ? undefined : (byTenant.get(name) ?? []),
    });
    return plan ?? [];
  });
}

function bareTenant(name: string, defaults: TenantDefaults): Tenant {
  return completeTenant(name, tenantFileSchema().parse({ owner: "nobody@example.com", purpose: "none" }), defaults);
}

/** Tenants to which exactly the same happens stand together, at the place of the first. */
function grouped(plans: readonly TenantPlan[]): TenantPlan[] {
  const essence = ({ name, owner, namespace, resources, ...rest }: TenantPlan) =>
    JSON.stringify([rest, resources.map(({ op, kind, values }) => [op, kind, values])]);
  const groups = Map.groupBy(plans, (plan) =>
    plan.fate === "created" || plan.fate === "deleted" ? plan.name : essence(plan),
  );
  return [...groups.values()].flatMap(([first, ...others]) =>
    first === undefined ? [] : { ...first, alike: others.map(({ name }) => name) },
  );
}

function roomChanges(before: Side | undefined, after: Side | undefined): RoomChange[] {
  const left = (side: Side | undefined) =>
    side?.settings === undefined ? [] : numbersLeft({ settings: side.settings, tenants: side.tenants });
  const [was, is] = [left(before), left(after)];
  const same = (a: Left) => (b: Left) => a.whose === b.whose && a.what === b.what;
  const all = [...is, ...was.filter((one) => !is.some(same(one)))];
  return all.map((one) => {
    const [old, now] = [was.find(same(one)), is.find(same(one))];
    const { whose, what, unit } = one;
    return { whose, what, unit, ...(old && { before: old.left }), ...(now && { after: now.left }) };
  });
}
