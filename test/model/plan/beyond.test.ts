import { expect, test } from "vitest";
import { tenantType } from "../../../model/deploy/tenantUrns.ts";
import { beyond } from "../../../model/plan/beyond.ts";
import { knownLater, type Op, type Step } from "../../../model/plan/steps.ts";

const tenant = { urn: "ml", type: tenantType, name: "ml", protect: false, retain: false, inputs: {} };
const release = (inputs: object) => ({
  ...tenant,
  urn: "ml-release",
  type: "kubernetes:helm.sh/v3:Release",
  name: "ml-vcluster",
  parent: "ml",
  inputs: { ...inputs },
});
const group = { ...tenant, urn: "group", type: "azure-native:resources:ResourceGroup", name: "host-group" };

const step = (op: Op, from: object, to: object): Step => ({
  op,
  ...(op !== "create" && { before: release(from) }),
  ...(op !== "delete" && { after: release(to) }),
});
const ofTenant: Step = { op: "same", before: tenant, after: tenant };
const resized = step("update", { values: { size: 1, tag: "a" } }, { values: { size: 2, tag: "a" } });
const told = (planned: readonly Step[] | undefined, ...real: readonly Step[]) =>
  beyond(planned, [ofTenant, ...real]).map(({ tenant, change }) => [tenant, change.op, change.name]);

test("what a plan shows, a deployment may do, or a part of it", () => {
  expect(told([ofTenant, resized], resized)).toEqual([]);
  expect(told([ofTenant, resized])).toEqual([]);
  expect(told([ofTenant, step("replace", { values: { size: 1 } }, { values: { size: 2 } })], resized)).toEqual([]);
  const later = step("update", { values: { size: 1, id: "a" } }, { values: { size: 2, id: knownLater } });
  expect(told([ofTenant, resized], later)).toEqual([]);
});

test("another step is more than the plan shows, of a tenant or of what is shared", () => {
  const deletion: Step = { op: "delete", before: group };
  expect(told([ofTenant, resized], resized, deletion)).toEqual([[undefined, "delete", "host-group"]]);
  expect(told([ofTenant], resized)).toEqual([["ml", "update", "ml-vcluster"]]);
  expect(told([ofTenant, resized], step("replace", { values: { size: 1 } }, { values: { size: 2 } }))).toEqual([
    ["ml", "replace", "ml-vcluster"],
  ]);
});

test("so is another value that changes", () => {
  const both = step("update", { values: { size: 1, tag: "old" } }, { values: { size: 2, tag: "a" } });
  expect(told([ofTenant, resized], both)).toEqual([["ml", "update", "ml-vcluster"]]);
});

test("a first deployment may create, and nothing else", () => {
  expect(told(undefined, step("create", {}, {}))).toEqual([]);
  expect(told(undefined, resized)).toEqual([["ml", "update", "ml-vcluster"]]);
});
