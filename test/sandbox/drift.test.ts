import { renameSync, rmSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { driftText } from "../../cli/plan/text.ts";
import { driftIn } from "../../sandbox/drift.ts";
import { type SandboxResult, stackFiles } from "../../sandbox/sandbox.ts";
import { tamper } from "../../sandbox/tamper.ts";
import { runCommand } from "../support/command.ts";
import { changesOf, errorsOf, sortedResources, TestProject, tenantFile } from "../support/project.ts";

const plain = { width: 200, paint: (_: unknown, text: string) => text };

/** What a run tells of drift, in its lines. */
const told = (result: SandboxResult) =>
  driftText(driftIn(result, "up --mend"), plain)
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");

const inputsOf = (project: TestProject) =>
  sortedResources(project.checkpoint()).map(({ urn, inputs }) => [urn, inputs]);

/** A stack of two tenants that is deployed, and what somebody does to its cloud. */
async function deployed(...edits: string[]) {
  const project = TestProject.withTenants({
    ml: tenantFile(
      "hostRole: reader",
      "access: { viewers: [{ user: dev@contoso.com }], admins: [{ user: dev@contoso.com }] }",
    ),
    web: tenantFile("dataOnRemoval: keep"),
  });
  await project.up();
  const before = inputsOf(project);
  const by = async (...more: string[]) => {
    for (const edit of more) await tamper(project.root, project.stack, edit);
  };
  await by(...edits);
  return { project, before, by };
}

const role = "RoleAssignment#ml-host-role-2b6d8c1f-3f63-4b0f-8f0a-7c0e2a9d1c02";

describe("what somebody changes in the cloud", () => {
  test("is told tenant by tenant with what comes of it, and mended by one deployment", async () => {
    const { project, before } = await deployed(
      "ManagedCluster#platform-host-cluster:agentPoolProfiles.0.count=5",
      "ManagedCluster#platform-host-cluster:disableLocalAccounts=false",
      "ManagedCluster#platform-host-cluster:aadProfile.enableAzureRBAC=false",
      "ManagedCluster#platform-host-cluster:apiServerAccessProfile.disableRunCommand=false",
      "Namespace#ml-namespace:metadata.labels.pod-security.kubernetes.io/enforce=privileged",
      `${role}:delete`,
      "NetworkPolicy#vc-work-ml:delete",
      "ResourceQuota#vc-ml:spec.hard.count/pods=999",
      "StatefulSet#ml:spec.replicas=0",
      "Release#web-vcluster:delete",
    );
    const lines = [
      "drift: changed in the cloud since the last deployment",
      "~ ManagedCluster platform-host-cluster",
      "aadProfile.enableAzureRBAC: true -> false",
      "agentPoolProfiles.0.count: 2 -> 5",
      "apiServerAccessProfile.disableRunCommand: true -> false",
      "disableLocalAccounts: true -> false",
      "there is other room for tenants than the settings say; whoever may list its credentials is administrator of the host, with no account in Entra ID; who may do what on the host is decided",
      "otherwise than by roles in Azure; whoever may run commands through Azure may do so as its administrator",
      "ml: ~ StatefulSet ml, of its release",
      "spec.replicas: 1 -> 0",
      "it is stopped: nobody reaches its virtual cluster",
      "ml: - RoleAssignment ml-host-role-2b6d8c1f-3f63-4b0f-8f0a-7c0e2a9d1c02: Azure Kubernetes Service RBAC Reader",
      "somebody whom its file names has lost a role on the host",
      "ml: ~ Namespace ml-namespace",
      "metadata.labels.pod-security.kubernetes.io/enforce: baseline -> privileged",
      "its pods are held to other rules than its stack's",
      "ml: ~ ResourceQuota vc-ml, of its release",
      "spec.hard.count/pods: 23 -> 999",
      "it may take other amounts than its size gives",
      "ml: - NetworkPolicy vc-work-ml, of its release",
      "traffic that it kept from the tenant's pods, or in them, is let through",
      "web: - Release web-vcluster",
      "there is no virtual cluster any more; its disk stays, and is used again",
      "put back by: up --mend",
    ];
    const changes = [
      "create Release web-vcluster",
      "create RoleAssignment ml-host-role-2b6d8c1f-3f63-4b0f-8f0a-7c0e2a9d1c02",
      "update ManagedCluster platform-host-cluster",
      "update Namespace ml-namespace",
    ];
    // Nobody looks at the cloud without being asked to, as with Pulumi.
    expect(changesOf(await project.run("preview"))).toEqual([]);
    const preview = await project.run("preview", { refresh: true });
    expect([told(preview), changesOf(preview)]).toEqual([lines, changes]);
    const mended = await project.run("up", { mend: true });
    expect([told(mended), changesOf(mended)]).toEqual([lines, changes]);
    expect(told(await project.run("preview", { refresh: true }))).toEqual([]);
    expect(inputsOf(project)).toEqual(before);
  });

  test("is taken over by a refresh, which knows nothing of what is inside a release", async () => {
    const { project } = await deployed("Namespace#ml-namespace:delete", "NetworkPolicy#vc-work-web:delete");
    const names = () => project.checkpoint().map(({ urn }) => urn.split("::").slice(2).join(" ").split("$").at(-1));
    const all = names();
    const shown = await project.run("refresh", { previewOnly: true });
    expect(names()).toEqual(all);
    const result = await project.run("refresh");
    expect(told(result)).toEqual(told(shown));
    expect(all.filter((name) => !names().includes(name))).toEqual([
      "kubernetes:core/v1:Namespace ml-namespace",
      "kubernetes:helm.sh/v3:Release ml-vcluster",
    ]);
    expect(
      project
        .checkpoint()
        .flatMap(({ dependencies = [] }) => dependencies)
        .filter((urn) => urn.endsWith("Namespace::ml-namespace")),
    ).toEqual([]);
    expect(told(await project.run("refresh"))).toEqual([
      "drift: changed in the cloud since the last deployment",
      "web: - NetworkPolicy vc-work-web, of its release",
      "traffic that it kept from the tenant's pods, or in them, is let through",
      "put back by: up --mend",
    ]);
    expect(changesOf(await project.run("preview"))).toEqual([
      "create Namespace ml-namespace",
      "create Release ml-vcluster",
    ]);
    // An upgrade puts it back, too, as Helm's does.
    project.append("tenants/test/web.yaml", "size: medium\n");
    await project.up();
    expect(told(await project.run("refresh"))).toEqual([]);
  });
});

describe("tampering", () => {
  test("is refused with what there is where there is no such thing, and where the cloud refuses it", async () => {
    const { project, by } = await deployed();
    const refusals = {
      "Namespac#ml-namespace:delete": "the cloud has no Namespac#ml-namespace, did you mean 'Namespace#ml-namespace'?",
      "Namespace#ml-namespace:metadata.nam=x": "has no field metadata.nam to change, did you mean 'metadata.name'?",
      "Namespace#ml-namespace:metadata.name=x": "Namespace#ml-namespace: metadata.name cannot change while it is there",
      "Namespace#ml-namespace:remove": "'remove' is no change: write Namespace#ml-namespace:delete or ",
      "ManagedCluster#platform-host-cluster:agentPoolProfiles.0.count=many":
        "is a whole number of 0 or more: 'many' cannot stand there",
      "StatefulSet#ml:spec.replicas=-1": "is a whole number of 0 or more: '-1' cannot stand there",
      "ManagedCluster#platform-host-cluster:disableLocalAccounts=no": "is true or false: 'no' cannot stand there",
      "Release#ml-vcluster:version=0.1.0": "Release#ml-vcluster has no field version to change",
      "ManagedCluster#platform-host-cluster:agentPoolProfiles.0.count=2": "is 2 already",
      [`${role}:principalType=Group`]: `${role}: azure-native:authorization:RoleAssignment cannot be changed in place`,
      "StatefulSet#ml:spec.serviceName=x": "spec: Forbidden: updates to statefulset spec",
    };
    for (const [what, why] of Object.entries(refusals)) await expect(by(what)).rejects.toThrow(why);
    expect(told(await project.run("refresh"))).toEqual([]);
  });

  test("is refused where state or cloud is gone, or there never was one", async () => {
    const { project, by } = await deployed();
    const { state, cloud, folder } = stackFiles(project.root, project.stack);
    renameSync(cloud, `${cloud}.away`);
    await expect(by("Namespace#ml-namespace:delete")).rejects.toThrow(`the simulated cloud is gone, ${cloud}. `);
    renameSync(`${cloud}.away`, cloud);
    rmSync(state);
    await expect(by("Namespace#ml-namespace:delete")).rejects.toThrow(`the state is gone, ${state}, and with it what`);
    rmSync(folder, { recursive: true });
    await expect(by("")).rejects.toThrow(
      "stack 'test' is not deployed on the sandbox: npm run sandbox -- up --stack test",
    );
  });

  test("lists what there is, and what of it can be changed; a cluster that is gone is said to be", async () => {
    const { project, by } = await deployed("StatefulSet#web:spec.replicas=3");
    expect(await tamper(project.root, project.stack, "Namespace")).toEqual([
      "Namespace#ml-namespace",
      "Namespace#web-namespace",
    ]);
    expect(await tamper(project.root, project.stack, "statefulset#web")).toEqual([
      "StatefulSet#web:delete",
      "StatefulSet#web:spec.replicas=3",
      "StatefulSet#web:spec.template.spec.image=kubernetes:v1.35.0",
      "StatefulSet#web:spec.serviceName=web-headless",
    ]);
    await by("ManagedCluster#platform-host-cluster:delete");
    // What is in it is not taken for gone because nobody answers for it.
    const unreachable = expect.stringMatching(/^Unreachable: failed to read .*PULUMI_K8S_DELETE_UNREACHABLE/);
    expect(errorsOf(await project.run("refresh"))).toEqual([unreachable]);
    const args = ["up", "--stack", project.stack, "--cwd", project.root];
    const { code, stderr } = await runCommand("sandbox/main.ts", args);
    expect([code, stderr.replace(/'[^']*managedClusters/, "'…/managedClusters")]).toEqual([
      1,
      [
        "error: ResourceNotFound: The Resource '…/managedClusters/aks-test' was not found. (404)",
        `  The cluster is gone, with all that was in it. The state forgets it by: PULUMI_K8S_DELETE_UNREACHABLE=true npm run sandbox -- refresh --stack ${project.stack}`,
        `  Then it is made anew, and empty, by: npm run sandbox -- up --stack ${project.stack}`,
        "",
      ].join("\n"),
    ]);
  });
});
