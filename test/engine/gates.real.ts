import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { azureRoles } from "../../model/access/roles.ts";
import { stateRules, stepRules } from "../../policy/judge.ts";
import { spawnCommand } from "../support/command.ts";
import { committed } from "../support/committed.ts";
import { repository, TestProject } from "../support/project.ts";
import { RealEngine, requirePulumi, serveCloud } from "../support/realEngine.ts";

beforeAll(() => {
  console.log(`Pulumi CLI ${requirePulumi()}`);
});

/** Waivers for some findings, as their file has them. */
const waivers = (...findings: readonly (readonly [rule: string, target: string])[]) =>
  findings
    .map(([rule, target]) =>
      [
        `- rule: ${rule}`,
        `  target: ${target}`,
        "  who: platform@contoso.com",
        "  why: agreed for this test",
        "  until: 2099-12-31",
        "",
      ].join("\n"),
    )
    .join("");

/** A project whose program is this text, with the rules of this repository beside it. */
function projectWith(program: string): TestProject {
  const project = new TestProject({ "Pulumi.test.yaml": "config: {}\n" });
  project.remove("index.ts");
  project.write("index.ts", program);
  for (const name of ["policy", "model"]) cpSync(join(repository, name), join(project.root, name), { recursive: true });
  return project;
}

const imports = `import * as authorization from "@pulumi/azure-native/authorization/index.js";
import * as containerservice from "@pulumi/azure-native/containerservice/index.js";
import * as network from "@pulumi/azure-native/network/index.js";
import * as resources from "@pulumi/azure-native/resources/index.js";
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
`;

describe("the policy pack", () => {
  /** Breaks every state rule. */
  const broken = `${imports}
const group = new resources.ResourceGroup("host-group", { resourceGroupName: "rg", location: "westeurope" });
const cluster = new containerservice.ManagedCluster("host", {
  resourceName: "aks",
  resourceGroupName: group.name,
  location: "westeurope",
  kubernetesVersion: "1.35",
  dnsPrefix: "aks",
  sku: { name: "Base", tier: "Free" },
  identity: { type: "SystemAssigned" },
  agentPoolProfiles: [{ name: "nodepool1", mode: "System", count: 2, vmSize: "Standard_D4s_v5", osType: "Linux" }],
});
new kubernetes.batch.v1.Job("stop", {
  metadata: { name: "stop", namespace: "default" },
  spec: { template: { spec: { restartPolicy: "Never", containers: [{ name: "stop", image: "kubectl" }] } } },
}, { dependsOn: cluster });
new kubernetes.helm.v3.Release("shop", { chart: "vcluster", name: "shop", namespace: "default", values: {} }, { dependsOn: cluster });
`;
  const findings = [
    ["local-accounts", "ManagedCluster host"],
    ["azure-rbac", "ManagedCluster host"],
    ["open-api-server", "ManagedCluster host"],
    ["free-tier", "ManagedCluster host"],
    ["unprotected", "ResourceGroup host-group"],
    ["unprotected", "ManagedCluster host"],
    ["unprotected", "Release shop"],
    ["unpinned-chart", "Release shop"],
    ["unpinned-image", "Job stop"],
  ] as const;

  test("refuses on the real engine what breaks a state rule, and lets through what has a waiver", async () => {
    const project = projectWith(broken);
    const engine = new RealEngine(project.root, await serveCloud(join(project.root, "cloud.json")));
    engine.run(["stack", "init", "test"]);
    const preview = ["preview", "--stack", "test", "--policy-pack", join(project.root, "policy", "pack")];
    const { output } = engine.run(preview, "failure");
    for (const [rule, target] of findings)
      expect(output, rule).toMatch(new RegExp(`\\[mandatory\\][^\\n]*${rule}[^]*${target}: `));
    expect(new Set(findings.map(([rule]) => rule))).toEqual(new Set(stateRules.map(({ id }) => id)));

    project.write("waivers/test.yaml", waivers(...findings));
    expect(engine.run(preview).output).not.toContain("[mandatory]");
  });

  test("only tells of a stack in development that its API server is open", async () => {
    const project = TestProject.ofFixture("dev");
    for (const name of ["policy", "model"])
      cpSync(join(repository, name), join(project.root, name), { recursive: true });
    const engine = new RealEngine(project.root, await serveCloud(join(project.root, "cloud.json")));
    engine.run(["stack", "init", "dev"]);
    const { output } = engine.run(["preview", "--stack", "dev", "--policy-pack", join(project.root, "policy", "pack")]);
    expect(output).toMatch(/\[advisory\][^\n]*open-api-server/);
    expect(output).not.toContain("[mandatory]");
  });
});

