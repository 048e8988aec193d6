import { describe, expect, test } from "vitest";
import type { Finding, TenantPlan } from "../../model/plan/plan.ts";
import type { Resource, Step } from "../../model/plan/steps.ts";
import { plain } from "../../model/plan/words.ts";
import { gatesSchema } from "../../model/settings/gates.ts";
import { judge, programRule, ruleIds, stackRule } from "../../policy/judge.ts";
import type { StackChange } from "../../policy/rule.ts";
import { applyWaivers } from "../../policy/waivers.ts";

/** A resource as an engine has it. */
function resource(type: string, name: string, fields: Partial<Resource> = {}): Resource {
  return { urn: name, type, name, protect: true, retain: false, inputs: {}, ...fields };
}

const safeCluster = {
  disableLocalAccounts: true,
  aadProfile: { enableAzureRBAC: true },
  apiServerAccessProfile: { authorizedIPRanges: ["203.0.113.0/24"] },
  sku: { tier: "Standard" },
};
const cluster = (inputs: object = {}, fields: Partial<Resource> = {}) =>
  resource("azure-native:containerservice:ManagedCluster", "host", {
    ...fields,
    inputs: { ...safeCluster, ...inputs },
  });
const component = (lifecycle = "active") =>
  resource("virtual-clusters:index:Tenant", "shop", { protect: false, inputs: { lifecycle } });
const namespace = (fields: Partial<Resource> = {}) =>
  resource("kubernetes:core/v1:Namespace", "shop-namespace", { parent: "shop", ...fields });
const release = (inputs: object = {}, fields: Partial<Resource> = {}) =>
  resource("kubernetes:helm.sh/v3:Release", "shop-vcluster", {
    parent: "shop",
    inputs: { chart: "./.charts/vcluster-0.36.1.tgz", version: "0.36.1", values: { controlPlane: {} }, ...inputs },
    ...fields,
  });
const job = (image: string) =>
  resource("kubernetes:batch/v1:Job", "shop-stop", { parent: "shop", inputs: { spec: { containers: [{ image }] } } });

const created = (after: Resource): Step => ({ op: "create", after });
const deleted = (before: Resource): Step => ({ op: "delete", before });
const updated = (before: Resource, after: Resource): Step => ({ op: "update", before, after });
const replaced = (before: Resource): Step => ({ op: "replace", before, after: before });
const same = (one: Resource): Step => ({ op: "same", before: one, after: one });

const tenants = (count: number, fields: Partial<TenantPlan> = {}) =>
  Array.from({ length: count }, (_, i) => ({
    name: `t${i}`,
    alike: [],
    fate: "changed",
    ...fields,
  })) as unknown as readonly TenantPlan[];

const bill = (before: number, after: number) => ({
  currency: "EUR",
  source: "an invented list",
  date: "2026-11-01",
  before: { amount: before, atLeast: false },
  after: { amount: after, atLeast: true },
  unknown: [],
});

/** A change on a Tuesday. */
function change({
  plan,
  limits,
  ...fields
}: Partial<Omit<StackChange, "limits">> & { readonly limits?: object }): StackChange {
  return {
    environment: "development",
    steps: [],
    today: "2026-12-01",
    ...fields,
    limits: gatesSchema.parse(limits ?? {}),
    plan: { tenants: [], cost: undefined, ...plan },
  };
}

/** Of each rule a change that trips it: the target, and why. */
const trips: Readonly<Record<string, readonly [StackChange, target: string, why: string]>> = {
  "local-accounts": [
    change({ steps: [created(cluster({ disableLocalAccounts: false }))] }),
    "ManagedCluster host",
    "local accounts are on: whoever gets their certificate is administrator for as long as it is valid",
  ],
  "azure-rbac": [
    change({ steps: [updated(cluster(), cluster({ aadProfile: { managed: true } }))] }),
    "ManagedCluster host",
    "Azure RBAC is off: role assignments say nothing of what people may do on the cluster",
  ],
  "open-api-server": [
    change({ steps: [updated(cluster(), cluster({ apiServerAccessProfile: {} }))] }),
    "ManagedCluster host",
    "every address may reach the host's API server: set azure.authorizedIpRanges",
  ],
  "free-tier": [
    change({ environment: "production", steps: [updated(cluster(), cluster({ sku: { tier: "Free" } }))] }),
    "ManagedCluster host",
    "the tier is Free, which has no SLA and is not meant for many nodes",
  ],
  unprotected: [
    change({ environment: "production", steps: [created(release({}, { protect: false }))] }),
    "Release shop-vcluster",
    "it is not protected: whoever deploys could delete it by a mistake",
  ],
  "unpinned-chart": [
    change({ steps: [updated(release(), release({ chart: "vcluster", version: "^0.36" }))] }),
    "Release shop-vcluster",
    "its chart's version ^0.36 is none that stays the same",
  ],
  "unpinned-image": [
    change({ steps: [created(job("localhost:5000/kubectl"))] }),
    "Job shop-stop",
    "what runs may be another one tomorrow: localhost:5000/kubectl",
  ],
  "host-lost": [
    change({ steps: [replaced(cluster())] }),
    "ManagedCluster host",
    "it is replaced: every virtual cluster on it goes with its data",
  ],
  "network-lost": [
    change({ steps: [deleted(resource("azure-native:network:Subnet", "subnet"))] }),
    "Subnet subnet",
    "it is deleted: what reaches tenants through it reaches them no more",
  ],
  "guard-lost": [
    change({ steps: [deleted(resource("kubernetes:cilium.io/v2:CiliumClusterwideNetworkPolicy", "guard-network"))] }),
    "CiliumClusterwideNetworkPolicy guard-network",
    "it is deleted: what it forbids to tenants is allowed, if only for the moment",
  ],
  "provider-lost": [
    change({ steps: [replaced(resource("pulumi:providers:kubernetes", "platform-access-provider"))] }),
    "kubernetes provider platform-access-provider",
    "it is replaced: everything that was made through it is made anew",
  ],
  "data-lost": [
    change({ steps: [deleted(component()), deleted(namespace()), deleted(release())] }),
    "tenant shop",
    "its Namespace and Release are deleted: its data is lost for good",
  ],
  "many-tenants": [
    change({ plan: { tenants: tenants(11), cost: undefined } }),
    "stack",
    "11 tenants touched; 10 at most",
  ],
  "restart-day": [
    change({
      limits: { restartDays: ["Saturday", "Sunday"] },
      plan: { tenants: tenants(1, { controlPlane: "restarts" }), cost: undefined },
    }),
    "tenant t0",
    "its control plane restarts, and today is Tuesday: no waiver is needed on Saturday or Sunday",
  ],
  "protection-lifted": [
    change({ steps: [same(component()), { ...same(namespace()), after: namespace({ protect: false }) }] }),
    "stack",
    "could be deleted afterwards: Namespace shop-namespace",
  ],
  cost: [
    change({ limits: { monthlyCost: 1000 }, plan: { tenants: [], cost: bill(900, 1200) } }),
    "stack",
    "the bill rises to at least €1,200 a month; €1,000 at most",
  ],
};

