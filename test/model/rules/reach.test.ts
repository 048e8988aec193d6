import { describe, expect, test } from "vitest";
import { ruleProblems } from "../../../model/rules/rules.ts";
import { changeProblems, type ExposureDefault } from "../../../model/rules/tenantChanges.ts";
import { settingsSchema } from "../../../model/settings/settingsSchema.ts";
import type { Tenant } from "../../../model/tenant/tenantSchema.ts";
import { exposure, tenantOf as tenant } from "../../support/tenants.ts";

const host = {
  location: "westeurope",
  resourceGroup: "rg",
  clusterName: "aks",
  clusterAdmins: [{ user: "a@contoso.com" }],
};
const signIn = { issuer: "https://id.contoso.com/v2.0", clientId: "app" };
const subnet = { vnetCidr: "10.10.0.0/20", cidr: "10.10.0.0/24" };
const reachable = { subnet, reachableFrom: [{ routed: "our hub" }] };
const people = { admins: [{ user: "ada@contoso.com" }] };

function problems(tenants: readonly Tenant[], network: object, more: object = {}): string[] {
  return ruleProblems({
    settings: settingsSchema.parse({ azure: { ...host, network, ...more }, signIn }),
    tenants,
    locate: (name, field = "name") => ({ file: `${name}.${String(field)}`, line: 1, column: 1 }),
    locateSetting: (path) => ({ file: path.join("."), line: 1, column: 1 }),
    today: "2026-11-25",
  }).map(({ severity = "error", location, message }) => `${severity} ${location.file}: ${message}`);
}

describe("an internal address", () => {
  test("is refused where it leads nowhere, with the reason", () => {
    expect(problems([tenant("ml", { expose: "internal" })], {})).toEqual([
      "error ml.expose: 'expose' is 'internal', and nobody could reach the cluster: the address would lie in AKS's own network, which AKS alone may change and which is peered with nothing. It takes the setting azure.network.subnet and reachableFrom, from a cluster's first deployment on. Or write expose: none (port-forward), or expose: public with allowedCidrs",
    ]);
    expect(problems([tenant("ml", { expose: "internal" })], { subnet })).toEqual([
      "error ml.expose: 'expose' is 'internal', and nobody could reach the cluster: the address would lie in a network that the program makes and that nothing leads to yet. It takes the setting azure.network.reachableFrom. Or write expose: none (port-forward), or expose: public with allowedCidrs",
    ]);
    expect(problems([tenant("ml", { expose: "internal" })], reachable)).toEqual([]);
  });

  test("has a name once it is fixed: the line to write is told, with an address that is free", () => {
    const zone = { ...reachable, privateDnsZone: "aks.contoso.internal" };
    expect(problems([tenant("ml", { expose: "internal" })], { ...zone, addresses: { web: "10.10.0.254" } })).toEqual([
      "warning ml.expose: it has no name in 'aks.contoso.internal', for it has no fixed address: people reach it by the address that Azure gives it, which changes when its Service is made anew. Under azure.network.addresses of the stack's settings write:  ml: 10.10.0.253",
      "warning azure.network.addresses.web: 'azure.network.addresses.web' does nothing: there is no such tenant",
    ]);
    expect(problems([tenant("ml", { expose: "internal" })], { ...zone, addresses: { ml: "10.10.0.254" } })).toEqual([]);
  });

  test("takes an address of the subnet, beside the nodes", () => {
    const small = { vnetCidr: "10.10.0.0/20", cidr: "10.10.0.0/29" };
    const all = ["a", "b"].map((name) => tenant(name, { expose: "internal" }));
    const nodes = { nodePool: { vmSize: "Standard_D8s_v5", count: 1 } };
    expect(problems(all.slice(1), { ...reachable, subnet: small }, nodes)).toEqual([]);
    expect(problems(all, { ...reachable, subnet: small }, nodes)).toEqual([
      "error azure.network.subnet: addresses of the subnet (1 nodes, 1 during upgrades, 2 internal addresses of tenants): 2 tenants come to 4, and 3 can be had: 1 too many. Choose a larger azure.network.subnet.cidr, or expose: public or none for some",
    ]);
  });
});

