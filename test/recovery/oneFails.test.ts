import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { nameOf } from "../../model/deploy/tenantUrns.ts";
import { releaseType } from "../../sandbox/cloud/apiServer.ts";
import { Cloud } from "../../sandbox/cloud/cloud.ts";
import { parseFault } from "../../sandbox/cloud/faults.ts";
import { resourceTypes } from "../../sandbox/cloud/provider.ts";
import { dependenciesOf } from "../../sandbox/engine/deletionOrder.ts";
import { stackFiles } from "../../sandbox/sandbox.ts";
import { runCommand } from "../support/command.ts";
import { changesOf, errorsOf, TestProject, tenantFile, withoutGuard } from "../support/project.ts";
import {
  changingStack,
  differences,
  hosts,
  loweringStack,
  obstacles,
  peopleIn,
  rolesIn,
  worldOf,
} from "./changingStack.ts";

/** Deploys by the sandbox's own command. */
async function up({ root, stack }: TestProject, ...faults: readonly string[]) {
  const flags = faults.flatMap((fault) => ["--fault", fault]);
  const { code, stdout, stderr } = await runCommand("sandbox/main.ts", ["up", "-s", stack, "--cwd", root, ...flags]);
  const steps = [...stdout.matchAll(/^ {2}[+~±-] (\w+) +(\S+) +(\S+)/gm)].map(([, ...words]) => words.join(" "));
  return { code, steps: withoutGuard(steps).sort(), errors: stderr.split("\n").filter(Boolean) };
}

const cloudOf = ({ root, stack }: TestProject) => new Cloud(stackFiles(root, stack).cloud);

/** Deploys with a fault. */
const failing = (project: TestProject, fault: string) =>
  project.run("up", { faults: [parseFault(fault, resourceTypes)] });

/** The tenants that a deployment has not finished. */
const tenantsLeft = (left: readonly string[]) =>
  left
    .filter((urn) => urn.includes("Tenant::"))
    .map(nameOf)
    .sort();

const notReady = (name: string, did: string) =>
  `error: Release ${name}-vcluster: Helm release "${name}/${name}" was ${did}, but failed to initialize completely: context deadline exceeded`;

test.each(hosts)(
  "on $host, where two tenants never become ready, the sandbox does all else and ends with 1; the next run does these two alone",
  async (host) => {
    const { project, change } = changingStack(host);
    const cloud = () => cloudOf(project);
    expect((await up(project)).code).toBe(0);
    change();

    expect(await up(project, "Release#slow-vcluster:helm-timeout", "Release#new-vcluster:helm-timeout")).toEqual({
      code: 1,
      steps: [
        ...host.steps,
        "create Job paused-vcluster-stop",
        "create Namespace new-namespace",
        "delete Job gone-vcluster-stop",
        "delete Namespace gone-namespace",
        "delete Release gone-vcluster",
        "update Release grown-vcluster",
        "update Release paused-vcluster",
      ].sort(),
      errors: [
        notReady("slow", "updated"),
        notReady("new", "created"),
        "  left: new, slow. What does not depend on that went on; mend what failed, and run it again to finish",
      ],
    });
    const then = worldOf(project.checkpoint(), cloud());
    const { dev } = host.people;
    expect(peopleIn(cloud())).toEqual(["grown", "left", "new", "slow"].map((name) => `${name}: ${dev}`));

    expect(await up(project)).toEqual({
      code: 0,
      steps: ["update Release new-vcluster", "update Release slow-vcluster"],
      errors: [],
    });
    expect(differences(then, worldOf(project.checkpoint(), cloud()))).toEqual({
      cloud: ["releases/new/new", "releases/slow/slow"],
      state: ["new", "new-vcluster", "slow", "slow-vcluster"],
    });
  },
);

test.each(obstacles)(
  "on $host, where $fault keeps tenants from being changed, nobody keeps a role that was lowered, or taken; a raised one stays until it is given",
  async (host) => {
    const { project, change } = loweringStack(host);
    const roles = () => rolesIn(cloudOf(project));
    const { ada, dev } = host.people;
    await project.up();
    expect(roles()).toEqual(
      [
        `left: ${ada} is writer`,
        `left: ${dev} is writer`,
        `lowered: ${ada} is admin`,
        `raised: ${dev} is writer`,
      ].sort(),
    );
    change();
    const failed = await failing(project, host.fault);
    expect(failed.ok).toBe(false);
    expect(tenantsLeft(failed.left)).toEqual(["left", "lowered", "raised"]);
    expect(roles()).toEqual([`left: ${dev} is writer`, `raised: ${dev} is writer`]);
    const preview = await project.run("preview");
    expect(errorsOf(preview)).toEqual([]);
    await project.up();
    expect(roles()).toEqual([`left: ${dev} is writer`, `lowered: ${ada} is writer`, `raised: ${dev} is admin`]);
    expect(changesOf(await project.run("preview"))).toEqual([]);
  },
);

