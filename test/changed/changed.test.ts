import fc from "fast-check";
import { expect, test } from "vitest";
import { stackReferenceType } from "../../sandbox/engine/urn.ts";
import { TestProject, tenantFile } from "../support/project.ts";
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
