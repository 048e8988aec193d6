import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ChangedRun, changedRunVariable, fullRunFile } from "../model/deploy/changedRun.ts";

/** What a run of the changed tenants has come to. */
export interface Narrowed<T> {
  readonly result: T;
  /** Why all tenants must be registered, where the program has found that: nothing has been done then. */
  readonly full?: string;
}

/**
 * Does something with a program that registers the changed tenants alone.
 *
 * @param work gets what the program must find in its environment: a file that is there as long as this takes
 */
export async function withChangedRun<T>(
  run: ChangedRun,
  work: (environment: Readonly<Record<string, string>>) => Promise<T>,
): Promise<Narrowed<T>> {
  const folder = mkdtempSync(join(tmpdir(), "changed-"));
  try {
    const file = join(folder, "run.json");
    writeFileSync(file, JSON.stringify(run));
    const result = await work({ [changedRunVariable]: file });
    const full = fullRunFile(file);
    return { result, ...(existsSync(full) && { full: readFileSync(full, "utf8") }) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
