import { expect, test } from "vitest";
import { laidOver, replacementOf } from "../../../model/plan/chartObjects.ts";

test.each([
  ["an API server's defaults", { a: 1 }, { a: 1, b: 2 }, { a: 1, b: 2 }],
  [
    "what the chart leaves to them",
    { pull: "", when: null },
    { pull: "Always", when: "now" },
    { pull: "Always", when: "now" },
  ],
  ["what says nothing", { list: [], map: {}, flag: false }, {}, {}],
  ["amounts in another writing", { m: "1024Mi", cpu: "0.5" }, { m: "1Gi", cpu: "500m" }, { m: "1Gi", cpu: "500m" }],
])("%s are no drift", (_, rendered, live, same) => {
  expect(laidOver(rendered, live)).toEqual(same);
});

test.each([
  ["a value", { a: 1 }, { a: 2 }, { a: 1 }],
  ["a field that is gone", { a: { b: "x" } }, { a: {} }, { a: { b: "x" } }],
  ["an element more", { a: [{ b: 1 }] }, { a: [{ b: 1 }, {}] }, { a: [{ b: 1 }] }],
  ["an amount", { m: "1Gi" }, { m: "2Gi" }, { m: "1Gi" }],
])("%s is", (_, rendered, live, expected) => {
  expect(laidOver(rendered, live)).toEqual(expected);
});

test("what replaces an object keeps what others have written on it, and nothing of what it says", () => {
  const object = { apiVersion: "v1", kind: "Service", metadata: { name: "ml", labels: { app: "vcluster" } } };
  const live = {
    ...object,
    metadata: { name: "ml", namespace: "ml", uid: "1", labels: { app: "x", own: "y" }, annotations: { seen: "z" } },
    spec: { ports: [1, 2] },
    status: {},
  };
  expect(replacementOf({ ...object, spec: { ports: [1] } }, live)).toEqual({
    ...live,
    metadata: { ...live.metadata, labels: { app: "vcluster", own: "y" } },
    spec: { ports: [1] },
  });
});

test.each([
  [
    "ServiceAccount",
    { imagePullSecrets: [{ name: "x" }], secrets: [{ name: "token" }] },
    { secrets: [{ name: "token" }] },
  ],
  ["ConfigMap", { binaryData: { a: "eA==" }, immutable: true }, {}],
  ["ClusterRole", { rules: [{ verbs: ["*"] }] }, {}],
])("of what was added at the top of a %s only a controller's stays", (kind, added, kept) => {
  const object = { apiVersion: "v1", kind, metadata: { name: "ml" } };
  const live = { ...object, metadata: { ...object.metadata, uid: "1" }, status: { seen: true }, ...added };
  expect(replacementOf(object, live)).toEqual({ ...object, metadata: live.metadata, status: live.status, ...kept });
});

test("the rules that a ClusterRole collects from others stay", () => {
  const object = { apiVersion: "v1", kind: "ClusterRole", metadata: { name: "ml" }, aggregationRule: {} };
  const live = { ...object, rules: [{ verbs: ["get"] }] };
  expect(replacementOf(object, live)).toEqual(live);
});
