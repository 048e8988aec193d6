import { expect, test } from "vitest";
import { tenantType } from "../../../model/deploy/tenantUrns.ts";
import { tenantsLeft, unwanted, withdrawals } from "../../../model/plan/passes.ts";
import type { Resource, Step } from "../../../model/plan/steps.ts";

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

test("access is withdrawn first: what tenants' people lose, and not what the whole cluster needs", () => {
  expect(withdrawals(steps)).toEqual(["urn:azure-native:authorization:RoleAssignment:ml-ada"]);
});

test("what is deleted last is all that has not been", () => {
  expect(unwanted(steps, new Set(withdrawals(steps)))).toEqual([
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
