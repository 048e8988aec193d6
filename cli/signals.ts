import type { ChildProcess } from "node:child_process";
import { subscribe } from "node:diagnostics_channel";
import { constants } from "node:os";

/** The end that somebody has asked a command for. */
export interface Interruption {
  /** Aborted by the first signal. Whatever the command has started ends first, and what it starts then ends at once. */
  readonly signal: AbortSignal;
  /** The exit code of what it ended, as shells give it: 130 after Ctrl-C. */
  readonly exitCode: () => number;
}

/**
 * Has Ctrl-C, `kill` and a terminal that is closed end a command without leaving files behind. Ctrl-C reaches what the command has
 * started from the terminal; the other signals, such as a cancelled pipeline's, reach this process alone, and are passed on.
 */
export function handleSignals(): Interruption {
  const stop = new AbortController();
  const started = new Set<ChildProcess>();
  // Whoever starts something, it is told here.
  subscribe("child_process", (message) => {
    const { process: child } = message as { readonly process: ChildProcess };
    started.add(child);
    child.once("spawn", () => stop.signal.aborted && child.kill("SIGINT"));
    child.once("exit", () => started.delete(child));
  });
  let code = 128 + constants.signals.SIGINT;
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      if (!stop.signal.aborted) code = 128 + constants.signals[signal];
      stop.abort();
      // The engine ends its running steps with this one.
      if (signal !== "SIGINT") for (const child of started) child.kill("SIGINT");
    });
  }
  // A terminal that is gone, or a pipe that nobody reads, is no reason to leave anything behind.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);
  return { signal: stop.signal, exitCode: () => code };
}
