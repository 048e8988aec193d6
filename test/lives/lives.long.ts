import fc from "fast-check";
import { expect, test } from "vitest";
import { runAsChild } from "../../sandbox/engine/program.ts";
import { runInProcess } from "../support/inProcess.ts";
import { checkLives, embedded, faultless, live } from "./life.ts";

test("in 2,000 lives no tenant is lost or given away, and nothing rightful is refused", async () => {
  const statistics = await checkLives(2000, embedded(runInProcess));
  expect(statistics.faults).toBeGreaterThan(statistics.deployments * 0.3);
  expect(statistics.never()).toEqual([]);
});

test("20 lives in this process are the same as with a process for each run of the program", async () => {
  for (const life of fc.sample(faultless, { seed: 2, numRuns: 20 })) {
    const [here, apart] = [await live(life, embedded(runInProcess)), await live(life, embedded(runAsChild))];
    expect(apart).toEqual(here);
  }
});
