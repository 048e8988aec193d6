import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { assignmentCondition, rightsCommands, rolesOutside } from "../../../model/access/deployer.ts";
import { azureRoles } from "../../../model/access/roles.ts";
import { repository } from "../../support/frame.ts";

const place = {
  subscriptionId: "sub",
  resourceGroup: "rg",
  location: "westeurope",
  tags: {},
  subnetId: "",
  peered: [],
  zoneId: "",
};

/** The roles of every assignment that is committed as registered. */
const registered = globSync("test/expected/*/*.RoleAssignment.yaml", { cwd: repository }).map(
  (file) => /roleDefinitions\/([0-9a-f-]{36})/.exec(readFileSync(join(repository, file), "utf8"))?.[1],
);

describe("the rights of the deploying identity", () => {
  test("are a contributor's, and the assignment of this program's roles alone, in the stack's resource group", () => {
    const commands = rightsCommands({ ...place, tags: { owner: "A B" } }, "me");
    const [contributor, administrator] = commands.slice(5);
    expect(commands.slice(0, 5)).toEqual([
      "az provider register --namespace Microsoft.ContainerService --subscription sub",
      "az provider register --namespace Microsoft.Compute --subscription sub",
      "az provider register --namespace Microsoft.Network --subscription sub",
      "az provider register --namespace Microsoft.ManagedIdentity --subscription sub",
      "az group create --name rg --location westeurope --subscription sub --tags 'owner=A B'",
    ]);
    const assign =
      "az role assignment create --assignee-object-id me --assignee-principal-type ServicePrincipal --scope /subscriptions/sub/resourceGroups/rg";
    expect(contributor).toBe(`${assign} --role Contributor`);
    expect(administrator).toMatch(
      `${assign} --role 'Role Based Access Control Administrator' --condition-version 2.0 --condition '((!(ActionMatches{`,
    );
  });

  test("reach to a subnet that is there: whoever makes the cluster joins it to it, and lets its identity do so", () => {
    const subnetId = "/subscriptions/net/subnets/aks";
    const added = rightsCommands({ ...place, subnetId }, "me").slice(rightsCommands(place, "me").length);
    const assign = `az role assignment create --assignee-object-id me --assignee-principal-type ServicePrincipal --scope ${subnetId} --role`;
    expect(added.map((command) => command.split(" --condition-version")[0])).toEqual([
      `${assign} 'Network Contributor'`,
      `${assign} 'Role Based Access Control Administrator'`,
    ]);
  });

  test("reach to the other networks that the stack's own is peered with, and to somebody else's zone", () => {
    const elsewhere = { peered: ["/vnets/hub", "/vnets/office"], zoneId: "/zones/lan" };
    const added = rightsCommands({ ...place, ...elsewhere }, "me", "Group").slice(rightsCommands(place, "me").length);
    const assign = "az role assignment create --assignee-object-id me --assignee-principal-type Group --scope";
    expect(added).toEqual([
      `${assign} /vnets/hub --role 'Network Contributor'`,
      `${assign} /vnets/office --role 'Network Contributor'`,
      `${assign} /zones/lan --role 'Private DNS Zone Contributor'`,
    ]);
  });

  test("name every role that the program assigns, where one is made and where one is deleted", () => {
    expect(registered.length).toBeGreaterThan(5);
    const ids = [...Object.values(azureRoles).map(({ id }) => id), ...registered];
    const lists = [...assignmentCondition().matchAll(/@(\w+)\[[^\]]+\] ForAnyOfAnyValues:GuidEquals \{([^}]*)\}/g)];
    expect(lists.map(([, source]) => source)).toEqual(["Request", "Resource"]);
    for (const [, , list = ""] of lists) expect(list.split(", ")).toEqual(expect.arrayContaining(ids));
    // Neither the identity's own role nor Owner.
    expect(assignmentCondition()).not.toMatch(
      /f58310d9-a9f6-439a-9e8d-f62e7b41a168|8e3af657-a8ff-443c-a75c-2fe8c4bcb635/,
    );
  });

  test("are known by a condition: of this one nothing is missing, of an older one a role, of another kind nobody can tell", () => {
    const condition = assignmentCondition();
    expect(rolesOutside(condition)).toEqual([]);
    const id = azureRoles.reader.id;
    expect(rolesOutside(condition.replaceAll(`, ${id}`, ""))).toEqual([azureRoles.reader.name]);
    expect(rolesOutside("@Resource[Microsoft.Storage/x] StringEquals 'y'")).toBeUndefined();
    const people = "@Request[Microsoft.Authorization/roleAssignments:PrincipalId] ForAnyOfAnyValues:GuidEquals {x}";
    expect(rolesOutside(`${condition} AND (${people})`)).toBeUndefined();
  });
});
