import fc from "fast-check";
import { expect, test } from "vitest";
import { runInProcess } from "../support/inProcess.ts";
import { live, lives, Statistics } from "./life.ts";

test("whatever is edited and whatever fails, no tenant is lost or given away, and nothing rightful is refused", {
  timeout: 1_200_000,
}, async () => {
  const statistics = new Statistics();
  const seed = Number(process.env.LIVES_SEED ?? Date.now() % 2 ** 31);
  const numRuns = Number(process.env.LIVES ?? 100);
  console.log(`seed ${seed}`);
  await fc.assert(
    fc.asyncProperty(lives, async (life) => {
      await live(life, runInProcess, statistics);
    }),
    { seed, numRuns },
  );
  console.log(String(statistics));
  expect(1).toBe(1);
});
