import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type EngineRun, narrowed, whyFull, withChangedRun } from "../console/changedRun.ts";
import { newCommand, runCommand, runProgram } from "../console/commands.ts";
import type { ChangedRun } from "../model/deploy/changedRun.ts";
import { withPatience } from "../model/deploy/patience.ts";
import { tenantsLeft, unwanted, withdrawals } from "../model/plan/passes.ts";
import { recoverCommand, recoveryAdvice, warnsOfPending } from "../model/recovery/errors.ts";
import { readProjectName, requireProject, stackOfFiles } from "../model/settings/project.ts";
import { oneLine } from "../model/text/printable.ts";
import { Refusal } from "../model/text/problems.ts";
import { askDeployed, selectedStack } from "./askPulumi.ts";
import { provideCharts } from "./chartStore.ts";
import { errorsIn, progressIn } from "./eventLog.ts";
import type { Choice } from "./plan/realEngine.ts";
import {
  choosingOption,
  deletionArguments,
  findPulumi,
  mendArguments,
  pulumiEnvironment,
  targetArguments,
  upArguments,
} from "./pulumiCli.ts";
import { requireNothingHidden, stackOption, takeOptions } from "./pulumiOptions.ts";
import { handleSignals } from "./signals.ts";
import type { Gated } from "./upGates.ts";

/** Starts the real Pulumi CLI with what this program needs. Everything after the command is the CLI's. */
async function pulumi(command: string, all: readonly string[]): Promise<void> {
  requireNothingHidden(process.env);
  const isReport = command === "preview" && all.some((arg) => /^--report(=|$)/.test(arg));
  const { options, rest } = takeOptions(all, ["--cwd", ...(isReport ? [] : (ofOurs[command] ?? []))]);
  const folder = options.get("--cwd");
  if (folder !== undefined) {
    requireProject(resolve(folder));
    // What is asked before is about the folder that the CLI works in.
    process.chdir(folder);
  }
  const root = process.cwd();
  const [asPlanned, changed, mends] = ["--as-planned", "--changed", "--mend"].map(
    (name) => options.get(name) === "true",
  );
  const given = mends === true ? mendArguments(rest) : rest;
  if (given.some((arg) => arg.startsWith("--ignore-protect"))) {
    throw new Refusal(
      "--ignore-protect would delete protected clusters; set virtual-clusters:protect to false, deploy, and then destroy",
    );
  }
  if (isReport) return report(given, root);
  const named = stackOption(given);
  // What asks more than once asks of one stack, whichever is selected meanwhile.
  const isAsked = command !== "preview" || changed === true;
  const stack = named ?? (isAsked ? await selectedStack({ root }) : undefined);
  const args = stack === named ? given : [...given, "--stack", stack ?? ""];
  const [choice] = await Promise.all([
    changed === true && stack !== undefined ? choose(stack, args, root) : undefined,
    command === "destroy" ? undefined : provideCharts(root, stack && stackOfFiles(stack)),
  ]);
  await interruptible(async (stop) => {
    if (command === "up" && stack !== undefined) {
      const asked = { root, stack, choice, asPlanned: asPlanned === true, mends: mends === true };
      process.exitCode = await deploy(args, asked, stop);
      return;
    }
    if (command === "destroy") {
      const { requireUnprotected } = await import("./destroyGuard.ts");
      await requireUnprotected(args, root);
    }
    process.exitCode = await narrowed(choice?.what, console.log, ({ targets, environment }) =>
      run([command, ...args, ...targetArguments(targets)], stop, environment),
    );
    if (command === "destroy" && process.exitCode !== 0) console.error(notDestroyed);
  });
}

/** Does work that leaves no file behind, also where a signal ends it. */
async function interruptible(work: (stop: AbortSignal) => Promise<void>): Promise<void> {
  const { signal, exitCode } = handleSignals();
  try {
    await work(signal);
  } catch (error) {
    // What was cut off has nothing to say.
    if (!signal.aborted) throw error;
    process.exitCode = exitCode();
  }
}

/** How a deployment was asked for. */
interface Asked {
  readonly root: string;
  readonly stack: string;
  readonly choice: Choice | undefined;
  readonly asPlanned: boolean;
  readonly mends: boolean;
}

/** A deployment, once the gates let it go on; its exit code. */
async function deploy(
  args: readonly string[],
  { root, stack, choice, asPlanned, mends }: Asked,
  signal: AbortSignal,
): Promise<number> {
  // Loaded here, for nothing else needs all that tells of a plan.
  const { askGates } = await import("./upGates.ts");
  const gated = await askGates(args, root, { asPlanned, choice, signal });
  if (gated.refused !== undefined) return gated.refused;
  const isFull = gated.what !== undefined && "full" in gated.what;
  const code = await narrowed(gated.what, console.log, async (how) => {
    // The program has found only now that it is about all: the gates have not looked at that.
    const isSeen = how.full === undefined || isFull || signal.aborted;
    const judged = isSeen ? gated : await askGates(args, root, { asPlanned, signal });
    return judged.refused ?? up(args, judged, signal, how);
  });
  if (!mends || code !== 0) return code;
  const { mendReleases } = await import("./mend.ts");
  const isMended = await mendReleases(root, stack, signal);
  return isMended ? code : signal.aborted ? stopped() : 1;
}

/** Which tenants may differ from what is deployed. */
async function choose(stack: string, args: readonly string[], root: string): Promise<Choice> {
  // Asked before anything is loaded that reads the answer: the CLI takes as long to start.
  const asked = askDeployed(stack, { root });
  asked.catch(() => undefined);
  const { chooseChanged } = await import("./plan/changedChoice.ts");
  return chooseChanged(stack, { root, args, asked }, () => undefined);
}

