import fc from "fast-check";
import { expect, test } from "vitest";
import { seedOr } from "../lives/life.ts";
import { compare } from "./comparison.ts";
import { edit, type Host } from "./twins.ts";

test("500 edits: runs of changed tenants say and do what full ones do, or say that they are full", async () => {
  const seed = seedOr(Date.now() % 2 ** 31);
  console.log(`LIVES_SEED=${seed}`);
  let [narrow, refused] = [0, 0];
  const full = new Map<string, number>();
  // Stacks begin anew now and then: rare edits lead into corners.
  for (let life = 0; life < 20; life++) {
    const host: Host = life % 2 === 0 ? "azure" : "existing";
    const counts = await compare(fc.sample(edit, { seed: seed + life, numRuns: 25 }), host);
    narrow += counts.narrow;
    refused += counts.refused;
    for (const line of counts.full) {
      const why = line.split(":").slice(0, 2).join(":");
      full.set(why, (full.get(why) ?? 0) + 1);
    }
  }
  console.log({ narrow, refused, full });
  expect(narrow).toBeGreaterThan(200);
  expect(full.size).toBeGreaterThan(2);
});
