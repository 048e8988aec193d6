/** A chart that vCluster installs inside a virtual cluster. */
export interface BootstrapChart {
  readonly repository: string;
  readonly version: string;
  readonly namespace: string;
}

/**
 * Charts that a tenant file may ask for by name alone, each with an exact version, so that a new release of theirs
 * changes nobody's cluster. Source: the charts' own repositories.
 */
export const bootstrapCharts = {
  "kuberay-operator": {
    repository: "https://ray-project.github.io/kuberay-helm/",
    version: "1.4.2",
    namespace: "kuberay-system",
  },
} as const satisfies Record<string, BootstrapChart>;

/** The names of {@link bootstrapCharts}. */
export const bootstrapChartNames = Object.keys(bootstrapCharts) as [
  keyof typeof bootstrapCharts,
  ...(keyof typeof bootstrapCharts)[],
];
