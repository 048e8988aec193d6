import { createHash } from "node:crypto";

/** A file that `tenants ci init` writes. */
export interface CiFile {
  /** From the repository's root. */
  readonly path: string;
  /** What it is for, in a sentence or two, which stand at its beginning. */
  readonly about: string;
  readonly text: string;
}

const command = "# Written by: npm run tenants -- ci init";
const checksum = "# Checksum of what follows:";

/**
 * A file's whole text. It says how it was written, and by what it is found out whether somebody has changed it since.
 *
 * @param options of the command, such as "--github --stack dev"
 */
export function withHeader({ about, text }: CiFile, options: string): string {
  const body = `${about
    .split("\n")
    .map((line) => `# ${line}`)
    .join("\n")}\n${text}`;
  return `${command} ${options}\n${checksum} ${sum(body)}\n${body}`;
}

/** What the beginning of a file says of it. */
export interface Header {
  /** The options that it was written with, such as "--github --stack dev". */
  readonly options: string;
  /** False where somebody has changed it since. */
  readonly untouched: boolean;
}

/** Reads such a beginning; undefined where there is none. */
export function headerOf(whole: string): Header | undefined {
  const [first = "", second = "", ...rest] = whole.replaceAll("\r\n", "\n").split("\n");
  if (!first.startsWith(`${command} `) || !second.startsWith(`${checksum} `)) return undefined;
  const untouched = second.slice(checksum.length + 1) === sum(rest.join("\n"));
  return { options: first.slice(command.length + 1), untouched };
}

function sum(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}
