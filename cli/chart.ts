import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newCommand, runCommand, runProgram } from "../console/commands.ts";
import { builtInCharts } from "../model/facts/chartLines.ts";
import { builtInChart, type PinnedChart, projectCharts } from "../model/settings/stackCharts.ts";
import { Refusal } from "../model/text/problems.ts";
import { aboutChart, type ChartSource, readArchive, readArchiveFile } from "./chartArchive.ts";
import { storeChart } from "./chartStore.ts";
import { pinChart } from "./pinChart.ts";

interface Options extends ChartSource {
  readonly pin?: string;
}

/** The charts that the stacks name; those built in where there is no stack. */
function wantedCharts(root: string): PinnedChart[] {
  const charts = projectCharts(root);
  if (charts.length > 0) return charts;
  return builtInCharts.flatMap((version) => builtInChart(version) ?? []);
}

async function store(root: string, { from, repository }: ChartSource): Promise<void> {
  const wanted = wantedCharts(root);
  const named = from === undefined ? wanted : [await chartIn(from, wanted)];
  for (const chart of named) {
    console.log(`chart ${chart.version}: ${await storeChart(root, chart, { from, repository })}`);
  }
}

/**
 * Which of the charts an archive holds.
 *
 * @throws Refusal where it holds none of them.
 */
async function chartIn(from: string, wanted: readonly PinnedChart[]): Promise<PinnedChart> {
  const folder = mkdtempSync(join(tmpdir(), "chart-"));
  try {
    const file = join(folder, "chart.tgz");
    writeFileSync(file, await readArchiveFile(from));
    const { name, version } = aboutChart(readArchive(file, from));
    const found = wanted.find((chart) => chart.version === version);
    if (found !== undefined) return found;
    const names = wanted.map((chart) => chart.version).join(", ");
    throw new Refusal(
      `${from} holds chart '${name}' ${version}, which no stack names (${names}). To pin it: npm run chart -- --pin ${version} --from ${from}`,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const program = newCommand("npm run chart --")
  .description(
    "Downloads the vCluster charts that the stacks' settings name, checks them against their pinned digests and keeps them in .charts/.",
  )
  .option("--debug", "show where an unexpected error comes from")
  .option("--pin <version>", "get another version, and print its digest and what to write into a stack's settings")
  .option("--from <file>", "take the chart from an archive instead of downloading it")
  .option(
    "--repository <url>",
    "the folder of archives to download from, such as a mirror's; their authors' if left out",
  )
  .action(({ pin, from, repository }: Options) =>
    runCommand(async () => {
      const root = process.cwd();
      if (pin === undefined) await store(root, { from, repository });
      else for (const line of await pinChart(root, pin, { from, repository })) console.log(line);
    }),
  );
await runProgram(program);
