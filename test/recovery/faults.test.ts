import { describe, expect, test } from "vitest";
import { type Fault, faultKinds, parseFault } from "../../sandbox/cloud/faults.ts";
import { resourceTypes } from "../../sandbox/cloud/provider.ts";
import { check, faultsOf } from "./faultCases.ts";
import { scenarios } from "./scenario.ts";

test("a fault is written as type, name, kind and number", () => {
  expect(parseFault("Release#ml-vcluster:helm-timeoutx2", resourceTypes)).toEqual({
    text: "Release#ml-vcluster:helm-timeoutx2",
    type: "kubernetes:helm.sh/v3:Release",
    name: "ml-vcluster",
    kind: "helm-timeout",
    times: 2,
  });
  expect(parseFault("azure-native:resources:ResourceGroup:429", resourceTypes)).toMatchObject({
    type: "azure-native:resources:ResourceGroup",
    kind: "429",
    times: 1,
  } satisfies Partial<Fault>);
});

describe("a fault that cannot be is refused with what can:", () => {
  test.each([
    ["Release", "no fault 'Release': write <type>[#name]:<kind>[xN], such as Release#ml-vcluster:helm-timeout"],
    ["Realease:503", "no type 'Realease', did you mean 'Release'? there are ResourceGroup, ManagedCluster"],
    ["Release:helm-timout", "no kind of fault 'helm-timout', did you mean 'helm-timeout'? there are 429, 503"],
    [
      "Namespace:PrincipalNotFound",
      "'PrincipalNotFound' cannot befall kubernetes:core/v1:Namespace: Azure does not know",
    ],
    ["Release:503x0", "no kind of fault '503x0'"],
  ])("%s", (text, message) => {
    expect(() => parseFault(text, resourceTypes)).toThrow(message);
  });
  test("kinds", () => {
    expect(Object.keys(faultKinds)).toEqual([
      ...["429", "503", "timeout", "no-answer", "PrincipalNotFound", "RoleAssignmentExists", "helm-timeout"],
      ...["pending-upgrade", "api-gone", "disk-full"],
    ]);
  });
});

test("each kind of fault ends a run as it would for real, beside the other tenants, and the next run finishes it", async () => {
  const kinds = new Set<string>();
  for (const scenario of await scenarios()) {
    // One type each here: all of them are for `npm run test:long`.
    for (const fault of faultsOf(scenario).filter(({ name }) => name !== "")) {
      if (kinds.has(fault.kind)) continue;
      kinds.add(fault.kind);
      await check(scenario, fault);
    }
  }
  expect([...kinds].sort()).toEqual(Object.keys(faultKinds).sort());
});
