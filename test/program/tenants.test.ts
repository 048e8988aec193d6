import { describe, expect, test } from "vitest";
import type { ResourceState } from "../../sandbox/engine/checkpoint.ts";
import { parseUrn } from "../../sandbox/engine/urn.ts";
import { changesOf, errorsOf, sortedResources, TestProject, tenantFile } from "../support/project.ts";

const dev = "2b6d8c1f-3f63-4b0f-8f0a-7c0e2a9d1c02";
const hostMember = (who: string) => tenantFile("hostRole: writer", `access: { developers: [{ user: ${who} }] }`);

/** What is registered for everything but one tenant. */
function others(resources: readonly ResourceState[], tenant: string): ResourceState[] {
  return sortedResources(resources).filter(({ urn }) => !parseUrn(urn).name.startsWith(tenant));
}

describe("a stack of tenants", () => {
  test("is unchanged when it is deployed again, and a changed size updates that tenant's release alone", async () => {
    const project = TestProject.withTenants({ ml: tenantFile("size: small"), web: tenantFile() });
    await project.up();
    const again = await project.up();
    expect(new Set(again.steps.map(({ op }) => op))).toEqual(new Set(["same"]));

    project.write("tenants/test/ml.yaml", tenantFile("size: medium"));
    const preview = await project.run("preview");
    const resized = await project.up();
    expect(changesOf(preview)).toEqual(["update Release ml-vcluster"]);
    expect(changesOf(resized)).toEqual(["update Release ml-vcluster"]);
    const [{ changed } = { changed: [] }] = resized.steps.filter(
      ({ urn, op }) => op === "update" && urn.endsWith("Release::ml-vcluster"),
    );
    expect(changed).toEqual([
      "values.controlPlane.statefulSet.resources.limits.cpu",
      "values.controlPlane.statefulSet.resources.limits.memory",
      "values.controlPlane.statefulSet.resources.requests.cpu",
      "values.controlPlane.statefulSet.resources.requests.memory",
      "values.policies.resourceQuota.quota.count/configmaps",
      "values.policies.resourceQuota.quota.count/endpoints",
      "values.policies.resourceQuota.quota.count/persistentvolumeclaims",
      "values.policies.resourceQuota.quota.count/pods",
      "values.policies.resourceQuota.quota.count/secrets",
      "values.policies.resourceQuota.quota.count/services",
      "values.policies.resourceQuota.quota.limits.cpu",
      "values.policies.resourceQuota.quota.limits.ephemeral-storage",
      "values.policies.resourceQuota.quota.limits.memory",
      "values.policies.resourceQuota.quota.requests.cpu",
      "values.policies.resourceQuota.quota.requests.ephemeral-storage",
      "values.policies.resourceQuota.quota.requests.memory",
      "values.policies.resourceQuota.quota.requests.storage",
    ]);
  });

  test("gains what belongs to a new tenant, and every other registration stays byte-identical", async () => {
    const project = TestProject.withTenants({ ml: hostMember("ada@contoso.com"), web: hostMember("dev@contoso.com") });
    await project.up();
    // From the second deployment on, the cluster's versions are kept as they are (docs/decisions/0013).
    await project.up();
    const before = others(project.checkpoint(), "new");

    project.write("tenants/test/new.yaml", hostMember("dev@contoso.com"));
    const added = await project.up();
    expect(changesOf(added)).toEqual([
      "create Namespace new-namespace",
      "create Release new-vcluster",
      `create RoleAssignment new-host-role-${dev}`,
    ]);
    expect(JSON.stringify(others(project.checkpoint(), "new"))).toBe(JSON.stringify(before));
  });

  test("replaces a person's role assignment when the host role changes, and nothing else", async () => {
    const project = TestProject.withTenants({ ml: hostMember("ada@contoso.com"), web: hostMember("dev@contoso.com") });
    await project.up();
    project.write("tenants/test/web.yaml", hostMember("dev@contoso.com").replace("writer", "reader"));
    expect(changesOf(await project.up())).toEqual([`replace RoleAssignment web-host-role-${dev}`]);
  });

  test("refuses to lose an active tenant: no step is done, and the way out is told", async () => {
    const project = TestProject.withTenants({ ml: tenantFile(), web: tenantFile() });
    await project.up();
    const before = sortedResources(project.checkpoint());

    project.remove("tenants/test/ml.yaml");
    await project.run("up");
    // The second time too: a refused run must not forget what is deployed.
    const refused = await project.run("up");
    expect(refused.ok).toBe(false);
    expect(changesOf(refused)).toEqual([]);
    expect(sortedResources(project.checkpoint())).toEqual(before);
    expect(errorsOf(refused)).toEqual([
      `1 problem to mend first; nothing was changed.
tenants/test/ml.yaml:1:1: the file is gone, but tenant 'ml' is deployed and active (namespace 'ml'). Offboarding takes two merged changes:
  1. put the file back with 'lifecycle: offboarding' and deploy: the control plane stops, access and protection are withdrawn, data is kept
  2. then remove the file and deploy: the virtual cluster is deleted, its namespace and its data are deleted`,
    ]);
  });

  test("lets a tenant go in two deployments: offboarding first, then without its file", async () => {
    const project = TestProject.withTenants({ ml: hostMember("ada@contoso.com"), web: hostMember("dev@contoso.com") });
    await project.up();

    project.write("tenants/test/ml.yaml", `${hostMember("ada@contoso.com")}lifecycle: offboarding\n`);
    expect(changesOf(await project.up())).toEqual([
      "create Job ml-vcluster-stop",
      "delete RoleAssignment ml-host-role-3c7e9d20-4a74-4c10-9a1b-8d1f3b0e2d03",
      "delete RoleAssignment platform-access-user-3c7e9d20-4a74-4c10-9a1b-8d1f3b0e2d03",
      "update Release ml-vcluster",
    ]);

    project.remove("tenants/test/ml.yaml");
    expect(changesOf(await project.up())).toEqual([
      "delete Job ml-vcluster-stop",
      "delete Namespace ml-namespace",
      "delete Release ml-vcluster",
    ]);
  });
});

describe("a person in two tenants, once by name and once by object id", () => {
  test("has one Cluster User assignment, which stays whole when one of the tenants goes", async () => {
    const project = TestProject.withTenants({ ml: hostMember("dev@contoso.com"), web: hostMember(dev.toUpperCase()) });
    await project.up();
    const assignments = () =>
      project
        .checkpoint()
        .flatMap(({ type, urn }) => (type.endsWith(":RoleAssignment") ? [urn.split("::").at(-1)] : []))
        .sort();
    const admin = "platform-access-admin-1a2f6b0e-4f0d-4f6c-9d5b-8b8e2f7c1a01";
    expect(assignments()).toEqual([
      `ml-host-role-${dev}`,
      admin,
      `platform-access-user-${dev}`,
      "platform-host-network-role",
      `web-host-role-${dev}`,
    ]);

    project.write("tenants/test/web.yaml", `${hostMember(dev)}lifecycle: offboarding\n`);
    await project.up();
    project.remove("tenants/test/web.yaml");
    await project.up();
    expect(assignments()).toEqual([
      `ml-host-role-${dev}`,
      admin,
      `platform-access-user-${dev}`,
      "platform-host-network-role",
    ]);
  });
});