/** Runs `npm run up` on the real engine. */
function up({ root, stack }: TestProject, { environment }: RealEngine, ...more: readonly string[]) {
  return spawnCommand("cli/pulumi.ts", ["up", "--stack", stack, "--yes", ...more], { cwd: root, env: environment });
}

/** Changes a project and deploys it: refused with these findings, and not a thing done; then with their waivers it goes on. */
async function tripAndWaive(
  project: TestProject,
  engine: RealEngine,
  findings: readonly (readonly [string, string])[],
) {
  const before = engine.export(project.stack);
  const refused = await up(project, engine);
  expect(refused.code, refused.stdout + refused.stderr).toBe(3);
  const needed = [...refused.stdout.matchAll(/- rule: (.+)\n +target: (.+)\n/g)].map(([, rule, target]) => [
    rule,
    target,
  ]);
  expect(needed.sort()).toEqual([...findings].sort());
  expect(engine.export(project.stack)).toEqual(before);

  project.write(`waivers/${project.stack}.yaml`, waivers(...findings));
  const { code, stdout, stderr } = await up(project, engine);
  expect(code, stdout + stderr).toBe(0);
}

describe("npm run up", () => {
  const program = (isBefore: boolean) => `${imports}
class Tenant extends pulumi.ComponentResource {
  constructor(name) { super("virtual-clusters:index:Tenant", name, { lifecycle: "active" }); }
}
const group = new resources.ResourceGroup("host-group", { resourceGroupName: "rg", location: "westeurope" });
const host = new kubernetes.Provider("host-provider", { clusterIdentifier: "test" });
const before: pulumi.Resource[] = [];
${
  isBefore
    ? `
new network.VirtualNetwork("net", { virtualNetworkName: "net", resourceGroupName: group.name, location: "westeurope", addressSpace: { addressPrefixes: ["10.0.0.0/16"] } });
const cluster = new containerservice.ManagedCluster("host", {
  resourceName: "aks", resourceGroupName: group.name, location: "westeurope", kubernetesVersion: "1.35", dnsPrefix: "aks",
  disableLocalAccounts: true, aadProfile: { managed: true, enableAzureRBAC: true }, sku: { name: "Base", tier: "Standard" },
  identity: { type: "SystemAssigned" },
  agentPoolProfiles: [{ name: "nodepool1", mode: "System", count: 2, vmSize: "Standard_D4s_v5", osType: "Linux" }],
});
const role = new authorization.RoleAssignment("deployer", {
  roleAssignmentName: "6f9a1b52-0d5c-4b6f-8d0a-3e1c7b2a9d01", scope: cluster.id, principalType: "User",
  principalId: "1a2f6b0e-4f0d-4f6c-9d5b-8b8e2f7c1a01",
  roleDefinitionId: "/subscriptions/00000000-0000-4000-8000-00000000a2e0/providers/Microsoft.Authorization/roleDefinitions/${azureRoles.clusterAdmin.id}",
});
const own = new kubernetes.Provider("own-provider", { clusterIdentifier: "own" });
new kubernetes.admissionregistration.v1.ValidatingAdmissionPolicy("guard", { metadata: { name: "guard" }, spec: { validations: [{ expression: "true" }] } }, { provider: own, dependsOn: role });
const shop = new Tenant("shop");
new kubernetes.core.v1.Namespace("shop-namespace", { metadata: { name: "shop" } }, { parent: shop, provider: host, dependsOn: role });
before.push(role);
`
    : ""
}
const kept = new Tenant("kept");
new kubernetes.core.v1.Namespace("kept-namespace", { metadata: { name: "kept" } }, { parent: kept, provider: host, dependsOn: before, protect: ${isBefore} });
`;

  test("refuses what would lose the host, its network, guard or provider, or a tenant, before anything is done", async () => {
    const project = projectWith(program(true));
    const engine = new RealEngine(project.root, await serveCloud(join(project.root, "cloud.json")));
    engine.run(["stack", "init", "test"]);
    engine.run(["up", "--stack", "test", "--yes", "--skip-preview"]);
    project.write("index.ts", program(false));
    await tripAndWaive(project, engine, [
      ["data-lost", "tenant shop"],
      ["guard-lost", "ValidatingAdmissionPolicy guard"],
      ["host-lost", "ManagedCluster host"],
      ["network-lost", "VirtualNetwork net"],
      ["protection-lifted", "stack"],
      ["provider-lost", "kubernetes provider own-provider"],
    ]);
  });

  test("refuses too many tenants, a restart on another day, and a bill that is too high", async () => {
    const project = TestProject.ofFixture("sandbox");
    const day = new Intl.DateTimeFormat("en", { weekday: "long", timeZone: "UTC" }).format(Date.now() + 3 * 86_400_000);
    project.append(
      "Pulumi.sandbox.yaml",
      [
        "  virtual-clusters:prices: { currency: EUR, source: an invented list, date: 2026-11-01, nodes: { Standard_D8s_v5: 300 } }",
        `  virtual-clusters:gates: { tenants: 0, monthlyCost: 1000, restartDays: [${day}] }`,
        "",
      ].join("\n"),
    );
    const engine = new RealEngine(project.root, await serveCloud(join(project.root, "cloud.json")));
    engine.run(["stack", "init", "sandbox"]);
    const first = await up(project, engine);
    expect(first.code, first.stdout + first.stderr).toBe(0);
    project.append("tenants/sandbox/data.yaml", "size: medium\n");
    const settings = join(project.root, "Pulumi.sandbox.yaml");
    project.write("Pulumi.sandbox.yaml", readFileSync(settings, "utf8").replace("count: 3", "count: 4"));
    await tripAndWaive(project, engine, [
      ["many-tenants", "stack"],
      ["restart-day", "tenant data"],
      ["cost", "stack"],
    ]);
  });

  test("as planned deploys what the merged commits show, and refuses with 4 what they do not", async () => {
    const project = TestProject.ofFixture("sandbox");
    const git = committed(project);
    const engine = new RealEngine(project.root, await serveCloud(join(project.root, "cloud.json")));
    engine.run(["stack", "init", "sandbox"]);
    const deploy = async (expected: number, ...more: readonly string[]) => {
      const { code, stdout, stderr } = await up(project, engine, ...more);
      expect(code, stdout + stderr).toBe(expected);
      return stderr;
    };
    const merge = () => git("commit", "--all", "--quiet", "--message", "merged");
    await deploy(0, "--as-planned");
    const file = readFileSync(join(project.root, "tenants/sandbox/data.yaml"), "utf8");

    project.append("tenants/sandbox/data.yaml", "size: medium\n");
    merge();
    await deploy(0, "--as-planned");

    // Deployed from somebody's own branch, and not merged.
    const merged = git("rev-parse", "--abbrev-ref", "HEAD");
    git("checkout", "--quiet", "-b", "own");
    project.write("tenants/sandbox/data.yaml", `${file}size: large\n`);
    merge();
    await deploy(0);
    git("checkout", "--quiet", merged);
    project.append("tenants/sandbox/data.yaml", "expires: 2031-01-01\n");
    merge();
    const before = engine.export("sandbox");
    const said = await deploy(4, "--as-planned");
    expect(said).toContain("nothing was deployed: the real engine shows more than a plan of what was merged since ");
    expect(said).toMatch(/\n {2}tenant data: ~ Release data-vcluster \(values\./);
    expect(engine.export("sandbox")).toEqual(before);
    await deploy(0);
  });

  test("has a test for each rule on steps", () => {
    const tripped = ["host-lost", "network-lost", "guard-lost", "provider-lost", "data-lost"];
    const others = ["many-tenants", "restart-day", "protection-lifted", "cost"];
    expect([...tripped, ...others]).toEqual(stepRules.map(({ id }) => id));
  });
});
