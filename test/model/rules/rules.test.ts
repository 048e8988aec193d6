import { describe, expect, test } from "vitest";
import { refusedValues } from "../../../model/chart/protectedValues.ts";
import { ruleProblems } from "../../../model/rules/rules.ts";
import { settingsSchema } from "../../../model/settings/settingsSchema.ts";
import type { Tenant } from "../../../model/tenant/tenantSchema.ts";
import { tenantOf } from "../../support/tenants.ts";

/** With an internal address, which leads somewhere on the stack of these tests. */
const tenant = (name: string, fields: Record<string, unknown> = {}) =>
  tenantOf(name, { expose: "internal", ...fields });

const azure = {
  location: "westeurope",
  resourceGroup: "rg",
  clusterName: "aks",
  clusterAdmins: [{ user: "admin@contoso.com" }],
  network: { subnet: { vnetCidr: "10.10.0.0/16", cidr: "10.10.0.0/20" }, reachableFrom: [{ routed: "our hub" }] },
};
const signIn = { issuer: "https://id.contoso.com/v2.0", clientId: "app" };

/** What the rules say of tenants on an Azure stack, as "severity where: message". */
function problems(tenants: readonly Tenant[], settings: Record<string, unknown> = { azure, signIn }): string[] {
  return ruleProblems({
    settings: settingsSchema.parse(settings),
    tenants,
    locate: (name, field = "name") => ({ file: `${name}.${String(field)}`, line: 1, column: 1 }),
    locateSetting: (path) => ({ file: path.join("."), line: 1, column: 1 }),
    today: "2026-08-21",
  }).map(({ severity = "error", location, message }) => `${severity} ${location.file}: ${message}`);
}

/** Nodes with room for every test that is not about room. */
const roomy = { signIn, azure: { ...azure, nodePool: { vmSize: "Standard_D16s_v5", count: 10 } } };
/** The ways to a cluster without an address, on the stack of these tests. */
const waysFor = (byHost: boolean) =>
  [
    `There are ${byHost ? "three" : "two"} ways:`,
    "  expose: public, with allowedCidrs: costs a public address and a rule of the load balancer, and an API server that these ranges reach over the internet",
    "  expose: internal: costs an address of the network and a rule of the load balancer; it is reached from our hub",
    ...(byHost
      ? [
          "  hostRole: writer: costs no address, for it gives port-forward on the host; but admin rights inside, for developers too: its holders read the Secret with the administrator's kubeconfig",
        ]
      : []),
  ].join("\n");
const people = { admins: [{ user: "ada@contoso.com" }] };

