import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, onTestFinished, test } from "vitest";
import { takeLock } from "../../sandbox/lock.ts";

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "lock-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A process of its own that runs a script, which has `takeLock` and the folder `folder`. */
function start(folder: string, script: string) {
  const lock = new URL("../../sandbox/lock.ts", import.meta.url).href;
  const head = `import { takeLock } from ${JSON.stringify(lock)}; const folder = ${JSON.stringify(folder)};`;
  return spawn(process.execPath, ["--input-type=module", "--eval", head + script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
}

test("one holds it at a time, and gives it back; the file stays where it is", () => {
  const file = join(newFolder(), "locks", "test");
  const unlock = takeLock(file);
  expect(takeLock(file)).toBeUndefined();
  expect(takeLock(`${file}2`)).toBeDefined();
  unlock?.();
  expect(existsSync(file)).toBe(true);
  expect(takeLock(file)).toBeDefined();
});

test("two processes that take it again and again never both have it", async () => {
  const folder = newFolder();
  // Whoever finds the other's mark was let in beside it.
  const rounds = `
    import { writeFileSync, rmSync } from "node:fs";
    const mark = folder + "/mark";
    let doubles = 0;
    for (let held = 0; held < 500; ) {
      const unlock = takeLock(folder + "/lock");
      if (unlock === undefined) continue;
      held++;
      try { writeFileSync(mark, "", { flag: "wx" }); } catch { doubles++; }
      rmSync(mark, { force: true });
      unlock();
      await new Promise(setImmediate);
    }
    console.log(doubles);`;
  const processes = [start(folder, rounds), start(folder, rounds)];
  expect(await Promise.all(processes.map(({ stdout }) => text(stdout)))).toEqual(["0\n", "0\n"]);
});

test("a killed process has it no more, and what it left behind hinders nobody", async () => {
  const folder = newFolder();
  const file = join(folder, "lock");
  const holder = start(
    folder,
    `globalThis.kept = takeLock(folder + "/lock"); console.log("held"); setInterval(() => {}, 1000);`,
  );
  await once(holder.stdout, "data");
  expect(takeLock(file)).toBeUndefined();
  holder.kill("SIGKILL");
  await once(holder, "exit");
  expect(takeLock(file)).toBeDefined();
});
