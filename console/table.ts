import Table from "cli-table3";
import { printable } from "../model/text/printable.ts";

/** A column of a table. */
export interface Column {
  readonly name: string;
  /** True for one that is left out where the table would be too wide; the last of these goes first. */
  readonly optional?: boolean;
}

/** Characters between two columns. */
const gap = 2;

/**
 * A table that is no wider than asked for: columns that can be missed are left out, and named below; then the last column is
 * broken into lines. A cell may have several lines; what its text hides is shown.
 *
 * @param rows a cell for each column
 * @param width characters in a line
 */
export function table(all: readonly Column[], rows: readonly (readonly string[])[], width: number): string {
  const cells = rows.map((row) => row.map(printable));
  const widthOf = (index: number) =>
    Math.max(...[[all[index]?.name ?? ""], ...cells.map((row) => (row[index] ?? "").split("\n"))].flat().map(length));
  const shown = all.map((_, index) => index);
  const total = () => shown.reduce((sum, index) => sum + widthOf(index) + gap, -gap);
  while (total() > width) {
    const last = shown.findLastIndex((index) => all[index]?.optional);
    if (last < 0) break;
    shown.splice(last, 1);
  }
  const broken = Math.max(widthOf(shown.at(-1) ?? 0) - Math.max(total() - width, 0), minimum);
  const colWidths = shown.map((index, i) => (i === shown.length - 1 ? broken : widthOf(index) + gap));
  const printed = new Table({
    ...plain,
    head: shown.map((index) => all[index]?.name ?? ""),
    colWidths,
    wordWrap: true,
  });
  printed.push(...cells.map((row) => shown.map((index) => row[index] ?? "")));
  const missing = all.filter((_, index) => !shown.includes(index)).map(({ name }) => name);
  const lines = printed.toString().split("\n");
  return [
    ...lines.map((line) => line.trimEnd()),
    ...(missing.length === 0 ? [] : [`(for want of room without ${missing.join(", ")})`]),
  ].join("\n");
}

/** Characters that the last column keeps at least. */
const minimum = 16;

/** Without lines: room for text. */
const plain = {
  chars: {
    ...{ top: "", "top-mid": "", "top-left": "", "top-right": "" },
    ...{ bottom: "", "bottom-mid": "", "bottom-left": "", "bottom-right": "" },
    ...{ left: "", "left-mid": "", mid: "", "mid-mid": "", right: "", "right-mid": "", middle: "" },
  },
  style: { head: [], border: [], "padding-left": 0, "padding-right": 0 },
};

function length(text: string): number {
  return [...text].length;
}