describe("tenants of a stack together", () => {
  test("are fine as they come: three lines, reachable and small", () => {
    expect(problems([tenant("ml", { access: people })])).toEqual([]);
  });

  test.each(["none", "reader"])("must be reachable: port-forward is not for hostRole %s", (hostRole) => {
    expect(problems([tenant("ml", { access: people, expose: "none", hostRole })])).toEqual([
      `error ml.expose: nobody listed in 'access' could reach the cluster: 'expose' is 'none', which needs port-forward, and 'hostRole' is '${hostRole}', which lacks it. ${waysFor(true)}`,
    ]);
  });

  test("that nobody reaches are told where the file says so, or at the people where the stack does", () => {
    const start = { file: "ml.yaml", line: 1, column: 1 };
    const places: Record<string, number> = { access: 3 };
    const said = (fields: Record<string, number>) =>
      ruleProblems({
        settings: settingsSchema.parse({ azure, signIn }),
        tenants: [tenant("ml", { access: people, expose: "none" })],
        locate: (_, field = "") => ({ ...start, line: { ...places, ...fields }[field] ?? 1 }),
        locateSetting: () => start,
        today: "2026-08-21",
      }).map(({ location: { line } }) => line);
    expect([said({}), said({ expose: 5 })]).toEqual([[3], [5]]);
  });

  test("are checked with the fields that are right, and nothing is told from the others", () => {
    const draft = tenant("ml", { kubernetes: "1.36", expires: "2026-08-20" });
    const said = (...wrong: string[]) =>
      ruleProblems({
        settings: settingsSchema.parse(roomy),
        tenants: [],
        drafts: [{ tenant: draft, wrong: new Set(wrong) }],
        locate: () => ({ file: "ml.yaml", line: 1, column: 1 }),
        locateSetting: () => ({ file: "", line: 1, column: 1 }),
        today: "2026-08-21",
      }).map(({ message }) => message.split(/[:,]/)[0]);
    expect(said("size")).toEqual(["Kubernetes 1.36 on a host of 1.35", "expired on 2026-08-20"]);
    expect([said("kubernetes"), said("owner", "kubernetes")]).toEqual([["expired on 2026-08-20"], []]);
  });

  test.each(["writer", "admin"])(
    "may be reached by port-forward with hostRole %s, and by nobody where nobody is listed",
    (hostRole) => {
      expect(
        problems([tenant("ml", { access: people, expose: "none", hostRole }), tenant("x", { expose: "none" })], roomy),
      ).toEqual([]);
    },
  );

  test("tell which of their people cannot reach them: viewers have no port-forward", () => {
    const access = { admins: people.admins, viewers: [{ user: "grace@contoso.com" }] };
    expect(problems([tenant("ml", { access, expose: "none", hostRole: "writer" })])).toEqual([
      `warning ml.expose: the viewers cannot reach the cluster: 'expose' is 'none', which needs port-forward, and they hold no role on the host. ${waysFor(false)}`,
    ]);
  });

  test("tell who cannot sign in by themselves where the stack has no sign-in", () => {
    const everyone = { admins: people.admins, developers: people.admins, viewers: people.admins };
    const message = (whom: string) =>
      `warning ml.access: the ${whom} cannot sign in to the virtual cluster by themselves: the stack's setting signIn is not set, and they may not read the Secrets of namespace 'ml'. Set signIn (docs/onboarding.md), or a platform administrator hands out kubeconfigs`;
    const said = (hostRole: string, settings = {}) =>
      problems([tenant("ml", { access: everyone, hostRole })], { azure, ...settings }).filter((text) =>
        text.includes("sign in"),
      );
    expect(said("none")).toEqual([message("admins, developers, and viewers")]);
    expect(said("writer")).toEqual([message("viewers")]);
    expect(said("none", { signIn })).toEqual([]);
  });

  test.each(["suspended", "offboarding"])(
    "tell what a host role may have left behind once a tenant is %s",
    (lifecycle) => {
      const said = (hostRole: string) => problems([tenant("ml", { access: people, hostRole, lifecycle })]);
      const message = (role: string) =>
        `warning ml.lifecycle: with hostRole '${role}' people could make RoleBindings, service account tokens or pods of their own in namespace 'ml', which outlive their role: docs/offboarding.md, "What a host role leaves behind"`;
      expect(["none", "reader", "writer", "admin"].map(said)).toEqual([
        [],
        [],
        [message("writer")],
        [message("admin")],
      ]);
    },
  );

  test("tell what a role on the host really gives inside", () => {
    expect(problems([tenant("ml", { access: { developers: people.admins }, hostRole: "writer" })])).toEqual([
      "warning ml.hostRole: effective: admin. With hostRole 'writer' the developers read the namespace's Secrets, the virtual cluster's own among them, and so are administrators inside; hostRole reader or none keeps them developers",
    ]);
  });

  test("warn of another minor than the host's, and of a day that has passed", () => {
    expect(
      problems(
        [tenant("ml", { kubernetes: "1.36", expires: "2026-08-20" }), tenant("x", { expires: "2026-08-21" })],
        roomy,
      ),
    ).toEqual([
      "warning ml.kubernetes: Kubernetes 1.36 on a host of 1.35: likely compatible, but only the same minor is tested by vCluster's authors",
      "warning ml.expires: expired on 2026-08-20: ask team@contoso.com whether to extend it or to begin offboarding; nothing is deleted by itself",
    ]);
  });

  test("must fit the node pool, with the number that is missing; what they may ask for at most is a warning", () => {
    // Two Standard_DS2_v2: 2 x (2000m - 100m) - 900m = 2900m and 2 x (7168Mi - 1800Mi) - 1400Mi = 9336Mi.
    const atMost = (needed: string, more: string) =>
      `warning azure.nodePool: CPU that tenants may request at most: ${needed}, and 2900m can be had: ${more} too many. Raise nodePool.count, choose a larger nodePool.vmSize, or smaller tenants`;
    expect(problems([tenant("a"), tenant("b")])).toEqual([atMost("2 tenants come to 3440m", "540m")]);
    expect(problems([tenant("a", { size: "large" }), tenant("b", { size: "large", store: "etcd" })])).toEqual([
      expect.stringContaining("store 'etcd' on 2 nodes"),
      "error azure.nodePool: CPU that the virtual clusters themselves request: 2 tenants come to 4100m, and 2900m can be had: 1200m too many. Raise nodePool.count, choose a larger nodePool.vmSize, or smaller tenants",
      atMost("2 tenants come to 18100m", "15200m"),
      "warning azure.nodePool: memory that tenants may request at most: 2 tenants come to 37442Mi, and 9336Mi can be had: 28106Mi too many. Raise nodePool.count, choose a larger nodePool.vmSize, or smaller tenants",
      // 13 for each, one for the store of SQLite and three for etcd.
      "warning azure.nodePool: disks that tenants may claim at most, with those of the control planes: 2 tenants come to 30, and 16 can be had: 14 too many. Raise nodePool.count, choose a larger nodePool.vmSize, or smaller tenants",
    ]);
  });

  test("may ask for more than there is as often as the setting overcommit says", () => {
    const nodePool = { vmSize: "Standard_DS2_v2", count: 2, overcommit: 1.2 };
    expect(problems([tenant("a"), tenant("b")], { azure: { ...azure, nodePool } })).toEqual([]);
  });

  test("must fit the nodes' disk slots and Azure's limits", () => {
    const nodePool = { vmSize: "Standard_D64s_v5", count: 20 };
    const many = Array.from({ length: 301 }, (_, i) => tenant(`t${i}`, { store: "etcd" }));
    expect(problems(many, { azure: { ...azure, nodePool } })).toEqual([
      "error azure.nodePool: disks of the control planes: 301 tenants come to 903, and 640 can be had: 263 too many. Raise nodePool.count, choose a larger nodePool.vmSize, or smaller tenants",
      "warning azure.nodePool: disks that tenants may claim at most, with those of the control planes: 301 tenants come to 1806, and 640 can be had: 1166 too many. Raise nodePool.count, choose a larger nodePool.vmSize, or smaller tenants",
      "error azure: rules of the load balancer: 301 tenants come to 301, and 300 can be had: 1 too many. Set expose: none for some, or use another cluster",
    ]);
  });

  test("are not counted on a cluster whose nodes this program does not know", () => {
    const many = Array.from({ length: 50 }, (_, i) => tenant(`t${i}`));
    expect(problems(many, { existingCluster: { name: "kind", reachableFrom: "here" } })).toEqual([]);
  });
});

