import { fork } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { seedOr } from "../lives/life.ts";
import type { Counts } from "./comparison.ts";
import type { Host } from "./twins.ts";

/** Edits of two stacks, which begin anew then: rare edits lead into corners. */
const batch = 25;
const edits = 500;

async function check(seed: number, host: Host): Promise<Counts> {
  const child = fork("test/changed/batch.ts", [String(batch), String(seed), host], {
    execArgv: ["--max-semi-space-size=64"],
    stdio: ["ignore", "inherit", "pipe", "ipc"],
  });
  const counts: Counts[] = [];
  child.on("message", (message) => counts.push(message as Counts));
  const [errors, [code]] = await Promise.all([child.stderr ? text(child.stderr) : "", once(child, "exit")]);
  if (code !== 0 || counts[0] === undefined)
    throw new Error(`edits with LIVES_SEED=${seed} on host ${host}: ${errors}`);
  return counts[0];
}

test(`${edits} edits: runs of changed tenants say and do what full ones do, or say that they are full`, async () => {
  const seed = seedOr(Date.now() % 2 ** 31);
  console.log(`LIVES_SEED=${seed}`);
  let [narrow, refused] = [0, 0];
  const full = new Map<string, number>();
  for (let n = 0; n < edits / batch; n++) {
    const counts = await check(seed + n, n % 2 === 0 ? "azure" : "existing");
    narrow += counts.narrow;
    refused += counts.refused;
    for (const line of counts.full) {
      const why = line.split(":").slice(0, 2).join(":");
      full.set(why, (full.get(why) ?? 0) + 1);
    }
  }
  console.log({ narrow, refused, full });
  expect(narrow).toBeGreaterThan(edits / 3);
  expect(full.size).toBeGreaterThan(2);
});
