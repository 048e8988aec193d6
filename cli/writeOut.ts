import { accessSync, constants, existsSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { oneLine } from "../model/text/printable.ts";
import { messageOf, Refusal } from "../model/text/problems.ts";

/**
 * Writes what a command prints into a file, whose folder is made where it is not there.
 *
 * @param out from the folder that the command runs in, which is the project's for what npm starts
 * @throws Refusal where the file cannot be written.
 */
export function writeOut(out: string, text: string): void {
  attempt(out, (file) => {
    makeFolder(dirname(file));
    writeFileSync(file, text);
  });
}

/**
 * Makes sure that a file can be written, before the work is done that is to be in it.
 *
 * @throws Refusal where it cannot.
 */
export function requireOut(out: string): void {
  attempt(out, (file) => {
    makeFolder(dirname(file));
    const there = statSync(file, { throwIfNoEntry: false });
    if (there?.isDirectory()) throw new Error("it is a folder");
    accessSync(there === undefined ? dirname(file) : file, constants.W_OK);
  });
}

function attempt(out: string, work: (file: string) => void): void {
  try {
    work(resolve(out));
  } catch (error) {
    throw new Refusal(`${oneLine(out)} cannot be written: ${messageOf(error)}`);
  }
}

/** One after the other: below a folder that takes none, making them all at once does not come to an end. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder));
  mkdirSync(folder);
}
