import type { VclusterSettings } from "./settingsSchema.ts";

/** The chart's name in its repository. */
export const chartName = "vcluster";

/** The folder below the project's root where `npm run chart` keeps downloaded charts. Not committed. */
export const chartFolder = ".charts";

/** Where the local copy of a chart version is: relative to the project's root, so that every machine registers the same. */
export function localChart(version: string): string {
  return `./${chartFolder}/${chartName}-${version}.tgz`;
}

/** The inputs of a Helm release that say which chart it installs. */
export function chartSource({ chartVersion, chartRepository }: VclusterSettings) {
  return chartRepository === ""
    ? { chart: localChart(chartVersion), version: chartVersion }
    : { chart: chartName, version: chartVersion, repositoryOpts: { repo: chartRepository } };
}