describe("people whom nothing leads to their cluster", () => {
  const said = (fields: object, network: object) =>
    problems([tenant("ml", { access: people, ...fields })], network)[0]?.split("\n") ?? [];

  test("are told the three ways with what each costs, the one that gives rights away last", () => {
    expect(said({}, {})).toEqual([
      "error ml.expose: nobody listed in 'access' could reach the cluster: 'expose' is 'none', which needs port-forward, and 'hostRole' is 'none', which lacks it. There are three ways:",
      "  expose: public, with allowedCidrs: costs a public address and a rule of the load balancer, and an API server that these ranges reach over the internet",
      "  expose: internal: costs the work of a network and of peering or routing to it, by the platform team: the address would lie in AKS's own network, which AKS alone may change and which is peered with nothing. It takes the setting azure.network.subnet and reachableFrom, from a cluster's first deployment on",
      "  hostRole: writer: costs no address, for it gives port-forward on the host; but admin rights inside, for developers too: its holders read the Secret with the administrator's kubeconfig",
    ]);
  });

  test("are told two where they are viewers alone, who hold no role on the host", () => {
    const [first, ...ways] = said({ access: { viewers: people.admins }, hostRole: "writer" }, reachable);
    expect(first).toBe(
      "error ml.expose: nobody listed in 'access' could reach the cluster: 'expose' is 'none', which needs port-forward, and viewers hold no role on the host. There are two ways:",
    );
    expect(ways.map((line) => line.split(":").slice(0, 2).join(":"))).toEqual([
      "  expose: public, with allowedCidrs",
      "  expose: internal",
    ]);
  });

  test("are nobody where nobody is listed: two lines are a tenant", () => {
    expect(problems([tenant("ml")], {})).toEqual([]);
  });
});

test("a public tenant of a private cluster is told: its API server is on the internet", () => {
  const ml = tenant("ml", { expose: "public", allowedCidrs: ["203.0.113.0/24"] });
  expect(problems([ml], reachable, { privateCluster: true })).toEqual([
    "warning ml.expose: 'expose' is 'public' on a private cluster: the host's API server has no public address, and this tenant's gets one. Write expose: internal where that is not meant",
  ]);
});

describe("a tenant that is deployed with an internal address, by the default of 0.1.0", () => {
  const settingsLine = { file: "Pulumi.dev.yaml", line: 4, column: 3 };
  const said = (
    before: string | undefined,
    context: Partial<ExposureDefault>,
    fields: Record<string, unknown> = {},
    line = 1,
  ) =>
    changeProblems(before === undefined ? {} : { expose: before }, tenant("ml", fields), {
      stack: "dev",
      handover: {},
      locate: (_, field) => ({ file: "ml.yaml", line: field === "expose" ? line : 1, column: 1 }),
      exposure: { ...exposure, location: settingsLine, ...context },
    }).map(({ location, message }) => `${location.file}:${location.line}: ${message}`);

  test("does not lose it without a word: the message gives the lines that say so", () => {
    expect(said("internal", { isSaid: false })).toEqual([
      [
        "Pulumi.dev.yaml:4: tenant 'ml' is deployed with an internal address, which was the default of 0.1.0 and no longer is; neither its file nor Pulumi.dev.yaml says 'expose', and its address would go without a word. Write into Pulumi.dev.yaml, under config:",
        "  virtual-clusters:tenantDefaults:",
        "    expose: none",
        "which takes it away. Nobody reaches it: there is no way",
      ].join("\n"),
    ]);
    const [kept] = said("internal", { isSaid: false, reach: { reachable: true, from: "our hub" } });
    expect(kept?.split("\n").slice(1)).toEqual([
      "  virtual-clusters:tenantDefaults:",
      "    expose: internal",
      "which keeps it (it is reached from our hub), or 'expose: none', which takes it away",
    ]);
  });

  test("is as somebody wrote it, in its file or in the stack's settings", () => {
    expect(said("internal", { isSaid: true })).toEqual([]);
    expect(said("internal", { isSaid: false }, {}, 3)).toEqual([]);
    expect(said("internal", { isSaid: false }, { expose: "public", allowedCidrs: ["203.0.113.0/24"] }, 3)).toEqual([]);
    expect([said("none", { isSaid: false }), said(undefined, { isSaid: false })]).toEqual([[], []]);
  });
});
