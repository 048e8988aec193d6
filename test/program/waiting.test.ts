import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { describe, expect, test } from "vitest";
import { Cloud } from "../../sandbox/cloud/cloud.ts";
import { takeLock } from "../../sandbox/lock.ts";
import { askSandbox, stackFiles } from "../../sandbox/sandbox.ts";
import { changesOf, errorsOf, repository, TestProject, tenantFile, withoutGuard } from "../support/project.ts";

const refusal =
  'Forbidden: validatingadmissionpolicies.admissionregistration.k8s.io is forbidden: User "admin@contoso.com" cannot create resource "validatingadmissionpolicies" in API group "admissionregistration.k8s.io" at the cluster scope: User does not have access to the resource in Azure. Update role assignment to allow access. (403)';
const everything = [
  "create ManagedCluster platform-host-cluster",
  "create Namespace ml-namespace",
  "create Release ml-vcluster",
  "create ResourceGroup platform-host-group",
  "create RoleAssignment platform-access-admin-1a2f6b0e-4f0d-4f6c-9d5b-8b8e2f7c1a01",
  "create azure-native pulumi",
];

/** Deploys a new stack with a delay of role assignments, in no time. */
async function deploy(roleDelay: number) {
  const project = TestProject.withTenants({ ml: tenantFile() });
  const { cloud } = stackFiles(project.root, "test");
  const said: string[] = [];
  const began = Date.now();
  const result = await project.run("up", {
    conditions: { roleDelay, directoryReadable: true },
    speed: Number.POSITIVE_INFINITY,
    onMessage: (severity, message) => {
      if (severity !== "warning") said.push(`${severity}: ${message}`);
    },
  });
  const seconds = Math.round((new Cloud(cloud).now() - began) / 1000);
  return { project, result, said, seconds };
}

/** What there is to say of a state that is in order: no operation is under way, and nothing holds the stack. */
function leftovers(project: TestProject): string[] {
  const { lock, state } = stackFiles(project.root, project.stack);
  const { deployment } = JSON.parse(readFileSync(state, "utf8")) as { deployment: { pending_operations?: object[] } };
  const pending = (deployment.pending_operations ?? []).map((operation) => JSON.stringify(operation));
  const unlock = takeLock(lock);
  unlock?.();
  return [...pending, ...(unlock === undefined ? ["lock"] : [])];
}

describe("a new cluster, whose deploying identity cannot do anything before its role works", () => {
  test("is deployed at once where there is no delay", async () => {
    const { result, said } = await deploy(0);
    expect([result.ok, said]).toEqual([true, []]);
  });

  test("is deployed after a wait where the role takes 30 seconds, and everything is created once", async () => {
    const { project, result, said, seconds } = await deploy(30);
    // A second attempt is made after 15 seconds, a third one 30 seconds later.
    expect(new Set(said.map((text) => text.replace(/ Trying again.*/, "")))).toEqual(
      new Set([
        `error: ${refusal}`,
        "info: AKS refuses the deploying identity: its role at the cluster is not in effect yet, which takes up to five minutes, or azure.clusterAdmins does not name it.",
        "info:",
      ]),
    );
    expect(result.ok).toBe(true);
    expect(changesOf(result)).toEqual(expect.arrayContaining(everything.slice(0, 5)));
    expect(seconds).toBeGreaterThanOrEqual(30);
    expect(leftovers(project)).toEqual([]);
    const again = await project.up();
    expect(new Set(again.steps.map(({ op }) => op))).toEqual(new Set(["same"]));
  });

  test("fails beyond the limit, and names the role", async () => {
    const { project, result, said } = await deploy(3600);
    expect(result.ok).toBe(false);
    expect(errorsOf(result)).toEqual([refusal]);
    expect(said.at(-1)).toMatch(
      /^info: after \d+:\d\d minutes AKS still refuses the deploying identity\. It needs the role 'Azure Kubernetes Service RBAC Cluster Admin' at the cluster: name it in the stack's setting azure\.clusterAdmins$/,
    );
    expect(leftovers(project)).toEqual([]);
    // The administrator's own right is told as it is, too.
    const { why } = askSandbox({
      root: project.root,
      stack: "test",
      who: "admin@contoso.com",
      verb: "create",
      resource: "namespaces",
      place: {},
    });
    expect(why).toMatch(/\(not in effect yet: role 'Azure Kubernetes Service RBAC Cluster Admin' at the cluster\)$/);
  });

  test("is left clean by Ctrl-C while it waits, and the next deployment goes on from there", async () => {
    const project = TestProject.withTenants({ ml: tenantFile() });
    const program = join(repository, "sandbox", "main.ts");
    const args = ["up", "--stack", "test", "--cwd", project.root, "--role-delay", "40"];
    const child = spawn(process.execPath, [program, ...args], { env: { ...process.env, NO_COLOR: "1" } });
    const lines: string[] = [];
    createInterface({ input: child.stdout }).on("line", (line) => {
      lines.push(line);
      if (line.includes("Trying again")) child.kill("SIGINT");
    });
    expect(await once(child, "exit")).toEqual([130, null]);
    expect(lines.filter((line) => line.includes("Trying again")).length).toBeGreaterThan(0);
    expect(lines.at(-1)).toMatch(/^ {2}interrupted: 8 created \(\d+\.\d s\); run it again to go on$/);
    expect(leftovers(project)).toEqual([]);

    const next = await project.run("up", { speed: Number.POSITIVE_INFINITY });
    expect(next.ok).toBe(true);
    expect(withoutGuard(changesOf(next))).toEqual(["create Namespace ml-namespace", "create Release ml-vcluster"]);
  });

  test("does not make a preview wait", async () => {
    const project = TestProject.withTenants({ ml: tenantFile() });
    const conditions = { roleDelay: 300, directoryReadable: true };
    const said: string[] = [];
    const result = await project.run("preview", { conditions, onMessage: (_, message) => said.push(message) });
    expect([result.ok, said.filter((text) => text.includes("AKS refuses"))]).toEqual([true, []]);
  });
});
