import type { Settings } from "../settings/settingsSchema.ts";
import type { Tenant } from "../tenant/tenantSchema.ts";
import { releaseApps } from "./releaseApps.ts";

/*
 * What lets a tenant with store etcd live on while a node is drained or lost: its three members and three control planes
 * lie on different nodes, and an eviction takes one of each at a time. A tenant with SQLite has one pod, which any drain
 * may evict: a budget could only block it.
 */

/** How strictly members lie on different nodes (setting `vcluster.spread`). */
export type Spread = Exclude<Settings["vcluster"]["spread"], "automatic">;

/**
 * Strict on the program's own cluster, whose nodes all take tenants. Elsewhere a node may be tainted, and a pod that no
 * node takes would stop the deployment.
 *
 * It goes by the kind of host and not by the number of nodes: the values are part of what the chart hashes into its pods, so
 * that another number would restart the control planes. How many nodes there are, the scheduler sees for itself.
 */
export function spreadOf({ azure, vcluster }: Pick<Settings, "azure" | "vcluster">): Spread {
  if (vcluster.spread !== "automatic") return vcluster.spread;
  return azure === undefined ? "preferred" : "required";
}

/** A part of a release that may have several pods. */
type Part = "controlPlane" | "etcd";

const labelsOf = (part: Part, release: string) => ({ matchLabels: { app: releaseApps[part], release } });

/**
 * How the pods of a part lie over nodes and zones. Nodes: no node has two more than another, so that on three or more each
 * has one. A node that is drained or lost still counts as one that has none: its pod waits rather than doubling up, and two
 * of three go on. Zones: as well as can be, for a disk of a locally redundant class never leaves its zone, and where two
 * share one, a rule could keep a member from every node.
 */
export function topologySpread(part: Part, release: string, spread: Spread) {
  const constraint = { maxSkew: 1, labelSelector: labelsOf(part, release) };
  return [
    {
      ...constraint,
      topologyKey: "kubernetes.io/hostname",
      whenUnsatisfiable: spread === "required" ? "DoNotSchedule" : "ScheduleAnyway",
      // A Deployment's old and new pods are there together while it rolls: each generation is spread for itself.
      ...(part === "controlPlane" && { matchLabelKeys: ["pod-template-hash"] }),
    },
    { ...constraint, topologyKey: "topology.kubernetes.io/zone", whenUnsatisfiable: "ScheduleAnyway" },
  ];
}

/** Evictions take one pod at a time; one that is broken anyway may always go. */
const oneAtATime = { maxUnavailable: 1, unhealthyPodEvictionPolicy: "AlwaysAllow" } as const;

/** The chart's own budget, for control planes. Source: chart 0.36.1, controlPlane.advanced.podDisruptionBudget. */
export function controlPlaneBudget({ store }: Pick<Tenant, "store">) {
  return store === "etcd" ? { enabled: true, ...oneAtATime } : { enabled: false };
}

/** Budgets that a release consists of. */
export function budgetsOf({ store }: Pick<Tenant, "store">): number {
  return store === "etcd" ? 2 : 0;
}

/**
 * A budget for etcd, which the chart lacks: a manifest of the release on the host.
 * Source: chart 0.36.1, templates/manifests.yaml, experimental.deploy.host.manifests.
 */
export function etcdBudget({ name, namespace }: Pick<Tenant, "name" | "namespace">) {
  return {
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata: { name: `${name}-etcd`, namespace },
    spec: { ...oneAtATime, selector: labelsOf("etcd", name) },
  };
}
