import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { hasChart, storeChart } from "../../cli/chartStore.ts";
import { chartFolder } from "../../model/chart/chart.ts";
import { newestChart } from "../../model/facts/chartLines.ts";
import { builtInChart } from "../../model/settings/stackCharts.ts";
import { repository } from "./project.ts";

/** Gives a project the repository's copy of the chart that new stacks have, which is downloaded where there is none. */
export async function linkChart(root: string): Promise<void> {
  const chart = builtInChart(newestChart);
  if (chart !== undefined && !hasChart(repository, newestChart)) await storeChart(repository, chart);
  symlinkSync(join(repository, chartFolder), join(root, chartFolder));
}
