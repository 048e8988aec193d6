import { styleText } from "node:util";

export type Style = "green" | "yellow" | "red" | "magenta" | "dim" | "bold";

/** Colours a text where the stream is a terminal that shows colours, and NO_COLOR does not forbid it. */
export function paint(style: Style, text: string, stream: NodeJS.WriteStream = process.stdout): string {
  return styleText(style, text, { stream });
}

/** Characters in a line of the terminal; 80 where there is none, as in a pipe. */
export function columns(): number {
  return process.stdout.columns ?? 80;
}
