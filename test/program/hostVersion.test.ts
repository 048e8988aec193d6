import { describe, expect, test } from "vitest";
import { managedClusterType } from "../../sandbox/cloud/azure.ts";
import { at } from "../../sandbox/cloud/kind.ts";
import { changesOf, errorsOf, reachableSettings, TestProject, tenantFile } from "../support/project.ts";
import { upgradePatchesOf } from "../support/refresh.ts";

const update = "update ManagedCluster platform-host-cluster";
const withSettings = (...settings: string[]) =>
  reachableSettings.replace("clusterName", `${settings.map((setting) => `${setting}\n    `).join("")}clusterName`);

/** A stack that is deployed with one tenant, on a host of Kubernetes 1.35. */
async function deployed(): Promise<TestProject> {
  const project = TestProject.withTenants({ ml: tenantFile() });
  await project.up();
  return project;
}

/** Kubernetes of the control plane and of its nodes, as the state's inputs have it. */
const versions = (project: TestProject) => {
  const inputs = project.checkpoint().find(({ type }) => type === managedClusterType)?.inputs ?? {};
  return [at(inputs, "kubernetesVersion"), at(inputs, "agentPoolProfiles.0.orchestratorVersion")];
};

describe("after AKS's own patch upgrade", () => {
  test("a preview shows nothing, neither before a refresh nor after it, however often", async () => {
    const project = await deployed();
    for (const patch of ["1.35.1", "1.35.2"]) {
      await upgradePatchesOf(project);
      expect(changesOf(await project.run("preview"))).toEqual([]);
      await project.run("refresh");
      expect(versions(project)).toEqual([patch, patch]);
      expect(changesOf(await project.run("preview"))).toEqual([]);
      expect(changesOf(await project.up())).toEqual([]);
    }
  });

  test("the stack's outputs are what they were", async () => {
    const project = await deployed();
    const outputs = async () => (await project.up()).outputs;
    const before = await outputs();
    expect(before).toMatchObject({ cluster: { kubernetesVersion: "1.35" } });
    await upgradePatchesOf(project);
    await project.run("refresh");
    expect(await outputs()).toEqual(before);
  });

  test("another minor is an upgrade of control plane and nodes, and then the one that is kept", async () => {
    const project = await deployed();
    await upgradePatchesOf(project);
    await project.run("refresh");
    project.write("Pulumi.test.yaml", withSettings('kubernetesVersion: "1.36"'));
    expect(changesOf(await project.up())).toEqual([update]);
    expect(versions(project)).toEqual(["1.36", "1.36"]);
    await upgradePatchesOf(project);
    await project.run("refresh");
    expect(changesOf(await project.up())).toEqual([]);
    expect(versions(project)).toEqual(["1.36.1", "1.36.1"]);
  });

  test("an older minor is still refused", async () => {
    const project = await deployed();
    await upgradePatchesOf(project);
    await project.run("refresh");
    project.write("Pulumi.test.yaml", withSettings('kubernetesVersion: "1.34"'));
    // What failed is tried again: the outputs still say what was deployed.
    for (let i = 0; i < 2; i++) {
      const result = await project.run("up");
      expect(errorsOf(result)[0]).toContain(
        '\'azure.kubernetesVersion\' is "1.34", but the cluster runs "1.35": AKS takes no cluster down. Write "1.35"',
      );
    }
  });

  test("other changes of the cluster go through, and keep its patch", async () => {
    const project = await deployed();
    await upgradePatchesOf(project);
    project.write("Pulumi.test.yaml", withSettings("nodePool: { count: 3 }"));
    expect(changesOf(await project.up())).toEqual([update]);
    expect(versions(project)).toEqual(["1.35", "1.35"]);
    await upgradePatchesOf(project);
    await project.run("refresh");
    project.write("Pulumi.test.yaml", withSettings("nodePool: { count: 4 }"));
    expect(changesOf(await project.up())).toEqual([update]);
    expect(versions(project)).toEqual(["1.35.2", "1.35.2"]);
  });

  test("a patch that an old refresh left is refused by AKS once it has gone on, and another refresh mends it", async () => {
    const project = await deployed();
    await upgradePatchesOf(project);
    await project.run("refresh");
    await upgradePatchesOf(project);
    project.write("Pulumi.test.yaml", withSettings("nodePool: { count: 3 }"));
    const refused = errorsOf(await project.run("up"));
    expect(refused[0]).toContain("Downgrading Kubernetes version 1.35.2 to 1.35.1 is not allowed");
    await project.run("refresh");
    expect(changesOf(await project.up())).toEqual([update]);
  });

  test("a state without outputs upgrades nothing but what the settings say", async () => {
    const project = await deployed();
    project.forgetOutputs();
    expect(changesOf(await project.up())).toEqual([]);
    await upgradePatchesOf(project);
    await project.run("refresh");
    project.forgetOutputs();
    expect(changesOf(await project.run("preview"))).toEqual([update]);
  });
});
