import { debuglog, inspect } from "node:util";
import { printable } from "../model/text/printable.ts";
import { messageOf, Refusal } from "../model/text/problems.ts";
import { paint } from "./terminal.ts";

/** True where defects are to be shown with their stack: option `--debug`, or NODE_DEBUG=virtual-clusters. */
function debugging(): boolean {
  return process.argv.includes("--debug") || debuglog("virtual-clusters").enabled;
}

/**
 * What is printed of an error that ended a command: the message of a refusal. Anything else is a defect of this program or a
 * failure of the machine: it says how to see where it comes from, or that.
 */
export function describeError(error: unknown, debug = debugging()): string {
  if (error instanceof Refusal) return printable(error.message);
  if (debug) return printable(inspect(error));
  return `${printable(messageOf(error))} (unexpected: run it again with --debug, or NODE_DEBUG=virtual-clusters, to see where it comes from)`;
}

/** What is told of an error of one step of a run: its message, and with `--debug` where a defect comes from. */
export function describeStepError(error: unknown, debug = debugging()): string {
  return debug && !(error instanceof Refusal) ? inspect(error) : messageOf(error);
}

/** Prints an error to the error stream. */
export function printError(error: unknown): void {
  console.error(`${paint("red", "error:", process.stderr)} ${describeError(error)}`);
}
