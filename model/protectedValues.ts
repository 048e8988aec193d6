/**
 * Chart values that keep tenants apart, or that a tenant's file decides: the stack's own `helmValues` cannot set them.
 * Each stands for itself and everything below it.
 */
const separating = [
  "policies",
  "telemetry",
  "rbac",
  "plugins",
  "experimental",
  "exportKubeConfig",
  "controlPlane.backingStore",
  "controlPlane.distro",
  "controlPlane.proxy",
  "controlPlane.service",
  "controlPlane.ingress",
  "controlPlane.statefulSet.args",
  "controlPlane.statefulSet.command",
  "controlPlane.statefulSet.env",
  "controlPlane.statefulSet.highAvailability",
  "controlPlane.statefulSet.image",
  "controlPlane.statefulSet.initContainers",
  "controlPlane.statefulSet.persistence",
  "controlPlane.statefulSet.resources",
  "controlPlane.statefulSet.security",
  "controlPlane.statefulSet.sidecarContainers",
  "sync.fromHost.configMaps",
  "sync.fromHost.nodes",
  "sync.fromHost.secrets",
  "sync.toHost.persistentVolumes",
  "sync.toHost.pods",
  "sync.toHost.serviceAccounts",
];

/** Values that only the paid editions of vCluster run, or that need its platform. Source: chart 0.36.1 and its documentation. */
const paid = [
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

/** The values among a stack's own that it may not set. */
export function refusedValues(values: Readonly<Record<string, unknown>>): RefusedValue[] {
  return [...paths(values)].flatMap((path) => {
    const name = path.join(".");
    if (path.at(-1) === "patches") return [{ path, reason: "only the paid editions of vCluster run patches" }];
    if (separating.includes(name))
      return [{ path, reason: "it keeps tenants apart, or is decided by each tenant's file" }];
    if (paid.includes(name))
      return [{ path, reason: "only the paid editions of vCluster run it, or it needs their platform" }];
    return [];
  });
}

/** Every path to a mapping or a value in it. */
function* paths(value: unknown, path: readonly string[] = []): Generator<readonly string[]> {
  if (path.length > 0) yield path;
  if (typeof value !== "object" || value === null || Array.isArray(value)) return;
  for (const [key, child] of Object.entries(value)) yield* paths(child, [...path, key]);
}
