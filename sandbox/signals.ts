import { constants } from "node:os";

/** The signals that end a process unless it handles them: Ctrl-C, `kill`, a terminal that is closed, and Windows' Ctrl-Break. */
const ending = ["SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"] as const;

type Ending = (typeof ending)[number];

/** The end that somebody has asked a run for. */
export interface Interruption {
  /** Aborted by the first signal. */
  readonly signal: AbortSignal;
  /** The exit code of what it ended, as shells give it: 130 after Ctrl-C. */
  readonly exitCode: () => number;
}

/**
 * Has all signals that end a process end a run alike: the first lets running steps end, the second ends at once, which the
 * next run mends.
 *
 * @param say is called with the first
 */
export function handleSignals(say: () => void): Interruption {
  const interrupt = new AbortController();
  let code = 128 + constants.signals.SIGINT;
  const handle = (signal: Ending) => {
    code = 128 + (constants.signals[signal] ?? 0);
    if (interrupt.signal.aborted) process.exit(code);
    say();
    interrupt.abort();
  };
  for (const signal of process.platform === "win32" ? ending : ending.slice(0, -1)) process.on(signal, handle);
  // A terminal that is gone, or a pipe that nobody reads, is no reason to leave anything half done.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);
  return { signal: interrupt.signal, exitCode: () => code };
}
