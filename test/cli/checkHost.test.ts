import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { runCommand } from "../support/command.ts";
import { reachableSettings, TestProject, tenantFile } from "../support/project.ts";

test("'tenants check --base' says at a pull request's line what a host cluster keeps", async () => {
  const project = TestProject.withTenants({ ml: tenantFile() });
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=test", "-c", "user.email=test@contoso.com", ...args], { cwd: project.root });
  git("init", "--quiet");
  git("add", "Pulumi.yaml", "Pulumi.test.yaml", "tenants");
  git("commit", "--quiet", "--message", "base");
  const check = () => runCommand("cli/tenants.ts", ["check", "--base", "HEAD", "--cwd", project.root]);
  project.write(
    "Pulumi.test.yaml",
    reachableSettings.replace("    network:", "    privateCluster: true\n    tags: { a: b }\n    network:"),
  );
  const { code, stdout } = await check();
  expect([code, stdout.split("\n").filter((line) => line.startsWith("error: "))]).toEqual([
    1,
    [
      expect.stringContaining(
        "Pulumi.test.yaml:7:21: 'azure.privateCluster' is true, but the cluster was made with false: AKS sets it only while it creates a cluster.",
      ),
    ],
  ]);
  project.write(
    "Pulumi.test.yaml",
    reachableSettings.replace("    network:", "    nodePool: { count: 3 }\n    network:"),
  );
  expect((await check()).code).toBe(0);
});
