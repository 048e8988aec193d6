/**
 * The label `app` of a release's own pods, by which they are told from all others. The first two are the chart's, the last
 * is ours. Source: chart 0.36.1, statefulset.yaml, etcd-statefulset.yaml.
 */
export const releaseApps = { controlPlane: "vcluster", etcd: "vcluster-etcd", stopJob: "vcluster-stop" } as const;
