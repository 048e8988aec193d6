import { describe, expect, test } from "vitest";
import { type Deployed, nothingDeployed } from "../../../model/rules/deployed.ts";
import { forget, forgetProblems, retainedAfter, transitionProblems } from "../../../model/rules/transitions.ts";
import type { Tenant } from "../../../model/tenant/tenantSchema.ts";
import { exposure } from "../../support/tenants.ts";

const state = {
  namespace: "a",
  store: "sqlite",
  kubernetes: "1.35",
  lifecycle: "active",
  dataOnRemoval: "delete",
} as const;
const tenant = (name: string, fields: Partial<Tenant> = {}) =>
  ({ ...state, namespace: name, name, ...fields }) as Tenant;
const deployed = (tenants: Deployed["tenants"], retained: Deployed["retained"] = {}): Deployed => ({
  tenants,
  retained,
});

function problems(before: Deployed, tenants: readonly Tenant[]): string[] {
  const found = transitionProblems(before, tenants, {
    stack: "test",
    locate: (name, field = "name") => ({ file: `${name}.${field}`, line: 1, column: 1 }),
    handover: {},
    exposure,
    removalOf: () => undefined,
  });
  return found.map(({ location, message }) => `${location.file}: ${message.split("\n")[0]}`);
}

describe("a change of tenants", () => {
  test("may not give a namespace to another in the deployment that its tenant leaves in", () => {
    const before = deployed({ a: { ...state, lifecycle: "offboarding" }, b: { ...state, namespace: "b" } });
    expect(
      problems(before, [tenant("b"), tenant("new", { namespace: "a" }), tenant("other", { namespace: "b" })]),
    ).toEqual([
      "new.namespace: namespace 'a' is deployed as that of tenant 'a': it can be another's after a deployment in which 'a' is gone",
      "other.namespace: namespace 'b' is deployed as that of tenant 'b': it can be another's after a deployment in which 'b' is gone",
    ]);
  });

  test("may forget what was kept, but never what is only about to be", () => {
    const before = deployed(
      { back: state, going: { ...state, namespace: "going", dataOnRemoval: "keep" } },
      { gone: "gone" },
    );
    const names = ["gone", "back", "going", "typo"];
    const found = forgetProblems(before, [tenant("back")], names, (index) => ({ file: "f", line: index, column: 1 }));
    expect(
      found.map(({ severity = "error", location, message }) => `${severity} ${location.line}: ${message}`),
    ).toEqual([
      "warning 1: 'forgetRetained' names 'back', which is a tenant again: remove it from the setting once this is deployed, or what that tenant keeps one day would be forgotten",
      "error 2: 'forgetRetained' names 'going', which goes with this deployment and keeps its data: that would be forgotten at once. Remove it from the setting",
      "warning 3: 'forgetRetained' names 'typo', of which nothing is kept: it can be removed from the setting",
    ]);
  });

  test("may add one, keep one, suspend one, upgrade one by a minor, and let one go that is offboarding", () => {
    const before = deployed({
      kept: { ...state, namespace: "kept" },
      paused: { ...state, namespace: "paused" },
      upgraded: { ...state, namespace: "upgraded" },
      gone: { ...state, namespace: "gone", lifecycle: "offboarding" },
    });
    const after = [
      tenant("kept"),
      tenant("paused", { lifecycle: "suspended" }),
      tenant("upgraded", { kubernetes: "1.36" }),
      tenant("new"),
    ];
    expect(problems(before, after)).toEqual([]);
    expect(problems(nothingDeployed, [tenant("new")])).toEqual([]);
  });

  test("tells what a lowered host role leaves behind, and nothing of a raised one", () => {
    const change = (from: Tenant["hostRole"], to: Tenant["hostRole"]) =>
      problems(deployed({ a: { ...state, hostRole: from } }), [tenant("a", { hostRole: to })]);
    expect(change("writer", "reader")).toEqual([
      `a.hostRole: hostRole goes from 'writer' to 'reader'. RoleBindings, service account tokens or pods that people made in namespace 'a' outlive their role: docs/offboarding.md, "What a host role leaves behind"`,
    ]);
    expect([change("admin", "none").length, change("reader", "none"), change("none", "admin")]).toEqual([1, [], []]);
    expect(problems(deployed({ a: state }), [tenant("a", { hostRole: "none" })])).toEqual([]);
  });

  test("may not lose one, nor change what cannot change: everything is told at once, each at its field", () => {
    const before = deployed({
      a: state,
      b: { ...state, namespace: "b" },
      c: { ...state, namespace: "c", kubernetes: "1.34" },
      d: { ...state, namespace: "d", lifecycle: "suspended" },
      e: { ...state, namespace: "e", kubernetes: "1.36" },
    });
    const after = [
      tenant("b", { namespace: "elsewhere", store: "etcd" }),
      tenant("c", { kubernetes: "1.36" }),
      tenant("e"),
    ];
    expect(problems(before, after)).toEqual([
      "a.name: the file is gone, but tenant 'a' is deployed and active (namespace 'a'). Offboarding takes two merged changes:",
      "b.namespace: namespace is 'elsewhere', but the tenant is deployed in 'b': a namespace cannot change. Put the old one back, or offboard this tenant and add another under a new name",
      "b.store: store is 'etcd', but the tenant was made with 'sqlite': another store would start empty. Put the old one back, or offboard this tenant and add another under a new name",
      'c.kubernetes: kubernetes is "1.36", but the tenant runs "1.34": one minor at a time, "1.35" first',
      "d.name: the file is gone, but tenant 'd' is deployed and suspended (namespace 'd'). Offboarding takes two merged changes:",
      'e.kubernetes: kubernetes is "1.35", but the tenant runs "1.36", or an upgrade to it has begun: a Kubernetes version cannot go down. Write "1.36"',
    ]);
  });
});

