import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { runCommand } from "../support/command.ts";
import { repository } from "../support/frame.ts";
import { azureSettings, TestProject, tenantFile } from "../support/project.ts";

test("'tenants check --base' says at a pull request's line what a host cluster keeps", async () => {
  const project = TestProject.withTenants({ ml: tenantFile() });
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=test", "-c", "user.email=test@contoso.com", ...args], { cwd: project.root });
  git("init", "--quiet");
  git("add", "Pulumi.yaml", "Pulumi.test.yaml", "tenants");
  git("commit", "--quiet", "--message", "base");
  const check = () => runCommand("cli/tenants.ts", ["check", "--base", "HEAD", "--cwd", project.root]);
  project.write("Pulumi.test.yaml", `${azureSettings}    privateCluster: true\n    tags: { a: b }\n`);
  const { code, stdout } = await check();
  expect([code, stdout.split("\n").filter((line) => line.startsWith("error: "))]).toEqual([
    1,
    [
      expect.stringContaining(
        "Pulumi.test.yaml:7:21: 'azure.privateCluster' is true, but the cluster was made with false: AKS sets it only while it creates a cluster.",
      ),
    ],
  ]);
  project.write("Pulumi.test.yaml", `${azureSettings}    nodePool: { count: 3 }\n`);
  expect((await check()).code).toBe(0);
});

test("the workflow that tests pull requests can get no identity in Azure", () => {
  const workflow = parse(readFileSync(join(repository, ".github/workflows/ci.yml"), "utf8")) as {
    permissions: object;
    jobs: Record<string, { permissions?: object; steps: readonly { uses?: string }[] }>;
  };
  expect(workflow.permissions).toEqual({ contents: "read" });
  const jobs = Object.values(workflow.jobs);
  expect(jobs.flatMap(({ permissions }) => permissions ?? [])).toEqual([]);
  expect(jobs.flatMap(({ steps }) => steps).filter(({ uses }) => uses?.startsWith("azure/"))).toEqual([]);
});
