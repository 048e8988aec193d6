import { planPage, reportPage } from "../../cli/page/page.ts";
import { withGates } from "../../model/plan/gates.ts";
import type { Gates } from "../../model/plan/plan.ts";
import { type Side, stackPlan } from "../../model/plan/stackPlan.ts";
import type { Step } from "../../model/plan/steps.ts";
import { stackReport } from "../../model/report/stackReport.ts";
import { settingsSchema } from "../../model/settings/settingsSchema.ts";
import { sizes } from "../../model/tenant/sizes.ts";
import { completeTenant, type TenantFile, tenantFileSchema } from "../../model/tenant/tenantSchema.ts";

/** The day on which the pages of the tests are made. */
export const today = "2026-08-21";

const defaults = { size: "small", kubernetes: "1.35", expose: "none", sizes } as const;
const azure = {
  location: "westeurope",
  resourceGroup: "rg-test",
  clusterName: "aks-test",
  tier: "Standard",
  nodePool: { vmSize: "Standard_D8s_v5", count: 3, zones: ["1", "2", "3"] },
  clusterAdmins: [{ user: "admin@contoso.com" }],
};

/** Prices that nobody asks for. */
export const prices = {
  currency: "USD",
  source: "an invented list",
  date: "2026-08-01",
  nodes: { Standard_D8s_v5: 300 },
  tiers: { Standard: 70 },
  parts: { systemDiskGi: 0.1, diskGi: 0.1 },
};

/** Fields of a tenant file, of any length: what the schema would refuse is not refused here. */
export type Files = Readonly<Record<string, Partial<TenantFile>>>;

/** A stack with three nodes of 8 vCPUs and some tenants. */
export function sideOf(
  files: Files,
  { labels = {}, ...settings }: { labels?: Record<string, string>; [key: string]: unknown } = {},
): Side {
  const file = tenantFileSchema().parse({ owner: "team@contoso.com", purpose: "a test" });
  return {
    settings: settingsSchema.parse({ azure, ...settings }),
    tenantDefaults: defaults,
    tenants: Object.entries(files).map(([name, fields]) => completeTenant(name, { ...file, ...fields }, defaults)),
    unread: [],
    texts: new Map(Object.entries(files).map(([name, fields]) => [name, JSON.stringify(fields)])),
    labels: new Map(Object.entries(labels)),
    warnings: [],
  };
}

/** What is told of a stack named test. */
export function reportOf(side: Side) {
  return stackReport({ stack: "test", side, errors: [], today });
}

/** The page of a stack. */
export function pageOf(side: Side): string {
  return reportPage([reportOf(side)]);
}

/** Gates that are in the way of nothing. */
export const openGates: Gates = {
  file: "waivers/test.yaml",
  needed: [],
  waived: [],
  waivers: { added: [], removed: [], mended: [] },
  problems: [],
  notes: [],
};

/** The page of a change, told from the files and from an engine's steps. */
export function changePage(before: Side, after: Side, steps: readonly Step[] = [], gates: Gates = openGates): string {
  const plan = withGates(stackPlan({ stack: "test", before, after, steps, failures: [] }), gates);
  return planPage({ base: "origin/main", program: { files: [], ownPackages: false, ruling: [] }, stacks: [plan] }, [
    { plan, report: reportOf(after), before: reportOf(before) },
  ]);
}
