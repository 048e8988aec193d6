/**
 * The vCluster chart versions that this program is made for, each with what it consists of: a SHA-256 over its files
 * (see `cli/chartStore.ts`), the same for every archive of the same files.
 * Source: the chart's sources at the tag of that version.
 */
export const chartDigests = { "0.36.1": "0b356b35772470c741721a37d9160f029507d9443dc8ae7e755b2814696abdb6" } as const;

/** A chart version that a stack may name. */
export type ChartVersion = keyof typeof chartDigests;

/** The versions of {@link chartDigests}. */
export const chartVersions = Object.keys(chartDigests) as [ChartVersion, ...ChartVersion[]];

/** What a stack gets that names no version. */
export const newestChart: ChartVersion = "0.36.1";
