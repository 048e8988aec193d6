import type { Fate, StackPlan, TenantPlan } from "../../model/plan/plan.ts";
import type { StackReport, TenantReport } from "../../model/report/report.ts";
import { signs } from "../plan/phrases.ts";

/** A stack as a page shows it: as it is, or with what a change does to it. */
export interface StackPage {
  readonly report: StackReport;
  /** The same before the change, where there is one and it had the stack. */
  readonly before?: StackReport;
  readonly plan?: StackPlan;
}

/** A tenant's row. */
export interface Row {
  /** The same in the table and in every bar. */
  readonly number: number;
  readonly tenant: TenantReport;
  /** What a change does to it; left out where nothing. */
  readonly mark?: Mark;
}

/** What a change does to a tenant. */
export interface Mark {
  readonly fate: Fate;
  /** Left out where another tenant's row tells it: exactly the same happens. */
  readonly plan?: TenantPlan;
  /** That other tenant. */
  readonly like?: string;
}

/** All tenants of a stack, those that go among them, numbered in the order of their names. */
export function rowsOf({ report, before, plan }: StackPage): Row[] {
  const marks = marksOf(plan);
  const present = new Set(report.tenants.map(({ name }) => name));
  const gone = (before?.tenants ?? []).filter(({ name }) => !present.has(name) && marks.get(name)?.fate === "deleted");
  return [...report.tenants, ...gone]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((tenant, i) => {
      const mark = marks.get(tenant.name);
      return { number: i + 1, tenant, ...(mark && { mark }) };
    });
}

function marksOf(plan: StackPlan | undefined): Map<string, Mark> {
  return new Map(
    (plan?.tenants ?? []).flatMap((one): [string, Mark][] => [
      [one.name, { fate: one.fate, plan: one }],
      ...one.alike.map((name): [string, Mark] => [name, { fate: one.fate, like: one.name }]),
    ]),
  );
}

/** How a fate looks: three looks are enough, for the word stands beside it. */
export function lookOf(fate: Fate): "new" | "gone" | "changed" {
  return fate === "created" ? "new" : fate === "deleted" ? "gone" : "changed";
}

/** A sign for a fate: colour is never all that says it. */
export function signOf(fate: Fate): string {
  return signs[fate].replace("-", "−");
}
