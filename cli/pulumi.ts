import { resolve } from "node:path";
import { newCommand, runCommand, runProgram } from "../console/commands.ts";
import { Refusal } from "../model/text/problems.ts";
import { askDeployed, selectedStack } from "./askPulumi.ts";
import type { Choice } from "./plan/realEngine.ts";
import { mendArguments, runPulumi, targetArguments } from "./pulumiCli.ts";
import { requireNothingHidden, stackOption, takeOptions } from "./pulumiOptions.ts";
import { interruptible } from "./signals.ts";

/**
 * Starts the real Pulumi CLI with what this program needs. Everything after the command is the CLI's. Modules are
 * loaded where they are needed, so that the first question is asked before the rest is loaded.
 */
async function pulumi(command: string, all: readonly string[]): Promise<void> {
  requireNothingHidden(process.env);
  const isReport = command === "preview" && all.some((arg) => /^--report(=|$)/.test(arg));
  const { options, rest } = takeOptions(all, ["--cwd", ...(isReport ? [] : (ofOurs[command] ?? []))]);
  const folder = options.get("--cwd");
  if (folder !== undefined) {
    const { requireProject } = await import("../model/settings/project.ts");
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
    command === "destroy" ? undefined : chartsAtHand(root, stack),
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
    const { narrowed } = await import("../console/changedRun.ts");
    // What is printed then is one document of JSON.
    const isJson = takeOptions(args, ["--json"]).options.get("--json") === "true";
    const say = isJson ? console.error : console.log;
    process.exitCode = await narrowed(choice?.what, say, ({ targets, environment }) =>
      runPulumi([command, ...args, ...targetArguments(targets)], stop, environment),
    );
    if (command === "destroy" && process.exitCode !== 0) console.error(notDestroyed);
  });
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
  const [{ narrowed }, { askGates }, { stopped, up }] = await Promise.all([
    import("../console/changedRun.ts"),
    import("./upGates.ts"),
    import("./upPasses.ts"),
  ]);
  const gated = await askGates(args, root, { asPlanned, choice, signal });
  if (gated.refused !== undefined) return gated.refused;
  if (mends) {
    const { rollBackByHand } = await import("./mend.ts");
    await rollBackByHand({ root, stack, signal }, takeOptions(args, ["--yes"]).options.get("--yes") === "true");
  }
  const isFull = gated.what !== undefined && "full" in gated.what;
  const code = await narrowed(gated.what, console.log, async (how) => {
    // The program has found only now that it is about all: the gates have not looked at that.
    const isSeen = how.full === undefined || isFull || signal.aborted;
    const judged = isSeen ? gated : await askGates(args, root, { asPlanned, signal });
    return judged.refused ?? up(args, judged, signal, how);
  });
  if (!mends || code !== 0) return code;
  const { mendReleases } = await import("./mend.ts");
  const isMended = await mendReleases({ root, stack, signal });
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

/** Makes sure that the charts of a stack are at hand; of all of them, where it is not named. */
async function chartsAtHand(root: string, stack: string | undefined): Promise<void> {
  const [{ provideCharts }, { stackOfFiles }] = await Promise.all([
    import("./chartStore.ts"),
    import("../model/settings/project.ts"),
  ]);
  await provideCharts(root, stack && stackOfFiles(stack));
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
  await chartsAtHand(root, options.stack);
  await interruptible((signal) => previewReport(options, root, signal));
}

/** The engine speaks of hooks and flags where something is protected; neither is the way. */
const notDestroyed =
  "not destroyed, or not all of it. What is protected (and has 'delete hooks') goes once the stack's settings say virtual-clusters:protect: false and 'npm run up' has deployed that; --run-program and 'pulumi state unprotect' are not needed";

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
