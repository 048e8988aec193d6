import { minorOf } from "./kubernetesVersions.ts";
import type { TenantMinor } from "./tenantMinors.ts";

/** What vCluster's authors say of a tenant's minor on a host of some minor; what they do not name is known to nobody. */
export type Compatibility = "tested" | "compatible" | "known issues";

/**
 * A minor of the vCluster chart with all its patch releases: what this program must know of it to install it.
 *
 * The values that the program sets are `deploy/chartValues.ts`, what the chart makes of them and which of them an upgrade
 * must leave alone is `deploy/chartFacts.ts`; both hold for every line here. The tests hold the values against
 * `test/data/chart-values.<line>.schema.yaml`, so that a line without such a file is not one that this program knows.
 */
export interface ChartLine {
  /** The day after which only critical security fixes come. */
  readonly endOfSupport: string;
  /** The day after which nothing comes. */
  readonly endOfLife: string;
  /** The Kubernetes minors inside, each with the patch release that the chart's authors test. */
  readonly kubernetes: Readonly<Partial<Record<TenantMinor, string>>>;
  /** By the host's minor, then the tenant's. */
  readonly hosts: Readonly<Record<string, Readonly<Partial<Record<TenantMinor, Compatibility>>>>>;
  /**
   * The chart versions that need no pin in a stack's settings, each with what it consists of: a SHA-256 over its files
   * (see `cli/chartStore.ts`), the same for every archive of the same files.
   */
  readonly charts: Readonly<Record<string, string>>;
}

/**
 * The lines that this program knows, oldest first. docs/upgrading.md says how one is added.
 * Source of 0.36: vCluster's documentation of 2026-08-21 ("Supported versions", compatibility matrix), its default images
 * (config/default_extra_values.go), and the chart's sources at tag v0.36.1.
 */
export const chartLines: Readonly<Record<string, ChartLine>> = {
  "0.36": {
    endOfSupport: "2026-10-22",
    endOfLife: "2027-01-22",
    kubernetes: { "1.34": "1.34.0", "1.35": "1.35.0", "1.36": "1.36.0" },
    hosts: {
      "1.34": { "1.34": "tested", "1.35": "compatible", "1.36": "compatible" },
      "1.35": { "1.34": "compatible", "1.35": "tested", "1.36": "compatible" },
      "1.36": { "1.34": "compatible", "1.35": "compatible", "1.36": "tested" },
    },
    charts: { "0.36.1": "0b356b35772470c741721a37d9160f029507d9443dc8ae7e755b2814696abdb6" },
  },
};

/** The chart version of a stack that names none. */
export const newestChart = "0.36.1";

/** The line that a chart version belongs to; undefined where this program does not know it. */
export function lineOf(version: string, lines = chartLines): ChartLine | undefined {
  return Object.hasOwn(lines, minorOf(version)) ? lines[minorOf(version)] : undefined;
}

/** The digest of a chart version that needs no pin; undefined for any other. */
export function builtInDigest(version: string): string | undefined {
  return lineOf(version)?.charts[version];
}

/** The chart versions that need no pin. */
export const builtInCharts = Object.values(chartLines).flatMap(({ charts }) => Object.keys(charts));
