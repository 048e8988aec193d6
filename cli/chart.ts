import { newCommand, runCommand, runProgram } from "../console/commands.ts";
import { chartVersions } from "../model/facts/chartVersions.ts";
import { storeChart } from "./chartStore.ts";

const program = newCommand("npm run chart --")
  .description("Downloads the vCluster chart, checks it against the pinned digest and keeps it in .charts/.")
  .option("--debug", "show where an unexpected error comes from")
  .option("--from <file>", "take the chart from an archive instead of downloading it")
  .action(({ from }: { from?: string }) =>
    runCommand(async () => {
      for (const version of chartVersions) {
        console.log(`chart ${version}: ${await storeChart(process.cwd(), version, from)}`);
      }
    }),
  );
await runProgram(program);
