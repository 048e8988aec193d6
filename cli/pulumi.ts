import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { newCommand, runCommand, runProgram } from "../console/commands.ts";
import { localChart } from "../model/chart/chart.ts";
import { withPatience } from "../model/deploy/patience.ts";
import { type PinnedChart, projectCharts, stackCharts } from "../model/settings/stackCharts.ts";
import { Refusal } from "../model/text/problems.ts";
import { checkStoredChart, hasChart, storeChart } from "./chartStore.ts";
import { errorsIn } from "./eventLog.ts";
import { findPulumi, pulumiEnvironment, takeOptions, upArguments } from "./pulumiCli.ts";

/** Starts the real Pulumi CLI with what this program needs. Everything after the command is the CLI's. */
async function pulumi(command: string, all: readonly string[]): Promise<void> {
  const { options, rest } = command === "up" ? takeOptions(all, {}, ofOurs) : { options: new Map(), rest: all };
  const [asPlanned, mends] = [options.get("--as-planned") === "true", options.get("--mend") === "true"];
  // What Pulumi knows of is put back by a deployment after a refresh, and then what is inside releases.
  const args = mends ? [...rest.filter((word) => !/^(--refresh|-r)(=|$)/.test(word)), "--refresh"] : rest;
  if (args.some((arg) => arg.startsWith("--ignore-protect"))) {
    throw new Refusal(
      "--ignore-protect would delete protected clusters; set virtual-clusters:protect to false, deploy, and then destroy",
    );
  }
  if (command === "preview" && args.some((arg) => /^--report(=|$)/.test(arg))) return report(args);
  if (command !== "destroy") await provideCharts(process.cwd(), stackOption(args));
  if (command === "up") {
    // Loaded here, for nothing else needs all that tells of a plan.
    const { refusedByGates } = await import("./upGates.ts");
    const refused = await refusedByGates(args, process.cwd(), { asPlanned });
    if (refused !== undefined) {
      process.exitCode = refused;
      return;
    }
  }
  const stop = new AbortController();
  // Ctrl-C reaches the CLI from the terminal, and it ends its running steps first: it is waited for.
  process.on("SIGINT", () => stop.abort());
  for (const signal of ["SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      stop.abort();
      running?.kill("SIGINT");
    });
  }
  process.exitCode = command === "up" ? await up(args, stop.signal) : await run([command, ...args]);
  if (mends && process.exitCode === 0) {
    const { mendReleases } = await import("./mend.ts");
    if (!(await mendReleases(process.cwd(), stackOption(args)))) process.exitCode = 1;
  }
  if (command === "destroy" && process.exitCode !== 0) console.error(notDestroyed);
}

/** Options of `npm run up` that the CLI does not know. */
const ofOurs = { "--as-planned": "--as-planned", "--mend": "--mend" };

/** A preview in the words of `tenants plan`. */
async function report(args: readonly string[]): Promise<void> {
  // Loaded here, for nothing else needs all that tells of a plan.
  const { previewReport, readReportOptions } = await import("./previewReport.ts");
  const options = readReportOptions(args);
  await provideCharts(process.cwd(), options.stack);
  await previewReport(options, process.cwd());
}

/**
 * Makes sure that the charts of a stack are at hand, each with its pinned digest.
 *
 * @param stack the stack; all of them where it is not named, for only the CLI knows which one is selected
 * @throws Refusal where a copy is not the pinned one: it is not installed.
 */
async function provideCharts(root: string, stack: string | undefined): Promise<void> {
  const charts: PinnedChart[] = stack === undefined ? projectCharts(root) : stackCharts(root, stack);
  for (const chart of charts) {
    if (!hasChart(root, chart.version)) {
      // The deployment says so, too, where it needs it.
      await storeChart(root, chart).catch((error: Error) => console.error(`warning: ${error.message}`));
      continue;
    }
    const problem = checkStoredChart(root, chart);
    if (problem === undefined) continue;
    throw new Refusal(`${problem}. ${localChart(chart.version)} is not installed: remove it, then npm run chart`);
  }
}

/** What `--stack` says among the options of the CLI. */
function stackOption(args: readonly string[]): string | undefined {
  return takeOptions(args, { "--stack": "stack", "-s": "stack" }).options.get("stack");
}

/** The engine speaks of hooks and flags where something is protected; neither is the way. */
const notDestroyed =
  "not destroyed, or not all of it. What is protected (and has 'delete hooks') goes once the stack's settings say virtual-clusters:protect: false and 'npm run up' has deployed that; --run-program and 'pulumi state unprotect' are not needed";

/** The CLI while it runs: a signal that reaches only this process, as a cancelled pipeline sends it, is passed on. */
let running: ChildProcess | undefined;

/** Runs the CLI in this terminal; its exit code. */
async function run(args: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<number> {
  const cli = findPulumi();
  const env = { ...pulumiEnvironment(), ...environment };
  running = spawn(cli.command, [...cli.args, ...args], { stdio: "inherit", env });
  const [code] = (await once(running, "exit")) as [number | null];
  running = undefined;
  return code ?? 1;
}

/** A deployment that waits for Azure where that is all that is missing; what was confirmed once is not asked again. */
async function up(args: readonly string[], signal: AbortSignal): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "pulumi-up-"));
  const log = join(folder, "events.json");
  try {
    const { code } = await withPatience(
      async (again) => {
        rmSync(log, { force: true });
        // The CLI takes --event-log with its debug commands only.
        const code = await run(upArguments(args, log, again), { PULUMI_DEBUG_COMMANDS: "true" });
        return { code, ok: code === 0, errors: existsSync(log) ? errorsIn(readFileSync(log, "utf8")) : [] };
      },
      { clock, say: (text) => console.error(text), signal },
    );
    if (!signal.aborted || code === 0) return code;
    console.error("stopped: what is deployed stays, and 'npm run up' goes on from there");
    return interrupted;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The exit code of what Ctrl-C ended, as shells give it. */
const interrupted = 130;

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
    "show what a deployment would do (npm run preview -- --stack dev); with --report text|markdown|json [--out FILE] in the words of 'tenants plan', with --refresh also what has changed in the cloud",
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
    "--mend",
    "--skip-preview",
    "--suppress-outputs",
    "--target-dependents",
    "--continue-on-error",
    "--as-planned",
  ],
];
await runProgram(program, ofPulumi);
