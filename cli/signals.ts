import type { ChildProcess } from "node:child_process";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { constants } from "node:os";

/**
 * Does work that leaves no file behind, also where a signal ends it.
 *
 * @param left what is said then, for whoever wants to go on
 */
export async function interruptible(work: (stop: AbortSignal) => Promise<void>, left?: string): Promise<void> {
  const { signal, exitCode, release } = handleSignals();
  try {
    await work(signal);
  } catch (error) {
    // What was cut off has nothing to say.
    if (!signal.aborted) throw error;
    if (left !== undefined) console.error(left);
    process.exitCode = exitCode();
  } finally {
    release();
  }
}

/** The end that somebody has asked a command for. */
interface Interruption {
  /** Aborted by the first signal. Whatever the command has started ends first, and what it starts then ends at once. */
  readonly signal: AbortSignal;
  /** The exit code of what it ended, as shells give it: 130 after Ctrl-C. */
  readonly exitCode: () => number;
  /** Leaves signals to do as they do by themselves. */
  readonly release: () => void;
}

/**
 * Has Ctrl-C, `kill` and a terminal that is closed end a command without leaving files behind. Ctrl-C reaches what the command has
 * started from the terminal; the other signals, such as a cancelled pipeline's, reach this process alone, and are passed on.
 */
function handleSignals(): Interruption {
  const stop = new AbortController();
  const started = new Set<ChildProcess>();
  // Whoever starts something, it is told here.
  const onStart = (message: unknown) => {
    const { process: child } = message as { readonly process: ChildProcess };
    started.add(child);
    child.once("spawn", () => stop.signal.aborted && child.kill("SIGINT"));
    child.once("exit", () => started.delete(child));
  };
  subscribe("child_process", onStart);
  let code = 128 + constants.signals.SIGINT;
  const onSignal = (signal: NodeJS.Signals) => {
    if (!stop.signal.aborted) code = 128 + constants.signals[signal];
    stop.abort();
    // The engine ends its running steps with this one.
    if (signal !== "SIGINT") for (const child of started) child.kill("SIGINT");
  };
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const signal of signals) process.on(signal, onSignal);
  // A terminal that is gone, or a pipe that nobody reads, is no reason to leave anything behind.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", ignore);
  return {
    signal: stop.signal,
    exitCode: () => code,
    release: () => {
      unsubscribe("child_process", onStart);
      for (const signal of signals) process.off(signal, onSignal);
    },
  };
}

const ignore = () => undefined;
