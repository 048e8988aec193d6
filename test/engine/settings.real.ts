import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { subscriptionId } from "../../sandbox/cloud/arm.ts";
import { spawnCommand } from "../support/command.ts";
import { azureSettings, TestProject, tenantFile } from "../support/project.ts";
import { RealEngine, requirePulumi, serveCloud } from "../support/realEngine.ts";

beforeAll(() => {
  requirePulumi();
});

/** Every file below a folder. */
const textsIn = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"));

test.each([
  ["one", ["virtual-clusters:environment"], "virtual-clusters:environment"],
  ["a part of one", ["--path", "virtual-clusters:azure.tags.team"], "virtual-clusters:azure"],
])(
  "an encrypted setting, or %s, is refused by every deployment, and is in no output, state or cloud",
  async (_, where, key) => {
    const project = new TestProject({ "Pulumi.test.yaml": azureSettings, "tenants/test/ml.yaml": tenantFile() });
    const file = join(project.root, "cloud.json");
    const engine = new RealEngine(project.root, await serveCloud(file));
    engine.run(["stack", "init", "test"]);
    engine.run(["config", "set", "--stack", "test", "--secret", ...where, "hunter2"]);
    const why = `'${key}' is encrypted; no setting of this program is a secret, so write it out`;
    const plain = engine.run(["up", "--stack", "test", "--yes", "--skip-preview"], "failure");
    expect(plain.output).toContain(why);
    const env = { ...engine.environment, ARM_SUBSCRIPTION_ID: subscriptionId };
    const own = await spawnCommand("cli/pulumi.ts", ["up", "--stack", "test", "--yes"], { cwd: project.root, env });
    expect([own.code, own.stdout.replaceAll(/\s+/g, " ")]).toEqual([2, expect.stringContaining(why)]);
    expect(engine.export("test").map(({ type }) => type)).toEqual(["pulumi:pulumi:Stack"]);
    expect(existsSync(file)).toBe(false);
    for (const text of [plain.output, own.stdout, own.stderr, ...textsIn(join(project.root, ".backend"))])
      expect(text).not.toContain("hunter2");
  },
);
