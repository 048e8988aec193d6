import { expect, test } from "vitest";
import { type AzureRole, azureRoles } from "../../../model/access/roles.ts";
import { signInFile } from "../../../model/deploy/signInFile.ts";
import { tenantType } from "../../../model/deploy/tenantUrns.ts";
import { tenantsLeft, unwanted, withdrawals } from "../../../model/plan/passes.ts";
import { knownLater, type Resource, type Step } from "../../../model/plan/steps.ts";

const resource = (type: string, name: string, parent?: string): Resource => ({
  ...{ urn: `urn:${type}:${name}`, type, name, protect: false, retain: false, inputs: {} },
  ...(parent !== undefined && { parent }),
});
const step = (op: Step["op"], of: Resource): Step => ({
  op,
  ...(op !== "create" && { before: of }),
  ...(op !== "delete" && { after: of }),
});

const tenant = (name: string) => resource(tenantType, name);
const role = (name: string, of: string) =>
  resource("azure-native:authorization:RoleAssignment", name, `urn:${tenantType}:${of}`);
const steps = [
  step("same", tenant("ml")),
  step("delete", role("ml-ada", "ml")),
  step("update", resource("kubernetes:helm.sh/v3:Release", "ml", `urn:${tenantType}:ml`)),
  step("delete", tenant("old")),
  step("delete", resource("kubernetes:core/v1:Namespace", "old", `urn:${tenantType}:old`)),
  step("create", tenant("web")),
  step("create", resource("kubernetes:core/v1:Namespace", "web", `urn:${tenantType}:web`)),
  step("delete", resource("azure-native:authorization:RoleAssignment", "deployer", "urn:platform")),
];

/** A step on a role of ml, of which the state and the files say this. */
const change = (before: Resource | undefined, after: Resource | undefined): Step => ({
  op:
    before === undefined
      ? "create"
      : after === undefined
        ? "delete"
        : before.type.startsWith("az")
          ? "replace"
          : "update",
  ...(before && { before }),
  ...(after && { after }),
});

const assigned = (hostRole: AzureRole | "another", who = "ada"): Resource => ({
  ...role(`ml-${who}`, "ml"),
  inputs: {
    principalId: who,
    roleDefinitionId:
      hostRole === "another" ? "/roleDefinitions/0" : `/subscriptions/s/roleDefinitions/${azureRoles[hostRole].id}`,
  },
});

const bound = (clusterRole: string, ...people: readonly string[]): Resource => ({
  ...resource("kubernetes:rbac.authorization.k8s.io/v1:RoleBinding", "ml", `urn:${tenantType}:ml`),
  inputs: { roleRef: { name: clusterRole }, subjects: people.map((name) => ({ kind: "User", name })) },
});

test("access is withdrawn first: what tenants' people lose, and not what the whole cluster needs", () => {
  expect(withdrawals(steps)).toEqual({
    deleted: ["urn:azure-native:authorization:RoleAssignment:ml-ada"],
    updated: [],
  });
});

const signIn = { issuer: "https://id.contoso.com", clientId: "vc", usernameClaim: "sub", groupsClaim: "groups" };
/** The file of ml that says who gets in. */
const inside = (lists: Partial<Record<"admins" | "viewers", readonly string[]>>): Resource => {
  const people = (ids: readonly string[] = []) =>
    ids.map((objectId) => ({ objectId, type: objectId.startsWith("g") ? ("Group" as const) : ("User" as const) }));
  const members = { admins: people(lists.admins), developers: [], viewers: people(lists.viewers) };
  return {
    ...resource("kubernetes:core/v1:ConfigMap", "ml-sign-in", `urn:${tenantType}:ml`),
    inputs: signInFile(signIn, members),
  };
};

const later = { ...assigned("admin"), inputs: { principalId: "ada", roleDefinitionId: knownLater } };

test.each([
  ["a role that is lowered", assigned("admin"), assigned("writer"), "deleted"],
  ["a role that is raised", assigned("reader"), assigned("writer"), undefined],
  ["a role that stays, and is made anew", assigned("admin"), assigned("admin"), undefined],
  ["a role that becomes one of which nobody knows what it lets", assigned("reader"), assigned("another"), "deleted"],
  ["such a role that becomes a known one", assigned("another"), assigned("admin"), "deleted"],
  ["a role on a cluster that is made anew", assigned("admin"), later, undefined],
  ["a role that is new", undefined, assigned("admin"), undefined],
  ["a binding that loses somebody", bound("edit", "ada", "dev"), bound("edit", "dev"), "updated"],
  ["a binding that loses everybody", bound("edit", "ada"), bound("edit"), "updated"],
  ["a binding that nobody holds any more", bound("edit"), undefined, undefined],
  ["a list inside that loses somebody", inside({ admins: ["ada", "g1"] }), inside({ admins: ["ada"] }), "updated"],
  ["one that loses somebody to another", inside({ admins: ["ada"] }), inside({ viewers: ["ada"] }), "updated"],
  [
    "one that gets somebody",
    inside({ admins: ["ada"] }),
    inside({ admins: ["ada", "dev"], viewers: ["g1"] }),
    undefined,
  ],
  ["one that is gone with its tenant", inside({ admins: ["ada"] }), undefined, undefined],
  ["a binding that gets somebody", bound("edit", "ada"), bound("edit", "ada", "dev"), undefined],
])("%s: %#", (_, before, after, how) => {
  const urn = (before ?? after)?.urn;
  const told = withdrawals([step("same", tenant("ml")), change(before, after)]);
  expect(told).toEqual({ deleted: [], updated: [], ...(how !== undefined && { [how]: [urn] }) });
});

test.each([
  ["lowered", bound("admin", "ada"), bound("view", "ada"), true],
  ["raised", bound("view", "ada"), bound("admin", "ada"), false],
  ["raised, and somebody does not get it", bound("view", "ada", "dev"), bound("admin", "dev"), true],
])("a binding goes first where its role is %s: its role never changes in place", (_, before, after, goes) => {
  const told = withdrawals([step("same", tenant("ml")), { op: "replace", before, after }]);
  expect(told).toEqual({ deleted: goes ? [before.urn] : [], updated: [] });
});

test("what is deleted last is all that has not been", () => {
  expect(unwanted(steps, new Set(withdrawals(steps).deleted))).toEqual([
    `urn:${tenantType}:old`,
    "urn:kubernetes:core/v1:Namespace:old",
    "urn:azure-native:authorization:RoleAssignment:deployer",
  ]);
});

test("whoever is left has a step that was not done", () => {
  const done = steps.flatMap(({ before, after }) => (after ?? before)?.urn ?? []);
  expect(tenantsLeft(steps, new Set(done))).toEqual([]);
  expect(tenantsLeft(steps, new Set(done.filter((urn) => !/Release|deployer/.test(urn))))).toEqual(["ml", undefined]);
});
