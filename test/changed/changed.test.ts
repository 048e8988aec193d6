import fc from "fast-check";
import { expect, test } from "vitest";
import { compare } from "./comparison.ts";
import { edit } from "./twins.ts";

// The same edits each time, and few: 500 new ones, on Azure's host too, are for `npm run test:long`.
test("runs of changed tenants say and do what full ones do, or say that they are full", async () => {
  const { narrow } = await compare(fc.sample(fc.tuple(edit), { seed: 7, numRuns: 3 }), "existing");
  expect(narrow).toBeGreaterThan(0);
});
