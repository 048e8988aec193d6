import { describe, expect, test } from "vitest";
import { Cloud } from "../../sandbox/cloud/cloud.ts";
import { stackFiles } from "../../sandbox/sandbox.ts";
import { changesOf, errorsOf, TestProject, tenantFile, withoutGuard } from "../support/project.ts";

const settings = "config:\n  virtual-clusters:existingCluster: { name: host }\n";

/** A stack on a cluster that is there already, with one tenant. */
function stackWith(...lines: string[]) {
  return new TestProject({ "Pulumi.test.yaml": settings, "tenants/test/ml.yaml": tenantFile(...lines) });
}

/** The errors of a preview and of a deployment, and what the deployment changed. */
async function bothRefuse(project: TestProject) {
  const preview = await project.run("preview");
  const up = await project.run("up");
  expect([preview.ok, up.ok]).toEqual([false, false]);
  expect(errorsOf(preview)).toEqual(errorsOf(up));
  return { errors: errorsOf(up), changes: changesOf(up) };
}

test("a tenant with etcd is resized up and down, and keeps its disks", async () => {
  const project = stackWith("store: etcd");
  await project.up();
  for (const size of ["medium", "small"]) {
    project.write("tenants/test/ml.yaml", tenantFile("store: etcd", `size: ${size}`));
    expect(changesOf(await project.up())).toEqual(["update Release ml-vcluster"]);
  }
});

describe("a preview refuses what a deployment refuses, in the same words:", () => {
  test("a value of the stack that Kubernetes never changes", async () => {
    const project = stackWith();
    await project.up();
    const scheduling = "{ controlPlane: { statefulSet: { scheduling: { podManagementPolicy: OrderedReady } } } }";
    project.append("Pulumi.test.yaml", `  virtual-clusters:vcluster: { helmValues: ${scheduling} }\n`);
    const { errors, changes } = await bothRefuse(project);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toContain("(values.controlPlane.statefulSet.scheduling.podManagementPolicy cannot change) (422)");
    expect(changes).toEqual([]);
  });

  test("a namespace that somebody else has made", async () => {
    const project = stackWith();
    const { cloud } = stackFiles(project.root, project.stack);
    await new Cloud(cloud).put("namespaces/ml", {
      type: "kubernetes:core/v1:Namespace",
      parent: "existing-cluster",
      properties: { metadata: { name: "ml" } },
    });
    const { errors, changes } = await bothRefuse(project);
    expect(errors).toEqual([
      'AlreadyExists: namespaces "ml" already exists (409): not this stack\'s, by metadata.labels.virtual-clusters/stack, metadata.labels.virtual-clusters/tenant',
    ]);
    expect(withoutGuard(changes)).toEqual(["create kubernetes platform-host-provider"]);
  });
});
