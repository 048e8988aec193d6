import type { Value } from "../../model/plan/words.ts";
import { harmless } from "./harmless.ts";

/** A value as a code span, in which nothing has a meaning: its fence is longer than any run of backticks in it. */
export function code(value: Value): string {
  const text = harmless(value);
  const longest = Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length));
  const fence = "`".repeat(longest + 1);
  const pad = /^`|`$|^ .* $|^$/.test(text) ? " " : "";
  return `${fence}${pad}${text}${pad}${fence}`;
}
