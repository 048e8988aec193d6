import type { Tenant } from "../tenant/tenantSchema.ts";

/** The chart's name in its repository. */
export const chartName = "vcluster";

/** The folder below the project's root where `npm run chart` keeps downloaded charts. Not committed. */
export const chartFolder = ".charts";

/** The file of a chart's archive that says which values it takes. */
export const schemaFile = `${chartName}/values.schema.json`;

/**
 * Where the copy of a chart version is that releases install: relative to the project's root, so that every machine registers
 * the same. It is the published archive without its schema (docs/decisions/0002).
 */
export function localChart(version: string): string {
  return `./${chartFolder}/${chartName}-${version}.tgz`;
}

/** Where the archive is as its authors published it: what is pinned, what the copy is made of, and whose schema values are held to. */
export function publishedChart(version: string): string {
  return `./${chartFolder}/published/${chartName}-${version}.tgz`;
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
