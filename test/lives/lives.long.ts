import { fork } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import fc from "fast-check";
import { expect, test } from "vitest";
import { runAsChild } from "../../sandbox/engine/program.ts";
import { runInProcess } from "../support/inProcess.ts";
import { embedded, faultless, live, seedOr } from "./life.ts";
import { Statistics } from "./statistics.ts";

/** Lives that share a process, and processes that run at once. */
const batch = 125;
const atOnce = 2;

/** Checks random lives in processes, one after the other; what was in them. Fails with what the first failing one says. */
async function checkBatches(seeds: readonly number[]): Promise<Statistics> {
  const statistics = new Statistics();
  for (const seed of seeds) {
    const child = fork("test/lives/batch.ts", [String(batch), String(seed)], {
      execArgv: ["--max-semi-space-size=64"],
      stdio: ["ignore", "inherit", "pipe", "ipc"],
    });
    child.on("message", (message) => statistics.add(message as Statistics));
    const [errors, [code]] = await Promise.all([child.stderr ? text(child.stderr) : "", once(child, "exit")]);
    if (code !== 0) throw new Error(`lives with LIVES_SEED=${seed}: ${errors}`);
  }
  return statistics;
}

test("in 2,000 lives no tenant is lost or given away, and nothing rightful is refused", async () => {
  const first = seedOr(Date.now() % 2 ** 31);
  const seeds = Array.from({ length: 2000 / batch }, (_, n) => first + n);
  const lanes = Array.from({ length: atOnce }, (_, lane) => seeds.filter((_, n) => n % atOnce === lane));
  const statistics = new Statistics();
  for (const part of await Promise.all(lanes.map(checkBatches))) statistics.add(part);
  console.log(String(statistics));
  expect(statistics.faults).toBeGreaterThan(statistics.deployments * 0.3);
  expect(statistics.never()).toEqual([]);
});

test("20 lives in this process are the same as with a process for each run of the program", async () => {
  for (const life of fc.sample(faultless, { seed: 2, numRuns: 20 })) {
    const [here, apart] = [await live(life, embedded(runInProcess)), await live(life, embedded(runAsChild))];
    expect(apart).toEqual(here);
  }
});
