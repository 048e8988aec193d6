import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { releaseType } from "../../sandbox/cloud/apiServer.ts";
import { parseFault } from "../../sandbox/cloud/faults.ts";
import { resourceTypes } from "../../sandbox/cloud/provider.ts";
import type { ResourceState } from "../../sandbox/engine/checkpoint.ts";
import { parseUrn } from "../../sandbox/engine/urn.ts";
import { stackFiles } from "../../sandbox/sandbox.ts";
import { changesOf, errorsOf, repository, TestProject, tenantFile } from "../support/project.ts";
import { comparable, RealEngine, requirePulumi, serve, serveCloud } from "../support/realEngine.ts";
import { upgradePatchesOf } from "../support/refresh.ts";

/** Deploys a project on the sandbox and imports its state into a real stack over the same cloud. */
async function imported(project: TestProject): Promise<RealEngine> {
  await project.up();
  const { cloud, state } = stackFiles(project.root, project.stack);
  const engine = new RealEngine(project.root, await serveCloud(cloud));
  engine.run(["stack", "init", project.stack]);
  engine.run(["stack", "import", "--stack", project.stack, "--file", state]);
  return engine;
}

/** The steps of a real preview that change something, in the form of `changesOf`. */
function plannedChanges(output: string): string[] {
  const { steps } = JSON.parse(output.slice(output.indexOf("{"))) as { steps: { op: string; urn: string }[] };
  return steps
    .map(({ op, urn }) => ({ op, ...parseUrn(urn) }))
    .filter(
      ({ op, type }) => ["create", "update", "replace", "delete"].includes(op) && !type.startsWith("virtual-clusters:"),
    )
    .map(({ op, type, name }) => `${op} ${type.split(":").at(-1)} ${name}`)
    .sort();
}

beforeAll(() => {
  console.log(`Pulumi CLI ${requirePulumi()}`);
});

describe.each(["sandbox", "dev", "network"])("stack '%s'", (stack) => {
  test("deployed on the sandbox and imported into a real stack, shows no change in the real engine's preview", async () => {
    const engine = await imported(TestProject.ofFixture(stack));
    const { output } = engine.run(["preview", "--stack", stack, "--expect-no-changes"]);
    expect(output).toMatch(/^ {4}\d+ unchanged$/m);
    console.log(`${stack}: ${output.slice(output.indexOf("Resources:")).trim().replace(/\s+/g, " ")}`);
  });

  test("deployed from empty, is the same resource for resource on both engines", async () => {
    const [onSandbox, onEngine] = [TestProject.ofFixture(stack), TestProject.ofFixture(stack)];
    await onSandbox.up();
    const engine = new RealEngine(onEngine.root, await serveCloud(join(onEngine.root, "cloud.json")));
    engine.run(["stack", "init", stack]);
    const { output } = engine.run(["up", "--stack", stack, "--yes", "--skip-preview"]);
    expect(comparable(engine.export(stack))).toEqual(comparable(onSandbox.checkpoint()));
    console.log(
      `${stack}: ${output.slice(output.indexOf("Resources:")).trim().replace(/\s+/g, " ")}, the same on both engines`,
    );
  });
});

test("a refresh and a preview of the real engine show nothing after AKS's own patch upgrade, and a minor is deployed", async () => {
  const project = TestProject.ofFixture("dev");
  await project.up();
  await upgradePatchesOf(project);
  const engine = await imported(project);
  const version = () =>
    engine.export("dev").find(({ type }) => type.endsWith(":ManagedCluster"))?.inputs?.kubernetesVersion;
  expect(version()).toBe("1.35");
  engine.run(["refresh", "--stack", "dev", "--yes", "--skip-preview"]);
  expect(version()).toBe("1.35.1");
  engine.run(["preview", "--stack", "dev", "--expect-no-changes"]);
  engine.run(["up", "--stack", "dev", "--yes", "--skip-preview", "--expect-no-changes"]);
  const settings = readFileSync(join(project.root, "Pulumi.dev.yaml"), "utf8");
  project.write("Pulumi.dev.yaml", settings.replace(/kubernetesVersion: "1.35"/, 'kubernetesVersion: "1.36"'));
  expect(plannedChanges(engine.run(["preview", "--stack", "dev", "--json"]).output)).toEqual([
    "update ManagedCluster platform-host-cluster",
  ]);
});