const plainly = (findings: readonly Finding[]) => findings.map(({ rule, target, why }) => [rule, target, plain(why)]);

test("there is a change that trips each rule", () => {
  expect([...Object.keys(trips), programRule.id, stackRule.id]).toEqual(ruleIds);
});

describe.each(Object.entries(trips))("rule %s", (rule, [tripping, target, why]) => {
  const findings = judge(tripping);
  const waiver = { rule, target, who: "platform@contoso.com", why: "the plan was agreed", until: "2026-12-31" };
  const [none, one] = [[], [waiver]].map((waivers) => ({ waivers, problems: [] }));
  const gates = (base = none, head = none) =>
    applyWaivers({
      stack: "dev",
      findings,
      base: base ?? { waivers: [], problems: [] },
      head: head ?? { waivers: [], problems: [] },
      today: "2026-12-01",
    });

  test("is tripped by what it is for, and by that alone", () => {
    expect(plainly(findings)).toEqual([[rule, target, why]]);
    expect(gates()).toMatchObject({ needed: [{ rule, target }], waived: [] });
  });

  test("lets through what the base has a waiver for", () => {
    expect(gates(one, one)).toMatchObject({ needed: [], waived: [{ rule, target, waiver }], notes: [] });
  });

  test("is not waived by a waiver that comes with the change", () => {
    const { needed, notes } = gates(none, one);
    expect(needed).toHaveLength(1);
    expect(notes.map(plain)).toEqual([
      `The waiver of ${rule} (${target}) does not count yet: it has to be merged before, by a change of its own.`,
    ]);
  });
});

describe("no rule is tripped", () => {
  const quiet: Readonly<Record<string, StackChange>> = {
    "by a first deployment in development, though its API server is open": change({
      steps: [
        created(cluster({ apiServerAccessProfile: {}, sku: { tier: "Free" } })),
        created(component()),
        created(release()),
      ],
    }),
    "by what was broken before": change({
      environment: "production",
      steps: [same(cluster({ apiServerAccessProfile: {}, sku: { tier: "Free" } })), same(job("kubectl:latest"))],
    }),
    "by a private API server": change({
      environment: "production",
      steps: [created(cluster({ apiServerAccessProfile: { enablePrivateCluster: true } }))],
    }),
    "by images with a tag or digest, and by those whose tag the chart chooses": change({
      steps: [
        created(job(`registry.k8s.io/kubectl@sha256:${"ab".repeat(32)}`)),
        created(
          release({ values: { image: { repository: "loft-sh/vcluster-oss" }, other: { image: "a/b:v1.35.0" } } }),
        ),
      ],
    }),
    "by a removed tenant whose data is kept": change({
      steps: [deleted(component()), deleted(namespace({ retain: true })), deleted(release())],
    }),
    "by a tenant that begins offboarding": change({
      steps: [
        updated(component(), component("offboarding")),
        { ...same(namespace()), after: namespace({ protect: false }) },
      ],
    }),
    "by a provider that the engine makes by itself": change({
      steps: [deleted(resource("pulumi:providers:kubernetes", "default_4_34_2"))],
    }),
    "by tenants that are new, however many": change({
      plan: { tenants: tenants(40, { fate: "created", controlPlane: "starts" }), cost: undefined },
    }),
    "by a restart on a day that is meant for it": change({
      limits: { restartDays: ["Tuesday"] },
      plan: { tenants: tenants(1, { controlPlane: "restarts" }), cost: undefined },
    }),
    "by a restart where no days are set": change({
      plan: { tenants: tenants(1, { controlPlane: "restarts" }), cost: undefined },
    }),
    "by a bill that was above the limit, and falls": change({
      limits: { monthlyCost: 1000 },
      plan: { tenants: [], cost: bill(1300, 1200) },
    }),
  };
  test.each(Object.entries(quiet))("%s", (_, one) => {
    expect(plainly(judge(one))).toEqual([]);
  });
});
