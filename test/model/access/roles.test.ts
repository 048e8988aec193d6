import { describe, expect, test } from "vitest";
import {
  azureRoles,
  bindingsInside,
  clusterGrants,
  hostMembers,
  hostRoleBinding,
  namespaceGrants,
  replaceRules,
  roleAssignment,
} from "../../../model/access/roles.ts";
import { hostRoles, type Tenant } from "../../../model/tenant/tenantSchema.ts";
import { tenantOf } from "../../support/tenants.ts";

const clusterId = "/subscriptions/s-1/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/aks";
const ada = { type: "User", objectId: "3c7e9d20-4a74-4c10-9a1b-8d1f3b0e2d03" } as const;
const leads = { type: "Group", objectId: "6f0c2d1e-5b7a-4c0e-9a61-2f1d9b3c7e01" } as const;
const robot = { type: "ServicePrincipal", objectId: "9c3b7d54-6a1e-4f52-8a94-1e5f7b2d6c03" } as const;

function tenant(fields: Record<string, unknown>): Tenant {
  const access = { admins: [{ user: "a" }], developers: [{ user: "d" }], viewers: [{ user: "v" }] };
  return tenantOf("ml", { access, namespace: "dev", ...fields });
}

describe("roles", () => {
  test("are Azure's built-in ones", () => {
    expect(Object.values(azureRoles).map(({ id, name }) => `${id} ${name}`)).toEqual([
      "b1ff04bb-8a4e-4dc4-8eb5-8693973ce19b Azure Kubernetes Service RBAC Cluster Admin",
      "4abbcc35-e782-43d8-92c5-2d3f1bd2253f Azure Kubernetes Service Cluster User Role",
      "3498e952-d568-435e-9b2c-8d77e338d7f7 Azure Kubernetes Service RBAC Admin",
      "a7ffa36f-339b-4b5c-8bdf-e2c188b2c0eb Azure Kubernetes Service RBAC Writer",
      "7f6c6a51-bcf8-42ba-9220-52d62157d7db Azure Kubernetes Service RBAC Reader",
    ]);
  });

  test("on the host are for admins and developers, never for viewers, and none is for nobody", () => {
    const members = (fields: Record<string, unknown>) => hostMembers(tenant(fields)).map(({ id }) => id);
    expect(hostRoles.map((hostRole) => members({ hostRole }))).toEqual([[], ["a", "d"], ["a", "d"], ["a", "d"]]);
  });

  test.each(["suspended", "offboarding"])("are nobody's while a tenant is %s", (lifecycle) => {
    expect(hostMembers(tenant({ hostRole: "admin", lifecycle }))).toEqual([]);
  });
});

describe("a role assignment", () => {
  test("holds at the cluster for administrators, and for whoever must fetch the kubeconfig", () => {
    const { admins, users } = clusterGrants([leads], [ada]);
    expect([...admins, ...users].map((grant) => roleAssignment(grant, clusterId))).toEqual([
      {
        scope: clusterId,
        roleAssignmentName: "675b9c61-8687-5788-bb19-d15f9b14d4f3",
        principalId: leads.objectId,
        principalType: "Group",
        roleDefinitionId:
          "/subscriptions/s-1/providers/Microsoft.Authorization/roleDefinitions/b1ff04bb-8a4e-4dc4-8eb5-8693973ce19b",
      },
      {
        scope: clusterId,
        roleAssignmentName: "8fb19549-ee0c-5269-9b0a-8610fdba5184",
        principalId: ada.objectId,
        principalType: "User",
        roleDefinitionId:
          "/subscriptions/s-1/providers/Microsoft.Authorization/roleDefinitions/4abbcc35-e782-43d8-92c5-2d3f1bd2253f",
      },
    ]);
  });

  test("holds in the tenant's namespace alone for its host role", () => {
    const [grant] = namespaceGrants(tenant({ hostRole: "writer" }), [robot]);
    expect(grant && roleAssignment(grant, clusterId)).toEqual({
      scope: `${clusterId}/namespaces/dev`,
      roleAssignmentName: "870f3641-f083-51f1-8b6c-e25bbaf5d667",
      principalId: robot.objectId,
      principalType: "ServicePrincipal",
      roleDefinitionId:
        "/subscriptions/s-1/providers/Microsoft.Authorization/roleDefinitions/a7ffa36f-339b-4b5c-8bdf-e2c188b2c0eb",
    });
    expect(namespaceGrants(tenant({ hostRole: "none" }), [robot])).toEqual([]);
  });

  test("is deleted before its replacement is made, whatever of it changes", () => {
    const inputs = Object.keys(roleAssignment({ role: "reader", principal: ada }, clusterId));
    // The provider itself replaces on these two. Source: azure-native, properties that force a replacement.
    const ofProvider = ["scope", "principalId"];
    expect([...replaceRules.replaceOnChanges, ...ofProvider].sort()).toEqual(inputs.sort());
    expect(replaceRules.deleteBeforeReplace).toBe(true);
  });
});

describe("a role binding", () => {
  test.each([
    ["reader", "view"],
    ["writer", "edit"],
    ["admin", "admin"],
  ])("stands for host role %s on a host without Azure: %s", (hostRole, name) => {
    expect(hostRoleBinding(tenant({ hostRole }), [ada, leads, robot])).toEqual({
      name: "tenant-host-role",
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name },
      subjects: [
        { apiGroup: "rbac.authorization.k8s.io", kind: "User", name: ada.objectId },
        { apiGroup: "rbac.authorization.k8s.io", kind: "Group", name: leads.objectId },
        { apiGroup: "rbac.authorization.k8s.io", kind: "User", name: robot.objectId },
      ],
    });
  });

  test("is not made for no role, and stays without subjects where nobody holds one", () => {
    expect(hostRoleBinding(tenant({ hostRole: "none" }), [ada])).toBeUndefined();
    expect(hostRoleBinding(tenant({ hostRole: "admin" }), [])?.subjects).toEqual([]);
  });

  test("stands inside for each list of access, with a group of the program's own", () => {
    expect(bindingsInside().map(({ metadata, roleRef, subjects }) => [metadata.name, roleRef.name, subjects])).toEqual([
      ["tenant-admins", "cluster-admin", [{ ...subject, kind: "Group", name: "virtual-clusters:admins" }]],
      ["tenant-developers", "edit", [{ ...subject, kind: "Group", name: "virtual-clusters:developers" }]],
      ["tenant-viewers", "view", [{ ...subject, kind: "Group", name: "virtual-clusters:viewers" }]],
    ]);
  });
});

const subject = { apiGroup: "rbac.authorization.k8s.io" };
