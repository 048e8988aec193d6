import { moneyChange } from "./cost.ts";
import type { Ungated } from "./gates.ts";
import { countNamed } from "./people.ts";
import type { ControlPlane, Fate, StackPlan, TenantPlan } from "./plan.ts";
import { counted, join, list, ours, say, type Words } from "./words.ts";

/** What is said of each fate, for "1 tenant …". */
const fates: readonly (readonly [Fate, string])[] = [
  ["created", "created"],
  ["deleted", "deleted"],
  ["offboarding", "offboarding"],
  ["suspended", "suspended"],
  ["resumed", "active again"],
  ["changed", "changed"],
];

/** Everything in a line: enough to approve what is safe, and never quiet about what is not. */
export function headline(plan: Omit<Ungated, "headline" | "changes">, { isNew }: { readonly isNew: boolean }): Words {
  const { failures, alarms, settings, shared, warnings, cost, tenants, drift = [] } = plan;
  const shorts = (level: string) => alarms.filter((alarm) => alarm.level === level).map(({ short }) => short);
  const [only] = failures;
  const refused =
    only === undefined
      ? []
      : [
          ours(
            `CANNOT BE DEPLOYED: ${counted(
              failures.reduce((sum, { problems }) => sum + problems.length, 0),
              "problem",
            )} ${only.side === "head" ? "to mend" : "in the base"}; by the files alone`,
          ),
        ];
  const parts: Words[] = [
    ...refused,
    ...shorts("danger"),
    ...(isNew ? [ours("a new stack")] : []),
    tenantCounts(plan),
    ...newcomers(tenants),
    ...shorts("attention"),
    ...(settings.length === 0 || isNew ? [] : [ours(`${counted(settings.length, "setting")} changed`)]),
    ...(isNew ? [] : sharedWords(shared)),
    ...(warnings.length === 0 ? [] : [ours(counted(warnings.length, "new warning"))]),
    ...(drift.length === 0 ? [] : [ours(`drift in ${counted(drift.length, "resource")}`)]),
    ...costWords(cost),
    // Without an engine, nothing can be told of restarts.
    ...(failures.length > 0 ? [] : [restartWords(tenants)]),
  ];
  return join(parts, "; ");
}

/** "ManagedCluster updated". Role assignments are told with the people whose they are; what is loud, before. */
function sharedWords(shared: StackPlan["shared"]): Words[] {
  const quiet = shared.filter(({ op, kind }) => kind !== "RoleAssignment" && (op === "create" || op === "update"));
  const groups = Map.groupBy(quiet, ({ op, kind }) => `${kind} ${op}d`);
  return [...groups.values()].flatMap(([first, ...others]) =>
    first === undefined
      ? []
      : [
          ours(
            others.length === 0
              ? `${first.kind} ${first.op}d`
              : `${counted(others.length + 1, first.kind)} ${first.op}d`,
          ),
        ],
  );
}

/** Names of the tenants of some plans, those alike among them. */
function namesOf(tenants: readonly TenantPlan[]): string[] {
  return tenants.flatMap(({ name, alike }) => [name, ...alike]);
}

function tenantCounts({ tenants, untouched, unread }: Pick<StackPlan, "tenants" | "untouched" | "unread">): Words {
  const counts = fates.flatMap(([fate, word]): [number, string, string[]][] => {
    const names = namesOf(tenants.filter((tenant) => tenant.fate === fate));
    return names.length === 0 && fate !== "changed" ? [] : [[names.length, word, names]];
  });
  const parts = counts.map(([count, word, names], i) => {
    const what = i === 0 ? counted(count, "tenant") : String(count);
    return names.length === 0 ? ours(`${what} ${word}`) : say`${ours(`${what} ${word}`)} (${list(names)})`;
  });
  const unknown = unread.length === 0 ? [] : [say`${ours(`${unread.length} unreadable`)} (${list(unread)})`];
  return join([...parts, ours(`${untouched.length} untouched`), ...unknown], ", ");
}

/** Who gets into new tenants that give their people a role on the host: that is more than a tenant of one's own. */
function newcomers(tenants: readonly TenantPlan[]): Words[] {
  const roleOf = ({ fields }: TenantPlan) => fields.find(({ path }) => path === "hostRole")?.to;
  const groups = Map.groupBy(
    tenants.filter(({ fate }) => fate === "created"),
    roleOf,
  );
  return [...groups].flatMap(([role, some]) => {
    const people = some.flatMap((tenant) => tenant.people);
    const onHost = new Set(people.filter(({ host }) => !host.to.startsWith("none")).flatMap(({ who }) => who));
    if (role === undefined || onHost.size === 0) return [];
    const all = countNamed([...new Set(people.flatMap(({ who }) => who))]);
    return [say`${ours(`${all} with access, ${onHost.size} as ${role} on the host`)} (${list(namesOf(some))})`];
  });
}

function costWords(cost: StackPlan["cost"]): Words[] {
  if (cost === undefined) return [];
  const { before, after, currency } = cost;
  if (after === undefined) return [];
  const change = moneyChange(before?.amount ?? 0, after.amount, currency);
  const atLeast = after.atLeast || before?.atLeast ? "at least " : "";
  return change === undefined ? [] : [ours(`${atLeast}${change} a month`)];
}

const verbs: readonly (readonly [ControlPlane, string, string])[] = [
  ["restarts", "restarts", "restart"],
  ["stops", "stops", "stop"],
  ["anew", "begins anew", "begin anew"],
];

function restartWords(tenants: readonly TenantPlan[]): Words {
  const parts = verbs.flatMap(([what, one, many]): Words[] => {
    const names = namesOf(tenants.filter(({ controlPlane }) => controlPlane === what));
    if (names.length === 0) return [];
    return [
      say`${ours(`${counted(names.length, "control plane")} ${names.length === 1 ? one : many}`)} (${list(names)})`,
    ];
  });
  if (parts.length > 0) return join(parts, ", ");
  // Where something goes, it would reassure in the wrong place.
  return ours(tenants.some(({ controlPlane }) => controlPlane === "goes") ? "nothing else stops" : "nothing restarts");
}
