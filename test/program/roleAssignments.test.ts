import { rmSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { Cloud } from "../../sandbox/cloud/cloud.ts";
import { askSandbox, stackFiles } from "../../sandbox/sandbox.ts";
import { changesOf, errorsOf, TestProject, tenantFile } from "../support/project.ts";

const [ada, dev] = ["3c7e9d20-4a74-4c10-9a1b-8d1f3b0e2d03", "2b6d8c1f-3f63-4b0f-8f0a-7c0e2a9d1c02"];
const developers = (hostRole: string, ...people: string[]) =>
  tenantFile(
    `hostRole: ${hostRole}`,
    `access: { developers: [${people.map((user) => `{ user: ${user} }`).join(", ")}] }`,
  );
const roles = {
  reader: "7f6c6a51-bcf8-42ba-9220-52d62157d7db",
  writer: "a7ffa36f-339b-4b5c-8bdf-e2c188b2c0eb",
  admin: "3498e952-d568-435e-9b2c-8d77e338d7f7",
};
const roleAssignment = "azure-native:authorization:RoleAssignment";

/** What Azure holds: id, principal and role of every assignment. */
function assignments({ root, stack }: TestProject): string[] {
  return new Cloud(stackFiles(root, stack).cloud)
    .ofType(roleAssignment)
    .map(({ id, properties }) => `${id} ${String(properties.principalId)} ${String(properties.roleDefinitionId)}`)
    .sort();
}

describe("role assignments", () => {
  const tenants = { ml: developers("writer", "ada@contoso.com", dev), web: developers("admin", "dev@contoso.com") };

  test("are identical, names included, in every run and on every machine", async () => {
    const here = TestProject.withTenants(tenants);
    await here.up();
    const first = assignments(here);
    // An administrator, two people with the kubeconfig, three host roles, and the cluster's identity on its network.
    expect(first).toHaveLength(7);
    await here.up();
    expect(assignments(here)).toEqual(first);

    const there = TestProject.withTenants({ web: tenants.web, ml: tenants.ml });
    await there.up();
    expect(assignments(there)).toEqual(first);
  });

  test("are met under the very same names after a lost state, and never given twice", async () => {
    const project = TestProject.withTenants(tenants);
    await project.up();
    const before = assignments(project);
    const { cloud, state } = stackFiles(project.root, project.stack);
    const ids = new Cloud(cloud).ofType(roleAssignment).map(({ id }) => id);
    // A state that has lost the role assignments alone meets them one by one.
    project.forgetResources(({ type }) => type === roleAssignment);
    const result = await project.run("up");
    expect(result.ok).toBe(false);
    expect(errorsOf(result).length).toBeGreaterThan(0);
    for (const error of errorsOf(result)) {
      const [, id = ""] = /^Conflict: cannot create already existing resource '([^']*)'/.exec(error) ?? [];
      expect(ids).toContain(id.toLowerCase());
    }
    expect(assignments(project)).toEqual(before);
    // One that is lost as a whole is made anew.
    rmSync(state);
    expect(changesOf(await project.up()).filter((change) => change.includes("RoleAssignment"))).toEqual([]);
    expect(assignments(project)).toEqual(before);
  });

  test("are deleted before they are made anew when the host role changes, there and back again", async () => {
    const project = TestProject.withTenants({ ml: developers("writer", "ada@contoso.com", "dev@contoso.com") });
    await project.up();
    const inNamespace = () => assignments(project).filter((text) => text.includes("/namespaces/ml/"));
    expect(inNamespace()).toHaveLength(2);
    for (const role of ["reader", "writer"] as const) {
      project.write("tenants/test/ml.yaml", developers(role, "ada@contoso.com", "dev@contoso.com"));
      const leftOver: string[] = [];
      const result = await project.run("up", {
        // A replacement begins to be made once the old one is deleted.
        onStep: ({ kind, op, urn }) => {
          if (kind !== "begin" || op !== "replace") return;
          const [person = ""] = urn.split("host-role-").slice(-1);
          leftOver.push(...inNamespace().filter((text) => text.includes(person)));
        },
      });
      expect(errorsOf(result)).toEqual([]);
      expect(changesOf(result)).toEqual([
        `replace RoleAssignment ml-host-role-${dev}`,
        `replace RoleAssignment ml-host-role-${ada}`,
      ]);
      expect(inNamespace().map((text) => text.split("/").at(-1))).toEqual([roles[role], roles[role]]);
      expect(leftOver).toEqual([]);
    }
  });
});

describe("a person in two tenants, once by name and once by object id", () => {
  test("keeps every right in the one when the other is gone", async () => {
    const project = TestProject.withTenants({
      ml: developers("writer", "dev@contoso.com"),
      web: developers("writer", dev.toUpperCase()),
    });
    await project.up();
    const can = (verb: string, resource: string, namespace: string) =>
      askSandbox({ root: project.root, stack: "test", who: "dev@contoso.com", verb, resource, place: { namespace } });
    expect([can("get", "secrets", "ml").allowed, can("get", "secrets", "web").allowed]).toEqual([true, true]);
    const before = assignments(project).filter((text) => !text.includes("/namespaces/web/"));

    project.write("tenants/test/web.yaml", `${developers("writer", dev)}lifecycle: offboarding\n`);
    await project.up();
    project.remove("tenants/test/web.yaml");
    await project.up();
    expect(assignments(project)).toEqual(before);
    expect([can("get", "secrets", "ml").allowed, can("get", "secrets", "web").allowed]).toEqual([true, false]);
  });
});
