import type { ChildProcess } from "node:child_process";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { constants } from "node:os";

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Does work that leaves no file behind, also where Ctrl-C, `kill` or a terminal that is closed ends it: then whatever the work has
 * started ends first, what it starts then ends at once, and the exit code is the signal's, as shells give it: 130 after Ctrl-C.
 * Ctrl-C reaches what the work has started from the terminal; the other signals, such as a cancelled pipeline's, reach this process
 * alone, and are passed on.
 *
 * @param work is told by the first signal
 * @param left what is said then, for whoever wants to go on
 */
export async function interruptible(work: (stop: AbortSignal) => Promise<void>, left?: string): Promise<void> {
  const stop = new AbortController();
  const started = new Set<ChildProcess>();
  // Whoever starts something, it is told here.
  const onStart = (message: unknown) => {
    const { process: child } = message as { readonly process: ChildProcess };
    started.add(child);
    child.once("spawn", () => stop.signal.aborted && child.kill("SIGINT"));
    child.once("exit", () => started.delete(child));
  };
  let code = 128 + constants.signals.SIGINT;
  const onSignal = (signal: NodeJS.Signals) => {
    // Whoever asks again waits for something that nobody can end.
    if (stop.signal.aborted && started.size === 0) process.exit(code);
    if (!stop.signal.aborted) code = 128 + constants.signals[signal];
    stop.abort();
    // The engine ends its running steps with this one.
    if (signal !== "SIGINT") for (const child of started) child.kill("SIGINT");
  };
  subscribe("child_process", onStart);
  for (const signal of signals) process.on(signal, onSignal);
  // A terminal that is gone, or a pipe that nobody reads, is no reason to leave anything behind.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", ignore);
  try {
    await work(stop.signal);
  } catch (error) {
    // What was cut off has nothing to say.
    if (!stop.signal.aborted) throw error;
    if (left !== undefined) console.error(left);
    process.exitCode = code;
  } finally {
    unsubscribe("child_process", onStart);
    for (const signal of signals) process.off(signal, onSignal);
  }
}

const ignore = () => undefined;
