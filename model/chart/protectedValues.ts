/**
 * Chart values that a stack may set for every tenant, each with everything below it. All others are refused: what keeps
 * tenants apart is spread over the chart, and a list of what is dangerous would miss the next such value.
 */
export const allowedValues = [
  "controlPlane.advanced.defaultImageRegistry",
  "controlPlane.advanced.globalMetadata",
  "controlPlane.coredns.deployment.affinity",
  "controlPlane.coredns.deployment.annotations",
  "controlPlane.coredns.deployment.labels",
  "controlPlane.coredns.deployment.nodeSelector",
  "controlPlane.coredns.deployment.tolerations",
  "controlPlane.coredns.deployment.topologySpreadConstraints",
  "controlPlane.serviceMonitor",
  "controlPlane.statefulSet.annotations",
  "controlPlane.statefulSet.labels",
  "controlPlane.statefulSet.probes",
  "controlPlane.statefulSet.scheduling",
  "integrations.metricsServer",
  "logging",
  "networking.advanced.clusterDomain",
  "sync.fromHost.ingressClasses",
  "sync.fromHost.runtimeClasses",
  "sync.fromHost.storageClasses",
];

/** Values that the program itself sets: by what it does for every tenant, or by a tenant's file. */
const separating = [
  "policies",
  "telemetry",
  "experimental",
  // One that let no control plane go would stop every upgrade of the nodes.
  "controlPlane.advanced.podDisruptionBudget",
  "controlPlane.backingStore",
  "controlPlane.coredns.deployment.image",
  "controlPlane.coredns.deployment.replicas",
  "controlPlane.coredns.deployment.resources",
  "controlPlane.distro",
  "controlPlane.proxy",
  "controlPlane.service",
  "controlPlane.statefulSet.highAvailability",
  "controlPlane.statefulSet.image",
  "controlPlane.statefulSet.persistence",
  "controlPlane.statefulSet.resources",
  // Network policies add up: one of a tenant's own would open what the chart's closes.
  "sync.toHost.networkPolicies",
  // Any tenant could claim any host name.
  "sync.toHost.ingresses",
  "sync.toHost.pods",
  // They hold up the drain of nodes, which are everybody's.
  "sync.toHost.podDisruptionBudgets",
  "sync.toHost.serviceAccounts",
];

/** Values that only the paid editions of vCluster run, or that need its platform. Source: chart 0.36.1 and its documentation. */
export const paidValues = [
  "controlPlane.coredns.embedded",
  "controlPlane.standalone",
  "deletion",
  "integrations.certManager",
  "integrations.externalSecrets",
  "integrations.istio",
  "integrations.kubeVirt",
  "networking.resolveDNS",
  "platform",
  "privateNodes",
  "pro",
  "sleep",
  "snapshots",
  "sync.fromHost.customResources",
  "sync.fromHost.deviceClasses",
  "sync.toHost.customResources",
  "sync.toHost.namespaces",
  "sync.toHost.resourceClaims",
  "sync.toHost.resourceClaimTemplates",
];

/** A value that a stack may not set, and why. */
export interface RefusedValue {
  readonly path: readonly string[];
  readonly reason: string;
}

/** The values among a stack's own that it may not set, each once, at the highest place that is wrong. */
export function refusedValues(values: Readonly<Record<string, unknown>>): RefusedValue[] {
  return refusedBelow(values, []);
}

function refusedBelow(value: unknown, path: readonly string[]): RefusedValue[] {
  const name = path.join(".");
  if (path.at(-1) === "patches") return [{ path, reason: "only the paid editions of vCluster run patches" }];
  if (separating.includes(name))
    return [{ path, reason: "it keeps tenants apart, or is decided by each tenant's file" }];
  if (paidValues.includes(name))
    return [{ path, reason: "only the paid editions of vCluster run it, or it needs their platform" }];
  const known =
    path.length === 0 ||
    [...allowedValues, ...separating, ...paidValues].some((other) => isPrefix(name, other) || isPrefix(other, name));
  if (!known) return [{ path, reason: "it is none of those that may be set (model/chart/protectedValues.ts)" }];
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return Object.entries(value).flatMap(([key, child]) => refusedBelow(child, [...path, key]));
  }
  if (path.length === 0 || allowedValues.some((other) => isPrefix(other, name))) return [];
  return [
    { path, reason: "a mapping belongs here, of which only some values may be set (model/chart/protectedValues.ts)" },
  ];
}

/** True where the first name is the second, or stands above it. */
function isPrefix(above: string, below: string): boolean {
  return below === above || below.startsWith(`${above}.`);
}
