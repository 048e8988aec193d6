import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { lastDeployment, readCheckpoint } from "../../cli/plan/lastDeployment.ts";
import { readSide } from "../../cli/plan/readSide.ts";
import { encryptedSettings, otherSettings, platformRecordSchema } from "../../model/settings/deployedFiles.ts";
import { readProject } from "../../model/settings/project.ts";
import type { ProgramRunner } from "../../sandbox/engine/program.ts";
import { stackFiles } from "../../sandbox/sandbox.ts";
import { runInProcess } from "../support/inProcess.ts";
import { errorsOf, TestProject, tenantFile } from "../support/project.ts";

const filesOf = (project: TestProject) =>
  Object.fromEntries(
    project
      .checkpoint()
      .filter(({ type }) => type === "virtual-clusters:index:Tenant")
      .map(({ urn, outputs }) => [urn.split("::").at(-1), outputs?.file]),
  );

/** The stack as its state tells that it was deployed. */
function deployed({ root, stack }: TestProject) {
  const resources = readCheckpoint(readFileSync(stackFiles(root, stack).state, "utf8"), "the state");
  const now = readSide(root, stack)?.side;
  return lastDeployment(resources, { root, stack, config: readProject(root, stack).config, now });
}

test("the state tells settings and tenants as they were deployed, whatever the files say later", async () => {
  const ada = "access: { viewers: [{ user: 6f0c2d1e-5b7a-4c0e-9a61-2f1d9b3c7e01, name: Ada }] }";
  const project = TestProject.withTenants({ a: tenantFile(ada), b: tenantFile("lifecycle: offboarding") });
  await project.up();
  const before = readSide(project.root, "test")?.side;
  project.append("Pulumi.test.yaml", "  virtual-clusters:protect: false\n");
  project.write("tenants/test/a.yaml", tenantFile("size: medium"));
  project.remove("tenants/test/b.yaml");
  const { side, notes } = deployed(project);
  expect(notes).toEqual([]);
  const essence = ({ settings, tenants, texts, labels, unread }: NonNullable<typeof side>) => ({
    settings,
    tenants,
    unread,
    texts: [...texts],
    labels: [...labels].sort(),
  });
  expect(side && essence(side)).toEqual(before && essence(before));
});

test("a tenant's file is in the state once its release is deployed: after a failure it is still the one before", async () => {
  const [old, small] = [tenantFile("size: medium"), tenantFile()];
  const project = TestProject.withTenants({ a: old, b: small });
  await project.up();
  // What somebody has uninstalled cannot be upgraded.
  const { cloud } = stackFiles(project.root, project.stack);
  const entries = Object.entries(JSON.parse(readFileSync(cloud, "utf8")) as object);
  writeFileSync(cloud, JSON.stringify(Object.fromEntries(entries.filter(([id]) => id !== "releases/a/a"))));
  const large = tenantFile("size: large");
  project.write("tenants/test/a.yaml", large);
  project.write("tenants/test/b.yaml", tenantFile("# nothing new"));
  expect((await project.run("up")).ok).toBe(false);
  expect(filesOf(project)).toEqual({ a: old, b: tenantFile("# nothing new") });
});

test("of settings of other namespaces, which may be secrets, digests are left in the state, and of encrypted ones nothing", async () => {
  const project = TestProject.withTenants({ a: tenantFile() });
  project.append(
    "Pulumi.test.yaml",
    "  azure-native:clientSecret: hunter2\n  azure-native:obj: { key: { secure: v1:a }, other: y }\n",
  );
  await project.up();
  const platform = project.checkpoint().find(({ type }) => type === "virtual-clusters:index:Platform");
  const record = platformRecordSchema.parse(platform?.outputs?.record);
  expect(Object.keys(record.settings)).toContain("azure");
  expect(record.others).toEqual({ "azure-native:clientSecret": expect.stringMatching(/^[0-9a-f]{16}$/) });
  expect(JSON.stringify(project.checkpoint())).not.toContain("hunter2");
  // The engine hands encrypted settings over in the clear, and says which.
  const engine = { "azure-native:clientSecret": "hunter2", "azure-native:obj": '{"key":"b"}' };
  const told = encryptedSettings({ PULUMI_CONFIG_SECRET_KEYS: '["azure-native:obj"]' });
  expect(otherSettings("virtual-clusters", engine, told)).toEqual(record.others);
  expect(encryptedSettings({})).toEqual([]);
});

test("an encrypted setting of the program's own is refused before anything is registered: it is in no message, state or output", async () => {
  const project = TestProject.withTenants({ a: tenantFile() });
  const keys = ["virtual-clusters:environment", "virtual-clusters:sizes", "azure-native:clientSecret"];
  // As the real engine does with what `pulumi config set --secret`, an environment or the command line gives it.
  const program: ProgramRunner = (stack, monitor, dryRun, onOutput, environment) =>
    runInProcess(
      { ...stack, config: { ...stack.config, ...Object.fromEntries(keys.map((key) => [key, "hunter2"])) } },
      ...([monitor, dryRun, onOutput, { ...environment, PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(keys) }] as const),
    );
  project.append("Pulumi.test.yaml", "  virtual-clusters:sizes: {}\n");
  const result = await project.run("up", { program });
  const refused = (where: string, key: string) =>
    `Pulumi.test.yaml:${where}: 'virtual-clusters:${key}' is encrypted; no setting of this program is a secret, so write it out`;
  expect(errorsOf(result).join("\n").split("\n")).toEqual([
    "2 problems to mend first; nothing was changed.",
    refused("2:3", "environment"),
    refused("9:3", "sizes"),
  ]);
  expect(project.checkpoint().map(({ type }) => type)).toEqual(["pulumi:pulumi:Stack"]);
  expect(JSON.stringify([result, project.checkpoint()])).not.toContain("hunter2");
  // The embedded engine cannot decrypt, and refuses what the stack's file has so in the same words.
  project.append("Pulumi.test.yaml", "  virtual-clusters:environment: { secure: v1:a }\n");
  await expect(project.run("up")).rejects.toThrow(refused("10:3", "environment"));
});
