import { spawn } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:os";
import { expect, test } from "vitest";

/** A run that takes a while to end its steps. */
function start(milliseconds: number) {
  const signals = new URL("../../sandbox/signals.ts", import.meta.url).href;
  const script = `
    import { handleSignals } from ${JSON.stringify(signals)};
    const { signal, exitCode } = handleSignals(() => console.log("stopping"));
    const running = setInterval(() => console.log("a step"), 5);
    signal.addEventListener("abort", () => setTimeout(() => { clearInterval(running); process.exitCode = exitCode(); }, ${milliseconds}));
    console.log("running");`;
  const args = ["--input-type=module", "--eval", script];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  return { child, running: once(child.stdout, "data"), ended: once(child, "exit") };
}

test.skipIf(process.platform === "win32").each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
  "%s lets a run end its steps, also where its terminal is gone, and is told by the exit code (Windows has other signals)",
  async (signal) => {
    const { child, running, ended } = start(50);
    await running;
    child.stdout.destroy();
    child.kill(signal);
    expect(await ended).toEqual([128 + constants.signals[signal], null]);
  },
);

test.skipIf(process.platform === "win32")("a second signal ends it at once (Windows has other signals)", async () => {
  const { child, running, ended } = start(3_600_000);
  await running;
  child.kill("SIGTERM");
  for await (const part of child.stdout) if (String(part).includes("stopping")) break;
  child.kill("SIGTERM");
  expect(await ended).toEqual([143, null]);
});
