import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type EngineRun, whyFull, withChangedRun } from "../console/changedRun.ts";
import type { ChangedRun } from "../model/deploy/changedRun.ts";
import { withPatience } from "../model/deploy/patience.ts";
import { tenantsLeft, unwanted, withdrawals } from "../model/plan/passes.ts";
import { recoverCommand, recoveryAdvice, warnsOfPending } from "../model/recovery/errors.ts";
import { readProjectName, stackOfFiles } from "../model/settings/project.ts";
import { oneLine } from "../model/text/printable.ts";
import { errorsIn, progressIn } from "./eventLog.ts";
import { choosingOption, deletionArguments, interrupted, runPulumi, upArguments } from "./pulumiCli.ts";
import type { Gated } from "./upGates.ts";

/**
 * A deployment in which nothing that fails stops what does not depend on it. It waits for Azure where that is all that is missing;
 * what was confirmed once is not asked again. Engines delete last, and not after a failure: access is withdrawn in a pass before,
 * and what is not wanted any more is deleted in one after. See docs/decisions/0022.
 */
export async function up(
  args: readonly string[],
  { stack, steps, otherProviders }: Gated,
  signal: AbortSignal,
  { targets, environment }: EngineRun,
): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "pulumi-up-"));
  const log = join(folder, "events.json");
  const done = new Set<string>();
  const errors: string[] = [];
  let isPending = false;
  let withdrawn = false;
  const attempt = async (all: readonly string[], more: NodeJS.ProcessEnv = {}) => {
    rmSync(log, { force: true });
    // The CLI takes --event-log with its debug commands only.
    const code = await runPulumi(all, signal, { ...environment, ...more, PULUMI_DEBUG_COMMANDS: "true" });
    const events = existsSync(log) ? readFileSync(log, "utf8") : "";
    const progress = progressIn(events);
    for (const urn of progress.done) done.add(urn);
    errors.splice(0, errors.length, ...errorsIn(events));
    isPending ||= events.includes(warnsOfPending);
    return { code, ok: code === 0, errors: [...errors], began: progress.began };
  };
  const takeAway = async (urns: readonly string[], isConfirmed: boolean, withheld: readonly string[] = []) => {
    // Loaded here, for most deployments take nothing away before or after.
    const { keptByDeletions } = await import("./plan/keptByDeletions.ts");
    const root = process.cwd();
    const pass: ChangedRun = {
      project: readProjectName(root),
      stack: stackOfFiles(stack),
      deletesOnly: await keptByDeletions(root, stack, withheld),
      people: {},
    };
    const all = deletionArguments(args, log, urns, isConfirmed);
    return (await withChangedRun(pass, (part) => attempt(all, part))).result;
  };
  const goesOn = () => !signal.aborted;
  // Whoever chooses what is deployed chooses all of it.
  const isWhole = choosingOption(args) === undefined;
  // The passes beside it have targets.
  const hasPasses = isWhole && !otherProviders;
  try {
    const { deleted, updated } = isWhole ? withdrawals(steps) : { deleted: [], updated: [] };
    const first = [...deleted, ...updated];
    if (first.length > 0 && !hasPasses)
      console.error(
        `a provider has another version, and the engine takes no targets before that is deployed: ${withTheRest}`,
      );
    if (first.length > 0 && hasPasses) {
      console.error(`first, access that is not given any more is withdrawn: ${counted(first.length, "role")}`);
      const { code, ok, began } = await takeAway(first, false, deleted);
      // What comes in the place of one is still to be made.
      for (const { op, before } of steps) if (op === "replace" && before !== undefined) done.delete(before.urn);
      // Somebody has said no, or it was never asked. One role that stays keeps nothing else from being done.
      if (!ok && (signal.aborted || (!began && errors.length === 0)))
        return ended(code, { stack, signal, errors, left: [] });
      if (!ok && !began) console.error(`that could not begin: ${withTheRest}`);
      withdrawn = began;
    }
    const { code, began } = await withPatience((again) => attempt(upArguments(args, log, again, targets)), {
      clock,
      say: (text) => console.error(text),
      signal,
    });
    // Nobody wants to be told of that, nor what was not wanted until then deleted: all of it comes again.
    if (whyFull(environment ?? {}) !== undefined) return code;
    const why = [...errors, ...(isPending ? [warnsOfPending] : [])];
    if (code === 0) return ended(code, { stack, signal, errors: why, left: [] });
    if (withdrawn && !began && goesOn())
      console.error(
        "access stays withdrawn; what comes in its place, such as a lower role, is given by the next 'npm run up'",
      );
    const last = isWhole && began && goesOn() ? unwanted(steps, done) : [];
    if (last.length > 0) {
      const what = hasPasses ? "is deleted all the same" : "stays";
      console.error(`what is not wanted any more ${what}: ${counted(last.length, "resource")}`);
      if (hasPasses) await takeAway(last, true);
    }
    return ended(code, { stack, signal, errors: why, left: began ? tenantsLeft(steps, done) : [] });
  } catch (error) {
    // Whoever is asked between the passes is cut off, too.
    if (!signal.aborted) throw error;
    return stopped();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const withTheRest = "access is withdrawn with the rest, last and only where nothing fails";

const counted = (count: number, what: string) => `${count} ${what}${count === 1 ? "" : "s"}`;

/** Says how a deployment ended that did not end well, and what to do; its exit code. */
function ended(
  code: number,
  {
    stack,
    signal,
    errors,
    left,
  }: {
    readonly stack: string;
    readonly signal: AbortSignal;
    readonly errors: readonly string[];
    readonly left: readonly (string | undefined)[];
  },
): number {
  const recover = recoverCommand(stack);
  if (code === 0) {
    if (errors.length > 0) console.error(`the mark of a run that was cut off stays until: ${recover}`);
    return code;
  }
  if (signal.aborted) return stopped();
  if (left.length > 0) {
    const names = left.map((name) => (name === undefined ? "what tenants share" : oneLine(name))).join(", ");
    console.error(`left: ${names}. What does not depend on that went on; mend what failed, and run it again to finish`);
  }
  if (errors.length === 0) console.error(`if the stack is locked, or nobody knows why it ended: ${recover}`);
  const advice = recoveryAdvice(errors, stack);
  if (advice !== undefined) console.error(advice);
  return 1;
}

export function stopped(): number {
  console.error("stopped: what is deployed stays, and 'npm run up' goes on from there");
  return interrupted;
}

const clock = {
  now: Date.now,
  sleep: (milliseconds: number, signal?: AbortSignal) => sleep(milliseconds, undefined, signal && { signal }),
};
