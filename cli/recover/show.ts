import { columns, paint } from "../../console/terminal.ts";
import type { Finding } from "../../model/recovery/situation.ts";
import { oneLine } from "../../model/text/printable.ts";
import { wrap } from "../plan/text.ts";

/** Prints what was found of a stack, and for each what is done about it, or what the reader has to do. */
export function show(stack: string, findings: readonly Finding[]): void {
  if (findings.length === 0) return;
  console.log(paint("bold", `Stack '${stack}'`));
  // A run that is killed leaves a dozen of a kind.
  const alike = Map.groupBy(findings, ({ found, todo, doubt }) => JSON.stringify([found, todo, doubt]));
  for (const group of alike.values()) {
    const [first] = group;
    if (first === undefined) continue;
    const { found, todo, action, doubt } = first;
    say(2, `${group.map(({ about }) => about).join(", ")}: ${found}`);
    say(4, `${action === undefined ? "you: " : "will:"} ${todo}`);
    if (doubt !== undefined) say(4, `you:  ${doubt}`);
  }
}

/** Prints a text in the terminal's columns. */
export function say(indent: number, text: string): void {
  const lines = wrap(oneLine(text), columns() - indent);
  for (const [i, line] of lines.entries()) console.log(`${" ".repeat(indent)}${i === 0 ? "" : "  "}${line}`);
}
