import fc from "fast-check";
import { expect, test } from "vitest";
import { stackReferenceType } from "../../sandbox/engine/urn.ts";
import { tamper } from "../../sandbox/tamper.ts";
import { changesOf, TestProject, tenantFile } from "../support/project.ts";
import { compare } from "./comparison.ts";
import { edit } from "./twins.ts";

// The same edits each time, and few: 500 new ones, on Azure's host too, are for `npm run test:long`.
test("runs of changed tenants say and do what full ones do, or say that they are full", async () => {
  const { narrow } = await compare(fc.sample(fc.tuple(edit), { seed: 7, numRuns: 3 }), "existing");
  expect(narrow).toBeGreaterThan(0);
});

test("a preview of changed tenants is given the stack's outputs, and a deployment asks the engine for them", async () => {
  const project = TestProject.withTenants({ a: tenantFile(), b: tenantFile() });
  await project.up();
  project.write("tenants/test/a.yaml", tenantFile("size: medium"));
  // What is read is no step; what is left alone is one.
  const leftAlone = async (command: "preview" | "up") => {
    const { ok, steps } = await project.run(command, { changed: true });
    return { ok, leftAlone: steps.some(({ op, urn }) => op === "same" && urn.includes(stackReferenceType)) };
  };
  expect(await leftAlone("preview")).toEqual({ ok: true, leftAlone: true });
  expect(await leftAlone("up")).toEqual({ ok: true, leftAlone: false });
});

test("after a refresh a run of changed tenants is a full one: what it found gone is made again", async () => {
  const settings = "config:\n  virtual-clusters:existingCluster: { name: host }\n";
  const project = new TestProject({ "Pulumi.test.yaml": settings, "tenants/test/a.yaml": tenantFile() });
  await project.up();
  await tamper(project.root, project.stack, "Namespace#a-namespace:delete");
  await project.run("refresh");
  const said: string[] = [];
  const onMessage = (_: string, message: string) => void said.push(message);
  const result = await project.run("up", { changed: true, onMessage });
  expect(said[0]).toBe("full run: the last run was no deployment that ended well");
  expect(changesOf(result)).toEqual(["create Namespace a-namespace", "create Release a-vcluster"]);
});