/** Options that the CLI does not know, by command. */
const ofOurs: Readonly<Record<string, readonly string[]>> = {
  preview: ["--changed"],
  up: ["--changed", "--as-planned", "--mend"],
};

/** A preview in the words of `tenants plan`. */
async function report(args: readonly string[], root: string): Promise<void> {
  // Loaded here, for nothing else needs all that tells of a plan.
  const { previewReport, readReportOptions } = await import("./previewReport.ts");
  const options = readReportOptions(args);
  await provideCharts(root, options.stack && stackOfFiles(options.stack));
  await interruptible((signal) => previewReport(options, root, signal));
}

/** The engine speaks of hooks and flags where something is protected; neither is the way. */
const notDestroyed =
  "not destroyed, or not all of it. What is protected (and has 'delete hooks') goes once the stack's settings say virtual-clusters:protect: false and 'npm run up' has deployed that; --run-program and 'pulumi state unprotect' are not needed";

/**
 * Runs the CLI in this terminal; its exit code. A signal that comes while nothing runs reaches no CLI: none is started after it.
 */
async function run(args: readonly string[], signal: AbortSignal, environment: NodeJS.ProcessEnv = {}): Promise<number> {
  const cli = await findPulumi();
  if (signal.aborted) return interrupted;
  const env = { ...pulumiEnvironment(process.env, cli), ...environment };
  const [code] = (await once(spawn(cli.command, [...args], { stdio: "inherit", env }), "exit")) as [number | null];
  return code ?? 1;
}

/**
 * A deployment in which nothing that fails stops what does not depend on it. It waits for Azure where that is all that is missing;
 * what was confirmed once is not asked again. Engines delete last, and not after a failure: access is withdrawn in a pass before,
 * and what is not wanted any more is deleted in one after. See docs/decisions/0022.
 */
async function up(
  args: readonly string[],
  { stack, steps }: Gated,
  signal: AbortSignal,
  { targets, environment }: EngineRun,
): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "pulumi-up-"));
  const log = join(folder, "events.json");
  const done = new Set<string>();
  const errors: string[] = [];
  let isPending = false;
  const attempt = async (all: readonly string[], more: NodeJS.ProcessEnv = {}) => {
    rmSync(log, { force: true });
    // The CLI takes --event-log with its debug commands only.
    const code = await run(all, signal, { ...environment, ...more, PULUMI_DEBUG_COMMANDS: "true" });
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
  try {
    const { deleted, updated } = isWhole ? withdrawals(steps) : { deleted: [], updated: [] };
    const first = [...deleted, ...updated];
    if (first.length > 0) {
      console.error(`first, access that is not given any more is withdrawn: ${counted(first.length, "role")}`);
      const { code, ok, began } = await takeAway(first, false, deleted);
      // What comes in the place of one is still to be made.
      for (const { op, before } of steps) if (op === "replace" && before !== undefined) done.delete(before.urn);
      // Somebody has said no, or it could not begin. One role that stays keeps nothing else from being done.
      if (!ok && (!began || signal.aborted)) return ended(code, { stack, signal, errors, left: [] });
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
    const last = isWhole && began && goesOn() ? unwanted(steps, done) : [];
    if (last.length > 0) {
      console.error(`what is not wanted any more is deleted all the same: ${counted(last.length, "resource")}`);
      await takeAway(last, true);
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
    console.error(`left: ${names}. What does not depend on that went on; run it again to finish`);
  }
  if (errors.length === 0) console.error(`if the stack is locked, or nobody knows why it ended: ${recover}`);
  const advice = recoveryAdvice(errors, stack);
  if (advice !== undefined) console.error(advice);
  return 1;
}

/** The exit code of what Ctrl-C ended, as shells give it. */
const interrupted = 130;

function stopped(): number {
  console.error("stopped: what is deployed stays, and 'npm run up' goes on from there");
  return interrupted;
}

const clock = {
  now: Date.now,
  sleep: (milliseconds: number, signal?: AbortSignal) => sleep(milliseconds, undefined, signal && { signal }),
};

const program = newCommand("npm run")
  .description("Runs the real Pulumi CLI on this program: your cloud, your cluster.")
  .enablePositionalOptions();
for (const [name, description] of [
  [
    "preview",
    "show what a deployment would do (npm run preview -- --stack dev); with --report text|markdown|json [--out FILE] in the words of 'tenants plan', with --refresh also what has changed in the cloud, with --changed only what may differ from what is deployed",
  ],
  [
    "up",
    "deploy, and wait where a role does not work in Azure yet (npm run up -- --stack dev); with --as-planned only what a plan of the commits since the last deployment shows; with --mend put back what has changed in the cloud, also inside releases",
  ],
  ["destroy", "delete a stack; what is protected is refused (npm run destroy -- --stack dev)"],
] as const) {
  program
    .command(name)
    .description(description)
    .usage("-- [options of the Pulumi CLI]")
    .argument(
      "[options...]",
      "such as --stack dev, --yes, --diff; 'npx pulumi NAME --help' lists them".replace("NAME", name),
    )
    .allowUnknownOption()
    .passThroughOptions()
    .action((options: string[]) => runCommand(() => pulumi(name, options)));
}

/** Options of the Pulumi CLI that npm would keep, were they written before `--`, and that neither npm nor a plugin of it has. */
const ofPulumi = [
  ...[
    "--stack <name>",
    "--cwd <folder>",
    "--config <key=value>",
    "--parallel <number>",
    "--exclude <urn>",
    "--replace <urn>",
  ],
  ...[
    "--report <format>",
    "--out <file>",
    "--refresh",
    "--changed",
    "--mend",
    "--skip-preview",
    "--suppress-outputs",
    "--target-dependents",
    "--continue-on-error",
    "--as-planned",
  ],
];
await runProgram(program, ofPulumi);