describe("a stack's own chart values", () => {
  test("may set what keeps nobody apart", () => {
    expect(
      refusedValues({
        controlPlane: { advanced: { defaultImageRegistry: "acr.example.com" } },
        sync: { fromHost: { ingressClasses: { enabled: true } } },
      }),
    ).toEqual([]);
  });

  test("may not set what keeps tenants apart, nor what only the paid editions run", () => {
    const values = {
      policies: { podSecurityStandard: "" },
      sleep: { auto: {} },
      controlPlane: {
        coredns: { deployment: { replicas: 5 } },
        advanced: { podDisruptionBudget: { minAvailable: 1 } },
      },
      sync: {
        fromHost: { ingressClasses: { patches: [] } },
        toHost: {
          pods: {},
          podDisruptionBudgets: { enabled: true },
          networkPolicies: {},
          ingresses: {},
          secrets: { all: true },
        },
      },
    };
    expect(refusedValues(values).map(({ path, reason }) => `${path.join(".")}: ${reason}`)).toEqual([
      "policies: it keeps tenants apart, or is decided by each tenant's file",
      "sleep: only the paid editions of vCluster run it, or it needs their platform",
      "controlPlane.coredns.deployment.replicas: it keeps tenants apart, or is decided by each tenant's file",
      "controlPlane.advanced.podDisruptionBudget: it keeps tenants apart, or is decided by each tenant's file",
      "sync.fromHost.ingressClasses.patches: only the paid editions of vCluster run patches",
      "sync.toHost.pods: it keeps tenants apart, or is decided by each tenant's file",
      "sync.toHost.podDisruptionBudgets: it keeps tenants apart, or is decided by each tenant's file",
      "sync.toHost.networkPolicies: it keeps tenants apart, or is decided by each tenant's file",
      "sync.toHost.ingresses: it keeps tenants apart, or is decided by each tenant's file",
      "sync.toHost.secrets: it is none of those that may be set (model/chart/protectedValues.ts)",
    ]);
  });
});
