import { styleText } from "node:util";

export type Style = "green" | "yellow" | "red" | "magenta" | "dim" | "bold";

/** Colours a text where the stream is a terminal that shows colours, and NO_COLOR does not forbid it. */
export function paint(style: Style, text: string, stream: NodeJS.WriteStream = process.stdout): string {
  return styleText(style, text, { stream });
}

/** Fewer than these hold no table: the terminal itself breaks longer lines. */
const fewest = 40;

/** Characters in a line of the terminal; 80 where there is none, as in a pipe, or where it does not tell, as in some pipelines. */
export function columns(): number {
  return Math.max(fewest, process.stdout.columns || 80);
}
