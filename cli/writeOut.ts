import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { oneLine } from "../model/text/printable.ts";
import { messageOf, Refusal } from "../model/text/problems.ts";

/**
 * Writes what a command prints into a file, whose folder is made where it is not there.
 *
 * @param out from where the command is called
 * @throws Refusal where the file cannot be written.
 */
export function writeOut(out: string, text: string): void {
  try {
    mkdirSync(dirname(resolve(out)), { recursive: true });
    writeFileSync(resolve(out), text);
  } catch (error) {
    throw new Refusal(`${oneLine(out)} cannot be written: ${messageOf(error)}`);
  }
}
