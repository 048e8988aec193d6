import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { repository } from "../support/project.ts";
import { machine } from "./measure.ts";

const page = join(repository, "docs/performance.md");

/**
 * Writes a table into docs/performance.md, between `<!-- bench: name -->` and `<!-- end -->`, and prints it.
 *
 * @param rows texts by column; "–" stands for what was not measured
 * @param note a sentence more below it
 */
export function writeTable(
  name: string,
  rows: readonly Readonly<Record<string, string | undefined>>[],
  note = "",
): void {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const table = [
    line(columns),
    line(columns.map(() => "---")),
    ...rows.map((row) => line(columns.map((column) => row[column] ?? "–"))),
    "",
    `Measured by \`npm run bench\` on ${machine()}. ${note}`.trimEnd(),
  ].join("\n");
  console.log(`\n${name}\n${table}`);
  const text = readFileSync(page, "utf8");
  const place = new RegExp(`(<!-- bench: ${name} -->\n)[^]*?(\n<!-- end -->)`);
  if (!place.test(text)) throw new Error(`docs/performance.md has no place for ${name}`);
  writeFileSync(
    page,
    text.replace(place, (_, begin: string, end: string) => `${begin}\n${table}\n${end}`),
  );
}

export const inSeconds = (value: number | undefined) => (value === undefined ? undefined : `${value.toFixed(1)} s`);
export const inMiB = (value: number | undefined) => (value === undefined ? undefined : `${Math.round(value)} MiB`);
