import { describe, expect, test } from "vitest";
import { azureAllows, type ClusterRole, kubernetesAllows, type Request } from "../../../model/access/rights.ts";
import { azureRoles, isNoMoreThan } from "../../../model/access/roles.ts";
import { readRequest } from "../../../sandbox/cloud/apiResources.ts";
import { readYaml } from "../../support/project.ts";

/** The letters of a kind: those whose verbs are all allowed. Verbs of one letter are allowed together or not at all. */
function letters(kind: string, verbs: Readonly<Record<string, readonly string[]>>, may: (request: Request) => boolean) {
  const allowed = Object.entries(verbs).flatMap(([letter, all]) => {
    const answers = new Set(all.map((verb) => may(readRequest(verb, kind))));
    expect([kind, letter, answers.size]).toEqual([kind, letter, 1]);
    return answers.has(true) ? [letter] : [];
  });
  return allowed.join("") || "-";
}

/** A committed table of rights, one column for each role, as [kind, letters]. */
function columnOf(path: string, column: number): Record<string, string | undefined> {
  const table = readYaml(path) as Readonly<Record<string, string>>;
  return Object.fromEntries(Object.entries(table).map(([kind, cells]) => [kind, cells.split(" ")[column]]));
}

const reading = ["get", "list", "watch"];

describe("Kubernetes' own roles", () => {
  const verbs = { r: reading, c: ["create"], u: ["update", "patch"], d: ["delete", "deletecollection"] };
  const roles = ["view", "edit", "admin"] as const satisfies readonly ClusterRole[];

  test.each(roles)("let people do what they do in a cluster: %s", (role) => {
    const expected = columnOf("test/data/cluster-roles.yaml", roles.indexOf(role));
    expect(Object.keys(expected).length).toBeGreaterThan(90);
    const known = Object.keys(expected).map((kind) => [
      kind,
      letters(kind, verbs, (what) => kubernetesAllows(role, what)),
    ]);
    expect(Object.fromEntries(known)).toEqual(expected);
  });

  test.each(roles)("give nobody more than they have, and nobody else's name: %s", (role) => {
    const may = (verb: string, kind: string) => kubernetesAllows(role, readRequest(verb, kind));
    expect(["bind", "escalate"].map((verb) => may(verb, "roles"))).toEqual([false, false]);
    expect(may("impersonate", "serviceaccounts")).toBe(role !== "view");
    expect(may("impersonate", "pods")).toBe(false);
  });
});

describe("Azure's roles", () => {
  const verbs = { r: reading, w: ["create", "update", "patch"], d: ["delete", "deletecollection"] };
  const roles = ["reader", "writer", "admin"] as const;

  test.each(roles)("let people do what their data actions say: %s", (role) => {
    const expected = columnOf("test/data/azure-roles.yaml", roles.indexOf(role));
    const known = Object.keys(expected).map((kind) => [kind, letters(kind, verbs, (what) => azureAllows(role, what))]);
    expect(Object.fromEntries(known)).toEqual(expected);
  });

  test("have rights of their own for what is more than writing", () => {
    const may = (verb: string, kind: string) => azureAllows("writer", readRequest(verb, kind));
    // serviceaccounts/* has impersonate in it; roles are none of a writer's.
    expect([may("impersonate", "serviceaccounts"), may("bind", "roles"), may("escalate", "roles")]).toEqual([
      true,
      false,
      false,
    ]);
  });
});

test.each([
  [
    "Azure's roles",
    "test/data/azure-roles.yaml",
    (["reader", "writer", "admin"] as const).map((name) => azureRoles[name].id),
  ],
  ["Kubernetes' own roles", "test/data/cluster-roles.yaml", ["view", "edit", "admin"]],
])("of %s, the one is no more than the other where that lets people do all that it lets them do", (_, table, roles) => {
  const columns = roles.map((__, i) => Object.entries(columnOf(table, i)));
  const within = (i: number, j: number) => {
    const other = Object.fromEntries(columns[j] ?? []);
    return (columns[i] ?? []).every(([kind, of]) =>
      [...(of ?? "")].every((one) => one === "-" || other[kind]?.includes(one)),
    );
  };
  const pairs = roles.flatMap((role, i) => roles.map((other, j) => ({ role, other, is: within(i, j) })));
  expect(pairs.map(({ role, other }) => isNoMoreThan(role, other))).toEqual(pairs.map(({ is }) => is));
  expect([isNoMoreThan("another", "another"), ...roles.map((role) => isNoMoreThan("another", role))]).toEqual([
    true,
    false,
    false,
    false,
  ]);
});
