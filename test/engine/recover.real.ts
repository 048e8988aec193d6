import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { type Checkpoint, operate, unasked } from "../../model/recovery/checkpoint.ts";
import { subscriptionId } from "../../sandbox/cloud/arm.ts";
import { managedClusterType, roleAssignmentType } from "../../sandbox/cloud/azure.ts";
import { Cloud } from "../../sandbox/cloud/cloud.ts";
import { parseFault } from "../../sandbox/cloud/faults.ts";
import { settleLeft } from "../../sandbox/cloud/leftBehind.ts";
import { resourceTypes } from "../../sandbox/cloud/provider.ts";
import type { ResourceState } from "../../sandbox/engine/checkpoint.ts";
import { stackType } from "../../sandbox/engine/urn.ts";
import { stackFiles } from "../../sandbox/sandbox.ts";
import {
  changingStack,
  differences,
  hosts,
  loweringStack,
  obstacles,
  peopleIn,
  rolesIn,
  worldOf,
} from "../recovery/changingStack.ts";
import { change } from "../recovery/scenario.ts";
import { spawnCommand } from "../support/command.ts";
import { cutOff } from "../support/cutOff.ts";
import { azureSettings, repository, TestProject, tenantFile } from "../support/project.ts";
import { comparable, RealEngine, requirePulumi, serve, serveCloud } from "../support/realEngine.ts";

beforeAll(() => {
  requirePulumi();
});

/** Six tenants on the real engine over a simulated cloud; by default after their first deployment. */
async function begin({ isDeployed = true } = {}) {
  const project = TestProject.ofFixture("sandbox");
  const file = join(project.root, "cloud.json");
  const server = await serve("sandbox/cloud/serve.ts", file, repository, "0");
  onTestFinished(server.close);
  const engine = new RealEngine(project.root, server.environment);
  engine.run(["stack", "init", "sandbox"]);
  if (isDeployed) engine.run(deployment);
  return { project, file, server, engine };
}

const deployment = ["up", "--stack", "sandbox", "--yes", "--skip-preview"];

/** What must be the same however often a deployment was cut off. */
function wholeWorld(resources: readonly ResourceState[], file: string) {
  const world = {
    resources: comparable(resources),
    cloud: Object.fromEntries(new Cloud(file).objects.map(({ id, ...object }) => [id, object])),
  };
  // An upgrade of which the end was not known is made again: Helm has a revision more.
  return JSON.parse(JSON.stringify(world, (key, value) => (key === "revision" ? undefined : value))) as typeof world;
}

/** Runs one of the project's commands on the real engine. */
function command(name: string, { root, stack }: TestProject, { environment }: RealEngine, ...args: readonly string[]) {
  const env = { ...environment, ARM_SUBSCRIPTION_ID: subscriptionId };
  return spawnCommand(`cli/${name}.ts`, [...args, "--stack", stack, "--yes"], { cwd: root, env });
}

