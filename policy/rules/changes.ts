import { tenantType } from "../../model/deploy/tenantUrns.ts";
import { differInCents, money } from "../../model/plan/cost.ts";
import type { TenantPlan } from "../../model/plan/plan.ts";
import { kindOf, type Step, stepsByTenant } from "../../model/plan/steps.ts";
import { counted, list, ours, say } from "../../model/plan/words.ts";
import { weekdays } from "../../model/settings/gates.ts";
import { type StackChange, type StepRule, targetOf, wholeStack } from "../rule.ts";

/** How much a change may do at once, when, and at what cost; and what it may not take away. */
export const changeRules: readonly StepRule[] = [
  {
    id: "many-tenants",
    guards: "A change touches few tenants that are there already (setting gates.tenants)",
    findings: ({ plan, limits }) => {
      const touched = namesOf(plan.tenants.filter(({ fate }) => fate !== "created"));
      if (touched.length <= limits.tenants) return [];
      return [
        { target: wholeStack, why: ours(`${counted(touched.length, "tenant")} touched; ${limits.tenants} at most`) },
      ];
    },
  },
  {
    id: "restart-day",
    guards: "Control planes restart on the days that are meant for it (setting gates.restartDays)",
    findings: ({ plan, limits: { restartDays }, today }) => {
      const day = weekdays[new Date(today).getUTCDay()] ?? "Sunday";
      if (restartDays.length === 0 || restartDays.includes(day)) return [];
      const days = new Intl.ListFormat("en", { type: "disjunction" }).format(restartDays);
      const why = ours(`its control plane restarts, and today is ${day}: no waiver is needed on ${days}`);
      const restarting = plan.tenants.filter(({ controlPlane }) => controlPlane === "restarts");
      return namesOf(restarting).map((name) => ({ target: targetOf("tenant", name), why }));
    },
  },
  {
    id: "protection-lifted",
    guards: "What the engine refuses to delete stays so, but for a tenant that is offboarding",
    findings: ({ steps }) => {
      const lifted = [...stepsByTenant(steps).values()].flatMap((own) => (isLeaving(own) ? [] : own.filter(isLifted)));
      if (lifted.length === 0) return [];
      const names = lifted.flatMap(({ after }) => (after === undefined ? [] : targetOf(kindOf(after), after.name)));
      return [{ target: wholeStack, why: say`could be deleted afterwards: ${list(names.sort())}` }];
    },
  },
  {
    id: "cost",
    guards: "The bill stays below a limit (settings gates.monthlyCost and prices)",
    findings: costFindings,
  },
];

/** Names of the tenants of some plans, those alike among them. */
function namesOf(tenants: readonly Pick<TenantPlan, "name" | "alike">[]): string[] {
  return tenants.flatMap(({ name, alike }) => [name, ...alike]);
}

const isLifted = ({ before, after }: Step) => before?.protect === true && after?.protect === false;

/** True for the steps of a tenant that is offboarding, or goes. */
function isLeaving(steps: readonly Step[]): boolean {
  return steps.some(({ after }) => after?.type === tenantType && after.inputs.lifecycle === "offboarding");
}

function costFindings({ plan: { cost }, limits: { monthlyCost } }: StackChange): ReturnType<StepRule["findings"]> {
  if (monthlyCost === 0 || cost?.after === undefined) return [];
  const { before, after, currency } = cost;
  // What was too much before is not this change's.
  if (after.amount <= monthlyCost || after.amount <= (before?.amount ?? 0)) return [];
  const cents = differInCents(after.amount, monthlyCost, currency);
  const sums = [after.amount, monthlyCost].map((sum) => money(sum, currency, { cents }));
  const atLeast = after.atLeast ? "at least " : "";
  return [{ target: wholeStack, why: ours(`the bill rises to ${atLeast}${sums[0]} a month; ${sums[1]} at most`) }];
}
