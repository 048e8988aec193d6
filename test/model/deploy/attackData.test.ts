import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { guardRules } from "../../../model/deploy/hostGuard/hostGuard.ts";
import { attacks, azureActors, innocents, open, subresources } from "../../support/attacks/data.ts";
import { signature, split } from "../../support/attacks/defences.ts";
import { guard } from "../../support/attacks/stage.ts";
import { repository } from "../../support/project.ts";

const guards = attacks.filter(({ defences }) => defences.some((defence) => split(defence)[0] === "guard"));
const rules = guardRules(guard, {});

describe("the attacks", () => {
  test("are at least 50, and at least 25 name the guard", () => {
    expect(attacks.length).toBeGreaterThanOrEqual(50);
    expect(guards.length).toBeGreaterThanOrEqual(25);
  });

  test("have names of their own", () => {
    expect(new Set(attacks.map(({ name }) => name)).size).toBe(attacks.length);
    expect(new Set(innocents.map(({ name }) => name)).size).toBe(innocents.length);
  });

  test("are made by somebody with Azure's RBAC Admin in at least half of all", () => {
    const azure = attacks.filter(({ who }) => who.some((actor) => azureActors.includes(actor)));
    expect(azure.length).toBeGreaterThanOrEqual(attacks.length / 2);
  });

  test("are made with every host role, by the syncer, and at least ten times through a real one", () => {
    const made = (actor: string) => attacks.filter(({ who }) => who.some((one) => one === actor)).length;
    for (const actor of ["none", "reader", "writer", "admin", "syncer"]) expect(made(actor)).toBeGreaterThan(0);
    expect(made("inside")).toBeGreaterThanOrEqual(10);
  });

  test("name no policy that the guard has not", () => {
    const named = guards
      .flatMap(({ defences }) => defences.map(split))
      .flatMap(([kind, name]) => (kind === "guard" ? [name] : []));
    expect([...new Set(named)].sort()).toEqual(rules.map(({ name }) => name).sort());
  });

  test.each(
    rules.flatMap(({ name, validations }) =>
      [...new Set(validations.map(({ message }) => message))].map((message) => [name, message] as const),
    ),
  )("meet the guard's rule '%s': %s", (name, message) => {
    const own = attacks.filter(({ defences }) => defences.includes(`guard ${name}`));
    const meet = own.filter(({ says, defences }) =>
      // A policy of one rule needs no words to tell which; behind another defence the words are that one's.
      says === undefined || defences[0] !== `guard ${name}` ? true : message.includes(says),
    );
    expect(meet.map((attack) => attack.name)).not.toEqual([]);
  });

  test.each(rules.map((rule) => [rule.name, rule] as const))(
    "meet policy '%s' on everything that is done",
    (name, { resources }) => {
      const operations = new Set<string>(resources.flatMap((resource) => resource.operations));
      // Whoever may make namespaces is the platform: nobody is left whom the rule could refuse.
      if (name === "namespaces") operations.delete("CREATE");
      const done = attacks
        .filter(({ defences }) => defences.includes(`guard ${name}`))
        .map(({ steps = [] }) => steps.at(-1))
        .map((step) => (step?.create !== undefined ? "CREATE" : step?.delete !== undefined ? "DELETE" : "UPDATE"));
      expect([...new Set(done)].sort()).toEqual([...operations].sort());
    },
  );

  test("are told apart by what an API server says", () => {
    const denied =
      "admission webhook: ValidatingAdmissionPolicy 'virtual-clusters-local-pods' with binding … denied request";
    expect(denied).toMatch(signature("guard pods"));
    expect(denied).not.toMatch(signature("guard services"));
    expect(denied).not.toMatch(signature("Pod Security"));
    expect('pods is forbidden: User "x" cannot create resource "pods"').toMatch(signature("RBAC"));
    expect("is forbidden: exceeded quota: vc-x, requested: cpu=5").toMatch(signature("quota"));
    expect('is forbidden: violates PodSecurity "baseline:latest"').toMatch(signature("Pod Security"));
  });
});

describe("the subresources that somebody may write", () => {
  test.each(Object.entries(subresources).filter(([, kept]) => kept.startsWith("guard ")))(
    "%s is judged by %s",
    (name, kept) => {
      const rule = rules.find((one) => kept === `guard ${one.name}`);
      const [resource, group] =
        name.split("/").length > 2 ? [name.slice(name.indexOf("/") + 1), name.split("/")[0]] : [name, ""];
      const judged = rule?.resources.some(
        ({ apiGroups, resources }) => apiGroups.includes(group ?? "") && resources.includes(resource ?? ""),
      );
      expect(judged).toBe(true);
    },
  );
});

describe("the innocent actions", () => {
  test("are at least 25", () => {
    expect(innocents.length).toBeGreaterThanOrEqual(25);
  });
});

describe("docs/threat-model.md", () => {
  const text = readFileSync(join(repository, "docs/threat-model.md"), "utf8");
  // A name may go on in the next line.
  const names = [...text.matchAll(/"([a-z][^"]+)"/g)].map(([, name = ""]) => name.replace(/\s+/g, " "));

  test("names attacks in every row of its table", () => {
    const rows = text.match(/^## What is stopped$[\s\S]*?(?=^## )/m)?.[0].match(/^\| .*/gm) ?? [];
    expect(rows.length).toBeGreaterThan(10);
    expect(rows.slice(2).filter((row) => !row.includes('"'))).toEqual([]);
  });

  test("names no attack that is not made", () => {
    const made = new Set([...attacks, ...innocents, ...open].map(({ name }) => name));
    expect(names.filter((name) => !made.has(name))).toEqual([]);
  });
});