/** Gives an engine's commands an Azure CLI that answers by a script. */
function withAz({ root }: TestProject, { environment }: RealEngine, script: string): void {
  const bin = join(root, "bin");
  mkdirSync(bin);
  writeFileSync(join(bin, "az"), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  environment.PATH = [bin, environment.PATH].join(delimiter);
}

describe.each([
  { what: "a first deployment", isDeployed: false, points: [0, 3, 9, 17, 24, 30, 44, 61] },
  { what: "a deployment of changes", isDeployed: true, points: [0, 3, 6, 9, 13, 17, 20, 24] },
])("$what that is killed, and recovered, goes on", ({ isDeployed, points }) => {
  let wanted: ReturnType<typeof wholeWorld>;

  beforeAll(async () => {
    wanted = { resources: [], cloud: {} };
  });

  test("to where it ends uninterrupted", async () => {
    const { project, file, engine } = await begin({ isDeployed });
    if (isDeployed) change(project);
    engine.run(deployment);
    wanted = wholeWorld(engine.export("sandbox"), file);
    expect(wanted.resources.length).toBeGreaterThan(50);
  });

  test.each(points)("from point %i", async (at) => {
    const { project, file, server, engine } = await begin({ isDeployed });
    if (isDeployed) change(project);
    server.close();
    const hit = join(project.root, "hit");
    const dying = await serve("test/recovery/serveCut.ts", file, String(at), hit);
    const env = { ...engine.environment, ...dying.environment };
    const { killed } = await cutOff({ root: project.root, stack: "sandbox", env }, async () => existsSync(hit));
    dying.close();
    expect(killed, "it ended before").toBe(true);

    const next = new RealEngine(project.root, await serveCloud(file));
    withAz(
      project,
      next,
      "[ \"$1\" = rest ] && echo '{\"value\": []}' && exit 0; echo 'ERROR: not signed in' >&2; exit 1",
    );
    const recovered = await command("recover", project, next);
    const said = `cut off ${readFileSync(hit, "utf8")}\n${recovered.stdout}${recovered.stderr}`;
    console.log(said);
    expect(recovered.code, said).toBe(0);
    const { code, output } = next.run(deployment, "any");
    expect(code, `${said}${output}`).toBe(0);
    expect(wholeWorld(next.export("sandbox"), file), said).toEqual(wanted);
  });
});

test("npm run recover forgets a cluster that Azure has no more, and the next deployment makes it anew", async () => {
  const { project, file, server } = await begin();
  server.close();
  const cloud = new Cloud(file);
  const [cluster] = cloud.ofType(managedClusterType);
  await cloud.remove(cluster?.id ?? "");
  const next = new RealEngine(project.root, await serveCloud(file));
  withAz(project, next, 'echo "ERROR: (ResourceNotFound) it was not found" >&2; exit 3');
  const told = await command("recover", project, next);
  expect([told.code, told.stdout], told.stderr).toEqual([1, expect.stringContaining("--cluster-gone")]);
  const { code, stdout, stderr } = await command("recover", project, next, "--cluster-gone");
  expect(code, stdout + stderr).toBe(0);
  expect(stdout).toMatch(/done: the state has forgotten \d+ resources/);
  next.run(deployment);
  next.run(["preview", "--stack", "sandbox", "--expect-no-changes"]);
  expect(new Cloud(file).ofType(managedClusterType).map(({ id }) => id)).toEqual([cluster?.id]);
});

test("npm run recover makes a state readable beside which the CLI was killed: it is whole, and the CLI says EOF", async () => {
  const { project, engine } = await begin();
  const folder = `${engine.environment.PULUMI_BACKEND_URL}`.replace("file://", "");
  const [attributes = ""] = globSync(join(folder, ".pulumi/stacks/*/sandbox.json.attrs"));
  writeFileSync(attributes, "");
  const refused = await command("pulumi", project, engine, "up");
  expect([refused.code, refused.stderr], refused.stdout).toEqual([
    1,
    expect.stringMatching(/failed to load checkpoint: EOF\n.*npm run recover -- --stack sandbox/),
  ]);
  const { code, stdout, stderr } = await command("recover", project, engine);
  expect([code, stdout], stderr).toEqual([0, expect.stringContaining("done: the state can be read again")]);
  engine.run(["preview", "--stack", "sandbox", "--expect-no-changes"]);
});

test("npm run recover goes on where another one was cut off before the cloud was asked", async () => {
  const { project, file, engine } = await begin();
  const state = JSON.parse(engine.run(["stack", "export", "--stack", "sandbox"]).output) as Checkpoint;
  const { resources = [] } = state.deployment;
  const there = resources.find(({ type }) => type === "kubernetes:core/v1:Namespace");
  if (there === undefined) throw new Error("a namespace");
  const name = "of-nobody";
  const nowhere = { ...there, urn: there.urn.replace(/[^:]*$/, name), id: name, inputs: { metadata: { name } } };
  const marked = resources.map((one) => (one === there ? { ...one, initErrors: [unasked] } : one));
  const cutOffState = operate(
    { ...state, deployment: { ...state.deployment, resources: marked } },
    { takeOver: [nowhere] },
  );
  const copy = join(project.root, "state.json");
  writeFileSync(copy, JSON.stringify(cutOffState));
  engine.run(["stack", "import", "--stack", "sandbox", "--force", "--file", copy]);
  const { code, stdout, stderr } = await command("recover", project, engine);
  expect(code, stdout + stderr).toBe(0);
  expect(stdout).toContain("done: Namespace of-nobody is not there: forgotten");
  const after = engine.export("sandbox").filter(({ type }) => type === there.type);
  expect(after.map(({ urn, initErrors }) => [urn === there.urn, initErrors])).toContainEqual([true, undefined]);
  expect(after.map(({ id }) => id)).not.toContain(name);
  expect(new Cloud(file).objects.length).toBeGreaterThan(20);
  engine.run(["preview", "--stack", "sandbox", "--expect-no-changes"]);
});

test.each(hosts)(
  "npm run up on $host does all but two tenants that never become ready, and names them; the next one does these two alone",
  async (host) => {
    const { project, change } = changingStack(host);
    const file = join(project.root, "cloud.json");
    const fair = await serveCloud(file);
    const engine = new RealEngine(project.root, fair);
    engine.run(["stack", "init", "test"]);
    expect((await command("pulumi", project, engine, "up")).code).toBe(0);
    change();
    const faults = ["slow", "new"].map((name) => `Release#${name}-vcluster:helm-timeout`).join();
    const failing = await serve("sandbox/cloud/serve.ts", file, repository, "0", faults);
    onTestFinished(failing.close);
    Object.assign(engine.environment, failing.environment);
    const { code, stdout, stderr } = await command("pulumi", project, engine, "up");
    console.log(stderr);
    expect([code, stderr.match(/^left: .*$/m)?.[0]], stdout + stderr).toEqual([
      1,
      "left: new, slow. What does not depend on that went on; mend what failed, and run it again to finish",
    ]);
    const state = engine.export("test");
    const then = worldOf(state, new Cloud(file));
    // What a deployment that failed wanted is told by nothing that is left.
    const told = state.find(({ type }) => type === stackType)?.outputs?.tenants as Record<string, { size: string }>;
    expect(
      Object.entries(told)
        .map(([name, { size }]) => `${name}: ${size}`)
        .sort(),
    ).toEqual([...["grown: small", "left: small", "paused: small", "slow: small"]]);
    const { dev } = host.people;
    expect(peopleIn(new Cloud(file))).toEqual(["grown", "left", "new", "slow"].map((name) => `${name}: ${dev}`));
    failing.close();

    const mended = new RealEngine(project.root, await serveCloud(file));
    const again = await command("pulumi", project, mended, "up");
    expect(again.code, again.stdout + again.stderr).toBe(0);
    expect(differences(then, worldOf(mended.export("test"), new Cloud(file)))).toEqual({
      cloud: ["releases/new/new", "releases/slow/slow"],
      state: ["new", "new-vcluster", "slow", "slow-vcluster"],
    });
    mended.run(["preview", "--stack", "test", "--expect-no-changes"]);
  },
);

test("what Helm left halfway, and a role that somebody gave by hand, refuse every run until they are cleared", async () => {
  const project = new TestProject({ "Pulumi.test.yaml": azureSettings, "tenants/test/ml.yaml": tenantFile() });
  const file = join(project.root, "cloud.json");
  const engine = new RealEngine(project.root);
  const up = async (expected: "success" | "failure", fault = "") => {
    const served = await serve("sandbox/cloud/serve.ts", file, repository, "0", fault);
    Object.assign(engine.environment, served.environment);
    try {
      return engine.run(["up", "--stack", "test", "--yes", "--skip-preview"], expected).output;
    } finally {
      served.close();
    }
  };
  engine.run(["stack", "init", "test"]);

  const exists =
    /RoleAssignmentExists: The role assignment already exists. The ID of the existing role assignment is \w{32}/;
  expect(await up("failure", "RoleAssignment:RoleAssignmentExists")).toMatch(exists);
  expect(await up("failure")).toMatch(exists);
  // Here it stands for `npm run recover`, which asks Azure and Kubernetes themselves.
  expect(await settleLeft(new Cloud(file))).toHaveLength(1);
  await up("success");

  project.append("tenants/test/ml.yaml", "lifecycle: suspended\n");
  const busy = "another operation (install/upgrade/rollback) is in progress";
  expect(await up("failure", "Release:pending-upgrade")).toContain(busy);
  expect(await up("failure")).toContain(busy);
  expect(await settleLeft(new Cloud(file))).toHaveLength(1);
  await up("success");
});

test("npm run up takes an administrator's role away where the cluster, and with it every tenant, cannot be changed", async () => {
  const [admin, ada] = ["1a2f6b0e-4f0d-4f6c-9d5b-8b8e2f7c1a01", "3c7e9d20-4a74-4c10-9a1b-8d1f3b0e2d03"];
  const settings = (admins: string, more = "") =>
    `${azureSettings.replace(/clusterAdmins: .*/, `clusterAdmins: [${admins}]`)}${more}`;
  const project = new TestProject({
    "Pulumi.test.yaml": settings(`{ user: ${admin} }, { user: ${ada} }`),
    "tenants/test/ml.yaml": tenantFile(),
  });
  const file = join(project.root, "cloud.json");
  const fair = await serveCloud(file);
  const engine = new RealEngine(project.root, fair);
  engine.run(["stack", "init", "test"]);
  expect((await command("pulumi", project, engine, "up")).code).toBe(0);
  const platform = () => engine.export("test").find(({ type }) => type === "virtual-clusters:index:Platform");
  const before = platform()?.outputs;
  expect(before).toBeDefined();
  project.write("Pulumi.test.yaml", settings(`{ user: ${admin} }`, "    nodePool: { count: 4 }\n"));
  const failing = await serve("sandbox/cloud/serve.ts", file, repository, "0", "ManagedCluster:timeoutx9");
  onTestFinished(failing.close);
  Object.assign(engine.environment, failing.environment);
  const { code, stdout, stderr } = await command("pulumi", project, engine, "up");
  expect(code, stdout + stderr).toBe(1);
  const holders = () => new Cloud(file).ofType(roleAssignmentType).map(({ properties }) => properties.principalId);
  expect(holders(), stdout + stderr).toContain(admin);
  expect(holders()).not.toContain(ada);
  // The cluster has not become what the settings say: nothing tells that they are deployed.
  expect(platform()?.outputs).toEqual(before);
  failing.close();
  const mended = new RealEngine(project.root, await serveCloud(file));
  const again = await command("pulumi", project, mended, "up");
  expect(again.code, again.stdout + again.stderr).toBe(0);
  mended.run(["preview", "--stack", "test", "--expect-no-changes"]);
});

test.each(obstacles)(
  "npm run up on $host takes and lowers roles first, where $fault keeps tenants from being changed, and raises none before it can",
  async (host) => {
    const { project, change } = loweringStack(host);
    const file = join(project.root, "cloud.json");
    const engine = new RealEngine(project.root, await serveCloud(file));
    engine.run(["stack", "init", "test"]);
    const first = await command("pulumi", project, engine, "up");
    expect(first.code, first.stdout + first.stderr).toBe(0);
    change();
    const failing = await serve("sandbox/cloud/serve.ts", file, repository, "0", host.fault);
    onTestFinished(failing.close);
    Object.assign(engine.environment, failing.environment);
    const { code, stdout, stderr } = await command("pulumi", project, engine, "up");
    console.log(stderr);
    expect(code, stdout + stderr).toBe(1);
    expect(stderr).toContain("first, access that is not given any more is withdrawn: 2 roles\n");
    // On Azure, tenant 'left' has all that its file says; what is shared is left.
    expect(stderr).toMatch(/^left: (left, lowered, raised|lowered, raised, what tenants share)\. /m);
    const { ada, dev } = host.people;
    const roles = () => rolesIn(new Cloud(file));
    expect(roles(), stdout + stderr).toEqual([`left: ${dev} is writer`, `raised: ${dev} is writer`]);
    failing.close();
    const mended = new RealEngine(project.root, await serveCloud(file));
    const again = await command("pulumi", project, mended, "up");
    expect(again.code, again.stdout + again.stderr).toBe(0);
    expect(again.stderr).not.toContain("first, ");
    expect(roles()).toEqual([`left: ${dev} is writer`, `lowered: ${ada} is writer`, `raised: ${dev} is admin`]);
    mended.run(["preview", "--stack", "test", "--expect-no-changes"]);
  },
);

test("npm run up leaves what a release uses that could not be changed, as the sandbox does, and the next run deletes it", async () => {
  const [, { settings }] = hosts;
  const signIn = "  virtual-clusters:signIn: { issuer: https://id.contoso.com, clientId: vc }\n";
  const files = { "Pulumi.test.yaml": settings + signIn, "tenants/test/ml.yaml": tenantFile() };
  const [project, sandboxed] = [new TestProject(files), new TestProject(files)];
  await sandboxed.up();
  const file = join(project.root, "cloud.json");
  const engine = new RealEngine(project.root, await serveCloud(file));
  engine.run(["stack", "init", "test"]);
  const first = await command("pulumi", project, engine, "up");
  expect(first.code, first.stdout + first.stderr).toBe(0);
  for (const one of [project, sandboxed]) one.write("Pulumi.test.yaml", settings);
  const fault = "Release#ml-vcluster:timeout";
  await sandboxed.run("up", { faults: [parseFault(fault, resourceTypes)] });
  const failing = await serve("sandbox/cloud/serve.ts", file, repository, "0", fault);
  onTestFinished(failing.close);
  Object.assign(engine.environment, failing.environment);
  const { code, stdout, stderr } = await command("pulumi", project, engine, "up");
  expect(code, stdout + stderr).toBe(1);
  expect(stderr).toMatch(/^left: ml\b/m);
  const objects = (cloud = file) => Object.fromEntries(new Cloud(cloud).objects.map(({ id, ...rest }) => [id, rest]));
  const onSandbox = () => objects(stackFiles(sandboxed.root, "test").cloud);
  const signInFile = "configmaps/ml/virtual-cluster-sign-in";
  expect(Object.keys(objects())).toContain(signInFile);
  expect(objects()).toEqual(onSandbox());
  failing.close();
  const mended = new RealEngine(project.root, await serveCloud(file));
  const again = await command("pulumi", project, mended, "up");
  expect(again.code, again.stdout + again.stderr).toBe(0);
  await sandboxed.up();
  expect(Object.keys(objects())).not.toContain(signInFile);
  expect(objects()).toEqual(onSandbox());
});

test("npm run destroy leaves in a cluster that is there what is to be kept, as on the sandbox, and the next deployment is refused", async () => {
  const files = { "Pulumi.test.yaml": `${hosts[1].settings}  virtual-clusters:protect: false\n` };
  const project = new TestProject({ ...files, "tenants/test/ml.yaml": tenantFile("dataOnRemoval: keep") });
  const sandboxed = new TestProject({ ...files, "tenants/test/ml.yaml": tenantFile("dataOnRemoval: keep") });
  await sandboxed.up();
  await sandboxed.run("destroy");
  const file = join(project.root, "cloud.json");
  const engine = new RealEngine(project.root, await serveCloud(file));
  engine.run(["stack", "init", "test"]);
  const npmRun = async (name: string) => {
    const { code, stdout, stderr } = await command("pulumi", project, engine, name);
    return { code, said: stdout + stderr };
  };
  for (const name of ["up", "destroy"]) expect(await npmRun(name)).toMatchObject({ code: 0 });
  // As the sandbox has it.
  expect(new Cloud(file).objects).toEqual(new Cloud(stackFiles(sandboxed.root, "test").cloud).objects);
  expect(new Cloud(file).objects.map(({ id }) => id)).toEqual(["namespaces/ml"]);
  const refused = 'AlreadyExists: namespaces "ml" already exists';
  expect(await npmRun("up")).toMatchObject({ code: 2, said: expect.stringContaining(refused) });
  expect((await sandboxed.run("up")).messages.map(({ message }) => message)).toEqual([
    expect.stringContaining(refused),
  ]);
});

test("npm run destroy refuses what is protected before anything is done", async () => {
  const { project, file, engine } = await begin();
  const before = [engine.export("sandbox"), readFileSync(file, "utf8")];
  const { code, stderr } = await command("pulumi", project, engine, "destroy");
  expect([code, stderr.split("\n")[0]]).toEqual([
    1,
    expect.stringMatching(/nothing was destroyed: \d+ of the resources of stack 'sandbox' are protected/),
  ]);
  expect([engine.export("sandbox"), readFileSync(file, "utf8")]).toEqual(before);
});