describe("a renamed file", () => {
  const known = { ...state, owner: "team@contoso.com", hostRole: "none", expose: "none" } as const;
  const told = (fields: Partial<Tenant>, before: object = {}) =>
    problems(deployed({ a: { ...known, ...before } }), [tenant("b", { ...known, namespace: "b", ...fields })])[0];
  const gone = "a.name: the file is gone, but tenant 'a' is deployed and active (namespace 'a'). ";
  const rename = `${gone}A tenant's name is for ever: if 'b' is meant to be it, rename b.yaml back to a.yaml. If it is to go, offboarding takes two merged changes:`;
  const offboard = `${gone}Offboarding takes two merged changes:`;

  test("is to be renamed back, where the new tenant is like the one that is gone, or in its namespace", () => {
    expect(told({})).toBe(rename);
    expect(told({ namespace: "a", store: "etcd" })).toBe(rename);
  });

  test("is none where the new tenant is another's, or another", () => {
    expect(told({ owner: "others@contoso.com" })).toBe(offboard);
    expect(told({ store: "etcd" })).toBe(offboard);
    expect(told({ namespace: "elsewhere" })).toBe(offboard);
    expect(told({}, { owner: undefined })).toBe(offboard);
  });
});

describe("kept data", () => {
  const leaving = deployed({
    keeper: { ...state, namespace: "k", lifecycle: "offboarding", dataOnRemoval: "keep" },
    other: { ...state, namespace: "o", lifecycle: "offboarding" },
  });

  test("is remembered after the tenant is gone, until the platform team says that it is deleted", () => {
    expect(retainedAfter(leaving, [])).toEqual({ keeper: "k" });
    expect(retainedAfter(deployed({}, { keeper: "k" }), [])).toEqual({ keeper: "k" });
    expect(retainedAfter(forget(deployed({}, { keeper: "k" }), ["keeper"]), [])).toEqual({});
  });

  test("keeps its tenant's name and namespace from being used again", () => {
    const before = deployed({}, { keeper: "k" });
    const refused = (name: string) =>
      `${name}.name: the data of the removed tenant 'keeper' is kept in namespace 'k': a new tenant here would begin with it. Choose another name and namespace. Where 'keeper' comes back before its removal went through, or nobody needs that data, the platform team adds 'keeper' to the setting forgetRetained: what the state still holds of it goes on as it was, and a namespace that it no longer holds must be deleted by hand first`;
    expect(problems(before, [tenant("keeper", { namespace: "fresh" })])).toEqual([refused("keeper")]);
    expect(problems(before, [tenant("x", { namespace: "k" })])).toEqual([refused("x")]);
    expect(problems(before, [tenant("y")])).toEqual([]);
  });
});
