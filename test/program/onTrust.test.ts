import { join } from "node:path";
import { v5 as uuidv5 } from "uuid";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readStack } from "../../cli/stacks.ts";
import { entraTenantId } from "../../sandbox/cloud/entra.ts";
import type { RunResult } from "../../sandbox/engine/run.ts";
import { askSandbox } from "../../sandbox/sandbox.ts";
import { errorsOf, repository, TestProject, tenantFile } from "../support/project.ts";

const folder = join(repository, "test/fixtures/company");
const idOf = (type: string, name: string) => uuidv5(`${type} ${name}`, entraTenantId);

describe("another company's stack, whose people the sandbox's directory does not list", () => {
  let project: TestProject;
  let deployed: RunResult;
  beforeAll(async () => {
    project = TestProject.ofFixture("sandbox", { folder, keep: true });
    deployed = await project.up();
  });
  afterAll(() => project.delete());

  test("is deployed, and one line says whom it took on trust", () => {
    expect(deployed.messages.filter(({ severity }) => severity === "info").map(({ message }) => message)).toEqual([
      `taken on trust, for sandbox/directory.yaml does not list them: Cloud Engineering, Grid Team, sigrid@nordlys.example; and for another subscription has them: /subscriptions/5b9f1c1e-0c53-4f2e-8f2e-2f6a0f7a9c11/resourceGroups/rg-nordlys-network/providers/Microsoft.Network/virtualNetworks/nordlys-lab/subnets/aks`,
    ]);
  });

  test("gives each of them an object id that stays the same", () => {
    const principals = deployed.resources
      .filter(({ type, urn }) => type.endsWith(":RoleAssignment") && !urn.endsWith("platform-host-network-role"))
      .map(({ inputs }) => inputs?.principalId);
    expect(new Set(principals)).toEqual(
      new Set([
        "0f6f0d5e-3b52-4c55-9a0d-6d0f3c1e7a11",
        "7d1f5c34-2c5b-4e8f-a6b5-1f0c9d8e7b61",
        idOf("Group", "cloud engineering"),
        idOf("Group", "grid team"),
        idOf("User", "sigrid@nordlys.example"),
      ]),
    );
  });

  test("can be asked what they may do, by name and by object id", () => {
    const can = (who: string, verb: string) =>
      askSandbox({ root: project.root, stack: "sandbox", who, verb, resource: "pods", place: { tenant: "grid" } });
    expect(can("sigrid@nordlys.example", "delete")).toEqual({
      allowed: true,
      why: "binding 'tenant-admins' to 'cluster-admin' inside 'grid'",
    });
    expect(can("Grid Team", "create")).toEqual({
      allowed: true,
      why: "binding 'tenant-developers' to 'edit' inside 'grid'",
    });
    expect(can("7d1f5c34-2c5b-4e8f-a6b5-1f0c9d8e7b61", "delete").allowed).toBe(true);
    expect(can("ola@nordlys.example", "list").allowed).toBe(false);
    expect(() => can("nobody@contoso.com", "list")).toThrow("Entra ID does not know 'nobody@contoso.com'");
  });

  test("is right in all its stacks, also where a file does not name the schema in its first line", () => {
    const problems = ["sandbox", "prod-north"].flatMap((stack) => {
      const reading = readStack(project.root, stack);
      return "tenants" in reading ? reading.problems : reading;
    });
    expect(problems.filter(({ severity }) => severity !== "warning")).toEqual([]);
    expect(problems.filter(({ location }) => location.file === "tenants/sandbox/weather.yaml")).toEqual([]);
  });
});

test("a slip in a name or an address of the directory's own is refused, whoever else is taken on trust", async () => {
  const project = TestProject.withTenants({
    ml: tenantFile(
      "access: { admins: [{ user: ada@contoso.con }, { group: ml-lead }, { user: eve@nordlys.example }] }",
    ),
  });
  const [error = "", ...others] = errorsOf(await project.run("up"));
  expect(others).toEqual([]);
  expect(error.split("\n").map((line) => line.split(/[,;] /)[0])).toEqual([
    "2 problems to mend first",
    "tenants/test/ml.yaml:3:20: Entra ID does not know the user 'ada@contoso.con'",
    "tenants/test/ml.yaml:3:47: Entra ID does not know the group 'ml-lead'",
  ]);
});
