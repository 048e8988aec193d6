import { oneLine, printable } from "./printable.ts";

/** Where a problem stands: the file as the reader would open it, and a position counted from 1. */
export interface Location {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** An error stops a run; a warning is told, and the run goes on. */
export type Severity = "error" | "warning";

/** One thing that is wrong with what a person wrote: where it is and, in one sentence or two, what to do about it. */
export interface Problem {
  /** An error where it is left out. */
  readonly severity?: Severity;
  readonly location: Location;
  readonly message: string;
}

/**
 * Prints a problem the way compilers do, so that terminals and editors can jump to it. What file names and messages hide
 * is shown.
 *
 * @example "tenants/dev/ml.yaml:3:7: unknown key 'sise', did you mean 'size'?"
 */
export function formatProblem({ location, message }: Problem): string {
  return `${oneLine(location.file)}:${location.line}:${location.column}: ${printable(message)}`;
}

/** True for what stops a run. */
export function isError({ severity }: Problem): boolean {
  return severity !== "warning";
}

/** What was thrown, as text for a person: without its stack. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Orders problems by file, line and column, so that a run prints the same text each time. */
export function sortProblems(problems: readonly Problem[]): Problem[] {
  return [...problems].sort(
    (a, b) =>
      a.location.file.localeCompare(b.location.file) ||
      a.location.line - b.location.line ||
      a.location.column - b.location.column ||
      a.message.localeCompare(b.message),
  );
}

/** What was asked for cannot be done, and the message says it all: it is printed alone. Any other error is a defect. */
export class Refusal extends Error {
  override readonly name: string = "Refusal";
}

/** Everything that is wrong with the input of one run. */
export class InputError extends Refusal {
  override readonly name = "InputError";

  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    const sorted = sortProblems(problems);
    const count = sorted.length === 1 ? "1 problem" : `${sorted.length} problems`;
    super([`${count} to mend first; nothing was changed.`, ...sorted.map(formatProblem)].join("\n"));
    this.problems = sorted;
  }
}
