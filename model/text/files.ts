import { readFileSync } from "node:fs";
import { join } from "node:path";
import { InputError, messageOf } from "./problems.ts";

/**
 * What a file holds that somebody has written.
 *
 * @param file as problems name it, from the project's root
 * @throws InputError where it cannot be read.
 */
export function readWritten(root: string, file: string): Buffer {
  try {
    return readFileSync(join(root, file));
  } catch (error) {
    throw new InputError([{ location: { file, line: 1, column: 1 }, message: whyUnreadable(error) }]);
  }
}

/** Why a file, or its folder, cannot be read, and what to do about that. */
export function whyUnreadable(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === "EACCES" || code === "EPERM")
    return "whoever runs this may not read it; let them (chmod, or chown), or remove it";
  // Between being listed and being read.
  if (code === "ENOENT") return "it is gone since this run has begun; run it again";
  return `it cannot be read (${messageOf(error)}); mend that, and run it again`;
}