describe("both engines", () => {
  test("plan the same steps for a resized, an added and a departing tenant, and for a changed role", async () => {
    const project = TestProject.ofFixture("sandbox");
    const engine = await imported(project);
    const ci = readFileSync(join(project.root, "tenants/sandbox/ci.yaml"), "utf8");
    project.write("tenants/sandbox/ci.yaml", ci.replace("hostRole: admin", "hostRole: writer"));
    project.write(
      "tenants/sandbox/web.yaml",
      readFileSync(join(project.root, "tenants/sandbox/web.yaml"), "utf8").replace("medium", "large"),
    );
    project.write("tenants/sandbox/new.yaml", "owner: new@contoso.com\npurpose: a new tenant\n");
    project.remove("tenants/sandbox/legacy.yaml");
    const { output } = engine.run(["preview", "--stack", "sandbox", "--json"]);
    expect(plannedChanges(output)).toEqual(changesOf(await project.run("preview")));
    expect(plannedChanges(output)).toEqual([
      "create ConfigMap new-vcluster-sign-in",
      "create Namespace new-namespace",
      "create Release new-vcluster",
      "delete ConfigMap legacy-vcluster-sign-in",
      "delete Job legacy-vcluster-stop",
      "delete Namespace legacy-namespace",
      "delete Release legacy-vcluster",
      "replace RoleAssignment ci-host-role-9c3b7d54-6a1e-4f52-8a94-1e5f7b2d6c03",
      "update Release web-vcluster",
    ]);
  });

  test("keep the same of a release that did not become ready, and plan its change again", async () => {
    const settings = "config:\n  virtual-clusters:existingCluster: { name: host }\n";
    const files = { "Pulumi.test.yaml": settings, "tenants/test/ml.yaml": tenantFile() };
    const [onSandbox, onEngine] = [new TestProject(files), new TestProject(files)];
    await onSandbox.up();
    await imported(onEngine);
    const inputsIn = (resources: readonly ResourceState[]) =>
      resources.find(({ type }) => type === releaseType)?.inputs;
    const before = inputsIn(onSandbox.checkpoint());
    for (const project of [onSandbox, onEngine]) project.append("tenants/test/ml.yaml", "size: medium\n");
    const fault = "Release#ml-vcluster:helm-timeout";
    await onSandbox.run("up", { faults: [parseFault(fault, resourceTypes)] });
    const { cloud } = stackFiles(onEngine.root, "test");
    const server = await serve("sandbox/cloud/serve.ts", cloud, repository, "0", fault);
    onTestFinished(server.close);
    const engine = new RealEngine(onEngine.root, server.environment);
    engine.run(["up", "--stack", "test", "--yes", "--skip-preview"], "failure");
    const releaseIn = (resources: readonly ResourceState[]) => {
      const release = resources.filter(({ type }) => type === releaseType);
      return [comparable(release), release.map(({ initErrors }) => initErrors)];
    };
    expect(releaseIn(engine.export("test"))).toEqual(releaseIn(onSandbox.checkpoint()));
    expect(inputsIn(onSandbox.checkpoint())).toEqual(before);
    const { output } = engine.run(["preview", "--stack", "test", "--json"]);
    expect(plannedChanges(output)).toEqual(changesOf(await onSandbox.run("preview")));
    expect(plannedChanges(output)).toEqual(["update Release ml-vcluster"]);
  });

  test("refuse to lose an active tenant with the same words, however often it is tried", async () => {
    const project = TestProject.ofFixture("sandbox");
    const engine = await imported(project);
    project.remove("tenants/sandbox/ml.yaml");
    await project.run("up");
    const [words = ""] = errorsOf(await project.run("up"));
    engine.run(["up", "--stack", "sandbox", "--yes", "--skip-preview"], "failure");
    const { output } = engine.run(["up", "--stack", "sandbox", "--yes", "--skip-preview"], "failure");
    expect(output.replace(/^ +/gm, "")).toContain(words.replace(/^ +/gm, ""));
    expect(output).not.toMatch(/\d+ (created|updated|deleted|replaced)/);
  });
});
