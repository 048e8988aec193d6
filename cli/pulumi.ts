import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Command } from "commander";
import { chartVersions } from "../model/chartVersions.ts";
import { hasChart, storeChart } from "./chartStore.ts";
import { findPulumi, pulumiEnvironment } from "./pulumiCli.ts";
import { runCommand } from "./runCommand.ts";
import { withPatience } from "./waitForAzure.ts";

/** Starts the real Pulumi CLI with what this program needs. Everything after the command is the CLI's. */
async function pulumi(command: string, args: readonly string[]): Promise<void> {
  if (args.some((arg) => arg.startsWith("--ignore-protect"))) {
    throw new Error(
      "--ignore-protect would delete protected clusters; set virtual-clusters:protect to false, deploy, and then destroy",
    );
  }
  for (const version of command === "destroy" ? [] : chartVersions) {
    if (hasChart(process.cwd(), version)) continue;
    await storeChart(process.cwd(), version).catch((error: Error) => {
      console.error(
        `warning: ${error.message}\n(not needed where the stack's setting vcluster.chartRepository names a repository)`,
      );
    });
  }
  process.exitCode = command === "up" ? await up(args) : run([command, ...args]);
}

/** Runs the CLI in this terminal; its exit code. */
function run(args: readonly string[], environment: NodeJS.ProcessEnv = {}): number {
  const cli = findPulumi();
  const env = { ...pulumiEnvironment(), ...environment };
  return spawnSync(cli.command, [...cli.args, ...args], { stdio: "inherit", env }).status ?? 1;
}

/** A deployment that waits for Azure where that is all that is missing; what was confirmed once is not asked again. */
async function up(args: readonly string[]): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "pulumi-up-"));
  const log = join(folder, "events.json");
  try {
    const attempt = (again: boolean) => {
      rmSync(log, { force: true });
      const confirmed = again ? ["--yes", "--skip-preview"] : [];
      // The CLI takes --event-log with its debug commands only.
      const status = run(["up", ...args, ...confirmed, "--event-log", log], { PULUMI_DEBUG_COMMANDS: "true" });
      return { status, events: existsSync(log) ? readFileSync(log, "utf8") : "" };
    };
    return await withPatience(attempt, (text) => console.error(text), { now: Date.now, sleep });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const program = new Command("npm run")
  .description("Runs the real Pulumi CLI on this program: your cloud, your cluster.")
  .enablePositionalOptions();
for (const [name, description] of [
  ["preview", "show what a deployment would do (npm run preview -- --stack dev)"],
  ["up", "deploy, and wait where a role does not work in Azure yet (npm run up -- --stack dev)"],
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
await program.parseAsync();
