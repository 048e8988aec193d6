import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { subscriptionId } from "../../sandbox/cloud/arm.ts";
import { Cloud } from "../../sandbox/cloud/cloud.ts";
import { peopleIn } from "../recovery/changingStack.ts";
import { spawnCommand } from "../support/command.ts";
import { azureSettings, TestProject, tenantFile } from "../support/project.ts";
import { RealEngine, requirePulumi, serveCloud } from "../support/realEngine.ts";

/*
 * Access that is withdrawn before all else, in a pass of its own that has targets: what else the same change asks for must not keep
 * the deployment from going on.
 */

beforeAll(() => {
  requirePulumi();
});

const [ada, dev] = ["3c7e9d20-4a74-4c10-9a1b-8d1f3b0e2d03", "2b6d8c1f-3f63-4b0f-8f0a-7c0e2a9d1c02"];
const tenant = (...people: string[]) =>
  tenantFile(`access: { admins: [${people.map((user) => `{ user: ${user} }`).join(", ")}] }`, "hostRole: writer");

/** A tenant with two people on the real engine, deployed. */
async function deployed() {
  const project = new TestProject({ "Pulumi.test.yaml": azureSettings, "tenants/test/ml.yaml": tenant(ada, dev) });
  const file = join(project.root, "cloud.json");
  const engine = new RealEngine(project.root, await serveCloud(file));
  engine.run(["stack", "init", "test"]);
  const up = () => {
    const env = { ...engine.environment, ARM_SUBSCRIPTION_ID: subscriptionId };
    return spawnCommand("cli/pulumi.ts", ["up", "--stack", "test", "--yes"], { cwd: project.root, env });
  };
  const first = await up();
  expect(first.code, first.stdout + first.stderr).toBe(0);
  return { project, engine, up, people: () => peopleIn(new Cloud(file)) };
}

test("somebody goes and a new administrator comes in one change: the first pass waits for nobody's role", async () => {
  const { project, engine, up, people } = await deployed();
  project.write("tenants/test/ml.yaml", tenant(dev));
  project.edit("Pulumi.test.yaml", "clusterAdmins: [", `clusterAdmins: [{ user: ${dev} }, `);
  const { code, stdout, stderr } = await up();
  expect(code, stdout + stderr).toBe(0);
  expect(stderr).toContain("first, access that is not given any more is withdrawn: 1 role\n");
  expect(stdout).not.toContain("error:");
  expect(people()).toEqual([`ml: ${dev}`]);
  engine.run(["preview", "--stack", "test", "--expect-no-changes"]);
});

test("with another version of a provider the engine takes no targets: access is withdrawn with the rest, and that is said", async () => {
  const { project, engine, up, people } = await deployed();
  const file = join(project.root, "state.json");
  const state = engine.run(["stack", "export", "--stack", "test"]).output;
  const older = state.replaceAll(/default_3_\d+_\d+/g, "default_3_1_0");
  expect(older).not.toBe(state);
  writeFileSync(file, older);
  engine.run(["stack", "import", "--stack", "test", "--file", file]);
  project.write("tenants/test/ml.yaml", tenant(dev));
  const { code, stdout, stderr } = await up();
  expect(code, stdout + stderr).toBe(0);
  expect(stderr).toMatch(/^a provider has another version, .*: access is withdrawn with the rest/m);
  expect(stdout).not.toContain("error:");
  expect(people()).toEqual([`ml: ${dev}`]);
  engine.run(["preview", "--stack", "test", "--expect-no-changes"]);
});
