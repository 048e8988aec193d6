import type { Alarm, Change, ResourceChange, TenantPlan } from "./plan.ts";
import { kindOf, type Step } from "./steps.ts";
import { counted, list, ours, say, type Words } from "./words.ts";

/**
 * The loudest line there is: what keeps things from being deleted goes, by the setting or by what is registered.
 *
 * @param steps those of tenants that begin offboarding left out, which give up their protection as they should
 */
export function protectionAlarm(settings: readonly Change[], steps: readonly Step[]): Alarm[] {
  const off = settings.some(({ path, to }) => path === "protect" && to === "false");
  const lifted = steps.filter(({ before, after }) => before?.protect && after !== undefined && !after.protect);
  if (!off && lifted.length === 0) return [];
  const kinds = Map.groupBy(lifted, ({ after }) => kindOf(after ?? { type: "" }));
  const counts = [...kinds].map(([kind, some]) => counted(some.length, kind));
  const what = counts.length === 0 ? "anything" : new Intl.ListFormat("en").format(counts);
  const text = `Once this is deployed, nothing keeps ${what} from being deleted, with all data. That is for a teardown alone.`;
  return [{ level: "danger", short: ours("PROTECTION OFF"), text: ours(text) }];
}

/** What is shared and goes. */
export function sharedAlarms(shared: readonly ResourceChange[]): Alarm[] {
  return shared.flatMap(sharedAlarm);
}

/** True for the cluster that all tenants live on, or what holds it, where it goes or another takes its place. */
export function isHostGoing({ op, kind }: ResourceChange): boolean {
  return (op === "delete" || op === "replace") && ["ManagedCluster", "ResourceGroup"].includes(kind);
}

function sharedAlarm(change: ResourceChange): Alarm[] {
  const { op, kind, name } = change;
  if (kind === "RoleAssignment" || (op !== "delete" && op !== "replace")) return [];
  const done = op === "delete" ? "deleted" : "replaced";
  const loss = isHostGoing(change) ? ", and every tenant's data with it" : "";
  return [
    {
      level: "danger",
      short: ours(`${kind.replaceAll(/(?<=[a-z])(?=[A-Z])/g, " ")} ${done}`.toUpperCase()),
      text: say`${ours(kind)} ${name}, which all tenants share, is ${ours(`${done}${loss}`)}.`,
    },
  ];
}

/** What a reviewer must not miss of the tenants. */
export function tenantAlarms(tenants: readonly TenantPlan[], existing: number): Alarm[] {
  const names = (some: readonly TenantPlan[]) => some.map(({ name }) => name);
  const alarm = (level: Alarm["level"], some: readonly TenantPlan[], short: string, text: (names: Words) => Words) =>
    some.length === 0
      ? []
      : [{ level, short: say`${ours(short)} (${list(names(some))})`, text: text(list(names(some), 12)) }];
  const old = tenants.filter(({ fate }) => fate !== "created");
  const reached = old.filter(({ fate }) => fate !== "deleted");
  const lost = tenants.filter(({ data }) => data?.lost);
  const opened = tenants.filter(({ fields }) => fields.some(({ path, to }) => path === "expose" && to === "public"));
  const ranges = old.filter(
    (tenant) =>
      !opened.includes(tenant) &&
      tenant.fields.some(
        ({ path, consequences }) => path === "allowedCidrs" && consequences.some(([first]) => first === "added: "),
      ),
  );
  const widened = reached.filter(({ people, fate }) => fate === "changed" && people.some(({ gain }) => gain));
  const handed = reached.filter(({ fields }) => fields.some(({ path }) => path === "owner"));
  return [
    ...alarm("danger", lost, "DATA LOST", (who) => [...ours("The data of "), ...who, " is lost for good."]),
    ...(existing > 1 && reached.length === existing
      ? [
          {
            level: "attention" as const,
            short: ours(`reaches all ${existing} tenants`),
            text: ours(`This changes all ${existing} tenants of the stack.`),
          },
        ]
      : []),
    ...alarm("attention", opened, "open to the internet", (who) => [
      "The API server of ",
      ...who,
      " has a public address.",
    ]),
    ...alarm("attention", ranges, "open to more ranges", (who) => [
      "Other ranges reach the public API server of ",
      ...who,
      ".",
    ]),
    ...alarm("attention", widened, "more rights", (who) => [...ours("People get more rights in "), ...who, "."]),
    ...alarm("attention", handed, "changes hands", (who) => [...who, " gets another owner, with all that is in it."]),
  ];
}
