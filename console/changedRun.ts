import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ChangedRun, changedRunVariable, fullRunFile } from "../model/deploy/changedRun.ts";
import { type Changed, changedLine, type FullRun, fullLine } from "../model/plan/changedOnly.ts";
import { oneLine } from "../model/text/printable.ts";

/** How an engine is run. */
export interface EngineRun {
  /** The URNs that it is about; all where it is left out. */
  readonly targets?: readonly string[];
  /** What the program must find in its environment. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Why it is about all, where it was not meant to be. */
  readonly full?: string;
}

/**
 * Runs an engine over the changed tenants alone, or over all, and says which and why. Where the program finds that it must be all
 * after all, it runs again: nothing has been done then.
 *
 * @param what what a run can be about; all without a word where it is left out
 */
export async function narrowed<T>(
  what: Changed | FullRun | undefined,
  say: (line: string) => void,
  work: (how: EngineRun) => Promise<T>,
): Promise<T> {
  if (what === undefined) return work({});
  if ("full" in what) {
    say(oneLine(fullLine(what.full)));
    return work({ full: what.full });
  }
  const { run, targets } = what;
  say(oneLine(changedLine(what)));
  const { result, full } = await withChangedRun(run, (environment) => work({ targets, environment }));
  return full === undefined ? result : narrowed({ full }, say, work);
}

/** What a run of the changed tenants has come to. */
interface Narrowed<T> {
  readonly result: T;
  /** Why all tenants must be registered, where the program has found that: nothing has been done then. */
  readonly full?: string;
}

/** Has the program register some tenants alone. It is told by a file, which is there as long as the work takes. */
export async function withChangedRun<T>(
  run: ChangedRun,
  work: (environment: Readonly<Record<string, string>>) => Promise<T>,
): Promise<Narrowed<T>> {
  const folder = mkdtempSync(join(tmpdir(), "changed-"));
  try {
    const file = join(folder, "run.json");
    writeFileSync(file, JSON.stringify(run));
    const result = await work({ [changedRunVariable]: file });
    const full = whyFull({ [changedRunVariable]: file });
    return { result, ...(full !== undefined && { full }) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Why all tenants must be registered, where the program has found that: it has done nothing, and will be run again.
 *
 * @param environment what the program was started with
 */
export function whyFull({ [changedRunVariable]: file }: Readonly<Record<string, string>>): string | undefined {
  const full = file && fullRunFile(file);
  return full && existsSync(full) ? readFileSync(full, "utf8") : undefined;
}
