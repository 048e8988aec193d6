import type { Problem } from "../text/problems.ts";
import type { FailureProblem } from "./plan.ts";
import type { Said } from "./steps.ts";

/** A warning by what it says: lines move with every edit of a file, and it stays the same. */
function key({ location, message }: Problem): string {
  return JSON.stringify([location.file, message.replaceAll(/\bline \d+/g, "line")]);
}

/** The warnings that come with a change, and how many go with it. */
export function compareWarnings(
  before: readonly Problem[],
  after: readonly Problem[],
): { readonly added: Problem[]; readonly gone: number } {
  const known = new Map<string, number>();
  for (const problem of before) known.set(key(problem), (known.get(key(problem)) ?? 0) + 1);
  const added = after.filter((problem) => {
    const left = known.get(key(problem)) ?? 0;
    known.set(key(problem), left - 1);
    return left <= 0;
  });
  return { added, gone: [...known.values()].reduce((sum, left) => sum + Math.max(left, 0), 0) };
}

const place = /^([^\s:][^:\n]*):(\d+):(\d+): /;

/** Takes apart what an engine said: the program's problems begin with file, line and column, one after the other. */
export function problemsIn(said: readonly Said[]): FailureProblem[] {
  return said.flatMap(({ message, about }) => {
    const problems: { location?: Problem["location"]; message: string }[] = [];
    for (const line of message.split("\n")) {
      const [start = "", file, row, column] = place.exec(line) ?? [];
      const last = problems.at(-1);
      if (file !== undefined) {
        problems.push({
          location: { file, line: Number(row), column: Number(column) },
          message: line.slice(start.length),
        });
      } else if (last !== undefined) last.message += `\n${line}`;
      // The heading of a list of problems says nothing of its own.
      else if (!/^\d+ problems? to mend first/.test(line)) problems.push({ message: line });
    }
    return problems.map((problem) =>
      problem.location === undefined && about !== "" ? { message: `${about}: ${problem.message}` } : problem,
    );
  });
}