/** One tenant that is deployed on a cluster that is there. */
async function oneTenant(settings: string): Promise<TestProject> {
  const project = new TestProject({ "Pulumi.test.yaml": settings, "tenants/test/ml.yaml": tenantFile() });
  await project.up();
  return project;
}

test("a release that did not become ready is upgraded again, also where the next upgrade had no answer, or the state is lost", async () => {
  const project = await oneTenant(hosts[1].settings);
  const statuses = () =>
    cloudOf(project)
      .ofType(releaseType)
      .map(({ properties }) => properties.status);
  project.append("tenants/test/ml.yaml", "size: medium\n");
  for (const fault of ["helm-timeout", "timeout"])
    expect((await failing(project, `Release#ml-vcluster:${fault}`)).ok).toBe(false);
  const { state } = stackFiles(project.root, project.stack);
  const text = readFileSync(state, "utf8");
  rmSync(state);
  expect(changesOf(await project.run("preview"))).toContain("update Release ml-vcluster");
  writeFileSync(state, text);
  expect(statuses()).toMatchObject([{ status: "failed" }]);
  const result = await project.up();
  expect(result.messages[0]?.message).toBe(
    "the last run did not come to know whether it was updated. The cloud has it, and it does not work: still to be done (Pulumi itself takes: npm run recover)",
  );
  expect(changesOf(result)).toEqual(["update Release ml-vcluster"]);
  expect(statuses()).toMatchObject([{ status: "deployed" }]);
});

test("where a tenant's namespace is made without an answer, access is withdrawn and removed tenants go; the next run finishes", async () => {
  const [host] = hosts;
  const { ada, dev } = host.people;
  const { project, change } = changingStack(host);
  await project.up();
  change();
  const failed = await failing(project, "Namespace#new-namespace:no-answer");
  expect(failed.ok).toBe(false);
  expect(errorsOf(failed)).toEqual(["context deadline exceeded (Client.Timeout exceeded while awaiting headers)"]);
  expect(changesOf(failed).filter((change) => change.startsWith("delete"))).toEqual([
    "delete Job gone-vcluster-stop",
    "delete Namespace gone-namespace",
    "delete Release gone-vcluster",
    `delete RoleAssignment left-host-role-${ada}`,
    `delete RoleAssignment paused-host-role-${dev}`,
    `delete RoleAssignment platform-access-user-${ada}`,
  ]);
  expect(tenantsLeft(failed.left)).toEqual(["new"]);
  expect(changesOf(await project.up())).toEqual(["create Release new-vcluster"]);
});

test("a new tenant whose namespace is somebody else's keeps no access from being withdrawn, and no removed tenant", async () => {
  const { project, change } = changingStack(hosts[1]);
  await project.up();
  change();
  await cloudOf(project).put("namespaces/new", {
    type: "kubernetes:core/v1:Namespace",
    parent: "existing-cluster",
    properties: { metadata: { name: "new" } },
  });
  const failed = await project.run("up");
  expect(failed.ok).toBe(false);
  expect(changesOf(failed).filter((one) => /^(delete|update RoleBinding)/.test(one))).toEqual([
    "delete Job gone-vcluster-stop",
    "delete Namespace gone-namespace",
    "delete Release gone-vcluster",
    "delete RoleBinding gone-host-role",
    "update RoleBinding left-host-role",
    "update RoleBinding paused-host-role",
  ]);
  expect(tenantsLeft(failed.left)).toEqual(["new"]);
  expect(changesOf(await project.run("up"))).toEqual([]);
});

test("what a release uses that could not be changed stays, though nobody wants it any more; the next run deletes it", async () => {
  const [, { settings }] = hosts;
  const signIn = "  virtual-clusters:signIn: { issuer: https://id.contoso.com, clientId: vc }\n";
  const project = await oneTenant(settings + signIn);
  project.write("Pulumi.test.yaml", settings);
  const failed = await failing(project, "Release#ml-vcluster:timeout");
  expect(changesOf(failed)).toEqual([]);
  expect(tenantsLeft(failed.left)).toEqual(["ml"]);
  expect(cloudOf(project).get("configmaps/ml/virtual-cluster-sign-in")).toBeDefined();
  const resources = project.checkpoint();
  const urns = resources.map(({ urn }) => urn);
  expect(resources.flatMap(dependenciesOf).filter((urn) => !urns.includes(urn))).toEqual([]);
  expect(changesOf(await project.up())).toEqual(["delete ConfigMap ml-vcluster-sign-in", "update Release ml-vcluster"]);
});
