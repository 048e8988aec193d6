import { describe, expect, test } from "vitest";
import { readRequest } from "../../model/apiResources.ts";
import { type ClusterRole, kubernetesAllows } from "../../model/rights.ts";
import { readYaml } from "../support/project.ts";

const table = readYaml("test/data/cluster-roles.yaml") as Readonly<Record<string, string>>;
const verbs = { r: ["get", "list", "watch"], c: ["create"], u: ["update", "patch"], d: ["delete", "deletecollection"] };

describe("Kubernetes' own roles", () => {
  test.each(["view", "edit", "admin"] as const)("let people do what they do in a cluster: %s", (role: ClusterRole) => {
    const column = ["view", "edit", "admin"].indexOf(role);
    const letters = (kind: string) =>
      Object.entries(verbs).flatMap(([letter, all]) => {
        const answers = new Set(all.map((verb) => kubernetesAllows(role, readRequest(verb, kind))));
        expect([kind, letter, answers.size]).toEqual([kind, letter, 1]);
        return answers.has(true) ? [letter] : [];
      });
    const known = Object.keys(table).map((kind) => [kind, letters(kind).join("") || "-"]);
    const expected = Object.entries(table).map(([kind, cells]) => [kind, cells.split(" ")[column]]);
    expect(expected.length).toBeGreaterThan(90);
    expect(Object.fromEntries(known)).toEqual(Object.fromEntries(expected));
  });
});
