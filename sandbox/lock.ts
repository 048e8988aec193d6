import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** SQLite's answer where another connection holds the lock. Source: SQLite, "Result and Error Codes". */
const busy = 5;

/**
 * Takes an exclusive lock that the operating system holds for this process: it goes when the process ends, however that
 * ends. Nothing is ever written into the file, and its being there means nothing: it must not be deleted, for another
 * process could then lock a new file of its name. See docs/decisions/0006-lock-and-files-of-the-sandbox.md.
 *
 * @returns what gives the lock back; undefined where somebody else holds it
 * @throws Error where the file cannot be locked at all.
 */
export function takeLock(file: string): (() => void) | undefined {
  mkdirSync(dirname(file), { recursive: true });
  const database = new DatabaseSync(file, { timeout: 0 });
  try {
    database.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    if ((error as { errcode?: unknown }).errcode === busy) return undefined;
    throw error;
  }
  return () => database.close();
}
