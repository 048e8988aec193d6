import { describe, expect, test } from "vitest";
import { valueAt } from "../../model/deploy/chartFacts.ts";
import { releaseType } from "../../sandbox/cloud/apiServer.ts";
import { azureSettings, changesOf, TestProject, tenantFile } from "../support/project.ts";

const nodes = (count: number, ...settings: string[]) =>
  [azureSettings.replace("clusterName", `nodePool: { vmSize: Standard_D8s_v5, count: ${count} }\n    clusterName`)]
    .concat(settings.map((setting) => `  virtual-clusters:${setting}\n`))
    .join("");

/** A stack that is deployed with a tenant of each store. */
async function deployed(): Promise<TestProject> {
  const project = new TestProject({
    "Pulumi.test.yaml": nodes(2),
    "tenants/test/ha.yaml": tenantFile("store: etcd"),
    "tenants/test/solo.yaml": tenantFile(),
  });
  await project.up();
  return project;
}

test("another number of nodes is a change of the cluster alone: no control plane restarts", async () => {
  const project = await deployed();
  for (const count of [3, 4, 2, 1]) {
    project.write("Pulumi.test.yaml", nodes(count));
    expect(changesOf(await project.up())).toEqual(["update ManagedCluster platform-host-cluster"]);
  }
});

test("how strictly pods are spread is a change of tenants with etcd alone", async () => {
  const project = await deployed();
  project.write("Pulumi.test.yaml", nodes(2, "vcluster: { spread: preferred }"));
  expect(changesOf(await project.up())).toEqual(["update Release ha-vcluster"]);
});

describe("a storage class", () => {
  const classOf = (project: TestProject, name: string) => {
    const release = project.checkpoint().find(({ type, inputs }) => type === releaseType && inputs?.name === name);
    const values = (release?.inputs?.values ?? {}) as Record<string, unknown>;
    const holders = ["controlPlane.statefulSet", "controlPlane.backingStore.etcd.deploy.statefulSet"];
    return holders.flatMap((holder) => valueAt(values, `${holder}.persistence.volumeClaim.storageClass`) ?? []);
  };

  test("is that of tenants that begin with it; deployed ones keep theirs, whatever else of them changes", async () => {
    const project = await deployed();
    project.write("Pulumi.test.yaml", nodes(2, "vcluster: { storageClass: managed-csi-premium }"));
    expect(changesOf(await project.run("preview"))).toEqual([]);
    project.write("tenants/test/new.yaml", tenantFile("store: etcd"));
    project.write("tenants/test/ha.yaml", tenantFile("store: etcd", "size: medium"));
    expect(changesOf(await project.up())).toEqual([
      "create Namespace new-namespace",
      "create Release new-vcluster",
      "update Release ha-vcluster",
    ]);
    expect(["ha", "solo", "new"].map((name) => classOf(project, name))).toEqual([[], [], ["managed-csi-premium"]]);
    project.write("Pulumi.test.yaml", nodes(2));
    expect(changesOf(await project.up())).toEqual([]);
    expect(classOf(project, "new")).toEqual(["managed-csi-premium"]);
  });
});
