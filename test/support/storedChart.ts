import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { provideChart } from "../../cli/chartStore.ts";
import { chartFolder } from "../../model/chart/chart.ts";
import { newestChart } from "../../model/facts/chartLines.ts";
import { builtInChart } from "../../model/settings/stackCharts.ts";
import { repository } from "./project.ts";

/** Makes sure that the repository has the chart that new stacks have, which is downloaded where it is not there. */
export async function keepChart(): Promise<void> {
  const chart = builtInChart(newestChart);
  if (chart === undefined) return;
  await provideChart(repository, chart, (text) => {
    throw new Error(text);
  });
}

/** Gives a project the repository's copy of that chart. */
export async function linkChart(root: string): Promise<void> {
  await keepChart();
  symlinkSync(join(repository, chartFolder), join(root, chartFolder));
}
