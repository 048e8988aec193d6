import type { Tenant } from "../tenant/tenantSchema.ts";

/** The chart's name in its repository. */
export const chartName = "vcluster";

/** The folder below the project's root where `npm run chart` keeps downloaded charts. Not committed. */
export const chartFolder = ".charts";

/** Where the local copy of a chart version is: relative to the project's root, so that every machine registers the same. */
export function localChart(version: string): string {
  return `./${chartFolder}/${chartName}-${version}.tgz`;
}

/** The part of the setting `vcluster` that says where charts come from. */
export interface ChartSettings {
  readonly channels: Readonly<Record<Tenant["channel"], string>>;
  /** A Helm repository; empty for the local copies. */
  readonly chartRepository: string;
}

/** The inputs of a Helm release that say which chart it installs: that of the tenant's channel. */
export function chartSource({ channels, chartRepository }: ChartSettings, channel: Tenant["channel"]) {
  const version = channels[channel];
  return chartRepository === ""
    ? { chart: localChart(version), version }
    : { chart: chartName, version, repositoryOpts: { repo: chartRepository } };
}
