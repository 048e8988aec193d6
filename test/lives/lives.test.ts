import fc from "fast-check";
import { expect, test } from "vitest";
import { runAsChild } from "../../sandbox/engine/program.ts";
import { runInProcess } from "../support/inProcess.ts";
import { checkLives, embedded, faultless, live, livesWith, seedOr } from "./life.ts";

test("whatever is edited and whatever fails, no tenant is lost or given away, and nothing rightful is refused", async () => {
  // The same lives each time: new ones are for `npm run test:long`, or LIVES_SEED.
  const seed = seedOr(46);
  const statistics = await checkLives(100, embedded(runInProcess), seed);
  // A rare edit may not be among them.
  for (let more = 1; more <= 20; more++) {
    const [never] = statistics.never();
    if (never === undefined) break;
    const some = livesWith(never.kind, never.what === "accepted");
    await checkLives(1, embedded(runInProcess), seed + more, statistics, some);
  }
  console.log(String(statistics));
  expect(statistics.deployments).toBeGreaterThanOrEqual(4 * 100);
  expect(statistics.faults).toBeGreaterThan(statistics.deployments * 0.3);
  expect(statistics.never()).toEqual([]);
});

test("a life in this process is the same as one whose program has a process of its own", async () => {
  // A short one: twenty whole ones are for `npm run test:long`.
  for (const life of fc.sample(faultless, { seed: 1, numRuns: 1 }).map((rounds) => rounds.slice(0, 1))) {
    const [here, apart] = [await live(life, embedded(runInProcess)), await live(life, embedded(runAsChild))];
    expect(apart).toEqual(here);
  }
});
