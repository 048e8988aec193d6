import { spawnSync } from "node:child_process";
import { Command } from "commander";
import { chartVersions } from "../model/chartVersions.ts";
import { hasChart, storeChart } from "./chartStore.ts";
import { findPulumi, pulumiEnvironment } from "./pulumiCli.ts";
import { runCommand } from "./runCommand.ts";

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
  const cli = findPulumi();
  const { status } = spawnSync(cli.command, [...cli.args, command, ...args], {
    stdio: "inherit",
    env: pulumiEnvironment(),
  });
  process.exitCode = status ?? 1;
}

const program = new Command("npm run")
  .description("Runs the real Pulumi CLI on this program: your cloud, your cluster.")
  .enablePositionalOptions();
for (const [name, description] of [
  ["preview", "show what a deployment would do (npm run preview -- --stack dev)"],
  ["up", "deploy (npm run up -- --stack dev)"],
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
