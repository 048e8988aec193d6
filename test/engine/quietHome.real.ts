import { readdirSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { subscriptionId } from "../../sandbox/cloud/arm.ts";
import { spawnCommand } from "../support/command.ts";
import { azureSettings, TestProject, tenantFile } from "../support/project.ts";
import { RealEngine, requirePulumi, serveCloud } from "../support/realEngine.ts";

beforeAll(() => {
  requirePulumi();
});

test("the CLI keeps a debug log of a deployment, and none of a preview that nobody looks into", async () => {
  const project = new TestProject({ "Pulumi.test.yaml": azureSettings, "tenants/test/web.yaml": tenantFile() });
  const home = join(project.root, ".home");
  const cloud = await serveCloud(join(project.root, "cloud.json"));
  const engine = new RealEngine(project.root, { ...cloud, PULUMI_HOME: home });
  engine.run(["stack", "init", "test"]);
  const logs = () => readdirSync(join(home, "logs")).length;
  /** Runs a command of this project; how many logs it left. */
  const logsOf = async (...args: string[]) => {
    const before = logs();
    const env = { ...engine.environment, ARM_SUBSCRIPTION_ID: subscriptionId };
    const { code, stdout, stderr } = await spawnCommand("cli/pulumi.ts", args, { cwd: project.root, env });
    expect(code, stdout + stderr).toBe(0);
    return logs() - before;
  };
  expect(await logsOf("preview", "--stack", "test")).toBe(0);
  expect(await logsOf("preview", "--stack", "test", "--debug")).toBe(1);
  expect(await logsOf("up", "--stack", "test", "--yes")).toBe(1);
  expect(await logsOf("preview", "--stack", "test", "--changed")).toBe(0);
});
