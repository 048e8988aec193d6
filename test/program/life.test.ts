import { expect, test } from "vitest";
import { Cloud } from "../../sandbox/cloud/cloud.ts";
import { stackFiles } from "../../sandbox/sandbox.ts";
import { changesOf, errorsOf, sortedResources, TestProject, tenantFile } from "../support/project.ts";

const ada = "3c7e9d20-4a74-4c10-9a1b-8d1f3b0e2d03";
const other = tenantFile("hostRole: reader", "access: { admins: [{ user: dev@contoso.com }] }");
const file = (...lines: string[]) =>
  tenantFile("hostRole: writer", "access: { admins: [{ user: ada@contoso.com }] }", ...lines);

/** A stack of the tenant whose life is told, and of another one that must never notice. */
function newStack() {
  const project = TestProject.withTenants({ ml: file('kubernetes: "1.34"'), other });
  const neighbour = () => sortedResources(project.checkpoint()).filter(({ urn }) => urn.includes("::other"));

  /** Changes the file (or removes it) and deploys: what was done, with the neighbour unchanged. */
  const deploy = async (text?: string): Promise<string[]> => {
    if (text === undefined) project.remove("tenants/test/ml.yaml");
    else project.write("tenants/test/ml.yaml", text);
    const before = neighbour();
    const changes = changesOf(await project.up());
    expect(neighbour()).toEqual(before);
    return changes;
  };

  /** A wrong turn, deployed without a preview: it is refused with these words, and nothing was done. */
  const refused = async (text: string | undefined, reason: string) => {
    const state = sortedResources(project.checkpoint());
    if (text === undefined) project.remove("tenants/test/ml.yaml");
    else project.write("tenants/test/ml.yaml", text);
    const result = await project.run("up");
    expect([result.ok, changesOf(result)]).toEqual([false, []]);
    expect(errorsOf(result).join("\n")).toContain(reason);
    expect(sortedResources(project.checkpoint())).toEqual(state);
  };
  return { project, deploy, refused };
}

test("the whole life of a tenant: at each step only its own resources change, and each wrong turn is refused", async () => {
  const { project, deploy, refused } = newStack();
  await project.up();

  // Resized and upgraded by one minor at a time; never down, never to another store or namespace.
  expect(await deploy(file('kubernetes: "1.34"', "size: medium"))).toEqual(["update Release ml-vcluster"]);
  await refused(file('kubernetes: "1.36"', "size: medium"), 'one minor at a time, "1.35" first');
  expect(await deploy(file('kubernetes: "1.35"', "size: medium"))).toEqual(["update Release ml-vcluster"]);
  await refused(file('kubernetes: "1.34"', "size: medium"), "a Kubernetes version cannot go down");
  await refused(file("size: medium", "store: etcd"), "another store would start empty");
  await refused(file("size: medium", "namespace: elsewhere"), "a namespace cannot change");

  // Suspended and resumed: access goes and comes back, the protection stays.
  const suspended = file("size: medium", "lifecycle: suspended");
  expect(await deploy(suspended)).toEqual([
    "create Job ml-vcluster-stop",
    `delete RoleAssignment ml-host-role-${ada}`,
    `delete RoleAssignment platform-access-user-${ada}`,
    "update Release ml-vcluster",
  ]);
  await refused(undefined, "Offboarding takes two merged changes");
  expect(await deploy(file("size: medium"))).toEqual([
    `create RoleAssignment ml-host-role-${ada}`,
    `create RoleAssignment platform-access-user-${ada}`,
    "delete Job ml-vcluster-stop",
    "update Release ml-vcluster",
  ]);
  await refused(undefined, "Offboarding takes two merged changes");

  // Offboarded with its data kept, and removed: the namespace leaves the state, not the cloud.
  const leaving = file("size: medium", "lifecycle: offboarding", "dataOnRemoval: keep");
  expect(await deploy(leaving)).toEqual([
    "create Job ml-vcluster-stop",
    `delete RoleAssignment ml-host-role-${ada}`,
    `delete RoleAssignment platform-access-user-${ada}`,
    "update Release ml-vcluster",
  ]);
  expect(await deploy(undefined)).toEqual([
    "delete Job ml-vcluster-stop",
    "delete Namespace ml-namespace",
    "delete Release ml-vcluster",
  ]);
  const { cloud } = stackFiles(project.root, project.stack);
  expect(new Cloud(cloud).get("namespaces/ml")).toBeDefined();
  expect(new Cloud(cloud).get("releases/ml/ml")).toBeUndefined();

  // Its name is kept from being used again, until the data is gone and the platform team says so.
  await refused(file(), "the data of the removed tenant 'ml' is kept in namespace 'ml'");
  await new Cloud(cloud).remove("namespaces/ml");
  project.append("Pulumi.test.yaml", "  virtual-clusters:forgetRetained: [ml]\n");
  expect(await deploy(file())).toEqual([
    "create Namespace ml-namespace",
    "create Release ml-vcluster",
    `create RoleAssignment ml-host-role-${ada}`,
    `create RoleAssignment platform-access-user-${ada}`,
  ]);
});

test("another store is refused by what the state says, where the outputs of the last deployment are gone", async () => {
  const { project } = newStack();
  await project.up();
  project.forgetOutputs();
  project.write("tenants/test/ml.yaml", file('kubernetes: "1.34"', "store: etcd"));
  const result = await project.run("up");
  expect(result.ok).toBe(false);
  expect(errorsOf(result).join("\n")).toContain(
    "before hook \"tenant-update\" failed: tenants/test/ml.yaml:6:8: store is 'etcd', but the tenant was made with 'sqlite'",
  );
});
