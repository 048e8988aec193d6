import { describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { chartValues, type StackValues, stackValues } from "../../../model/deploy/chartValues.ts";
import { settingsSchema } from "../../../model/settings/settingsSchema.ts";
import type { Tenant } from "../../../model/tenant/tenantSchema.ts";
import { tenantOf } from "../../support/tenants.ts";

const azure = {
  location: "westeurope",
  resourceGroup: "rg",
  clusterName: "aks",
  clusterAdmins: [{ user: "admin@contoso.com" }],
};

/** The values of a tenant on a stack with these settings. */
const on = (settings: object, tenant: Tenant) => chartValues(tenant, stackValues(settingsSchema.parse(settings)));
const spreadsOf = (values: ReturnType<typeof chartValues>) => {
  const { statefulSet, backingStore } = values.controlPlane;
  const parts = [statefulSet.scheduling, backingStore.etcd?.deploy.statefulSet.scheduling];
  return parts.flatMap((part) =>
    (part?.topologySpreadConstraints ?? []).map(
      ({ topologyKey, whenUnsatisfiable, labelSelector }) =>
        `${labelSelector.matchLabels.app} of ${labelSelector.matchLabels.release} ${topologyKey} ${whenUnsatisfiable}`,
    ),
  );
};

describe("a tenant with store etcd", () => {
  const etcd = tenantOf("ml", { store: "etcd" });

  test("has control planes and members on different nodes of the program's own cluster, and in different zones as well as can be", () => {
    expect(spreadsOf(on({ azure }, etcd))).toEqual([
      "vcluster of ml kubernetes.io/hostname DoNotSchedule",
      "vcluster of ml topology.kubernetes.io/zone ScheduleAnyway",
      "vcluster-etcd of ml kubernetes.io/hostname DoNotSchedule",
      "vcluster-etcd of ml topology.kubernetes.io/zone ScheduleAnyway",
    ]);
  });

  test("has them so as well as can be on a cluster that was there, or as the stack says", () => {
    const existingCluster = { name: "kind" };
    expect(spreadsOf(on({ existingCluster }, etcd)).filter((spread) => spread.endsWith("DoNotSchedule"))).toEqual([]);
    const strict = { existingCluster, vcluster: { spread: "required" } };
    expect(spreadsOf(on(strict, etcd))).toEqual(spreadsOf(on({ azure }, etcd)));
    const loose = { azure, vcluster: { spread: "preferred" } };
    expect(spreadsOf(on(loose, etcd))).toEqual(spreadsOf(on({ existingCluster }, etcd)));
  });

  test("has the same values whatever the number and zones of the nodes, so that no change of them restarts it", () => {
    const pools = [{}, { count: 1 }, { count: 3 }, { count: 4 }, { count: 9, zones: ["1", "2", "3"] }];
    const all = pools.map((nodePool) => JSON.stringify(on({ azure: { ...azure, nodePool } }, etcd)));
    expect(new Set(all).size).toBe(1);
  });

  test("loses one pod of each kind at a time to drains, and a broken one whenever", () => {
    const { controlPlane, experimental } = on({ azure }, etcd);
    const budget = { maxUnavailable: 1, unhealthyPodEvictionPolicy: "AlwaysAllow" };
    expect(controlPlane.advanced.podDisruptionBudget).toEqual({ enabled: true, ...budget });
    const manifests = parseAllDocuments(experimental.deploy.host.manifests).map((one) => one.toJS() as unknown);
    expect(manifests[1]).toEqual({
      apiVersion: "policy/v1",
      kind: "PodDisruptionBudget",
      metadata: { name: "ml-etcd", namespace: "ml" },
      spec: { ...budget, selector: { matchLabels: { app: "vcluster-etcd", release: "ml" } } },
    });
  });
});

test("a tenant with SQLite has nothing that could keep its one pod from being evicted", () => {
  const { controlPlane, experimental } = on({ azure }, tenantOf("ml"));
  expect(controlPlane.advanced.podDisruptionBudget).toEqual({ enabled: false });
  expect(controlPlane.statefulSet.scheduling).toBeUndefined();
  expect(experimental.deploy.host.manifests).not.toContain("PodDisruptionBudget");
});

describe("the store's disk", () => {
  const claims = (tenant: Tenant, stack: StackValues) => {
    const { statefulSet, backingStore } = chartValues(tenant, stack).controlPlane;
    return [statefulSet.persistence, backingStore.etcd?.deploy.statefulSet.persistence].flatMap(
      (part) => part?.volumeClaim?.storageClass ?? [],
    );
  };

  test("is of the class that the stack names, for either store, and of the host's default one otherwise", () => {
    const stack = { storageClass: "managed-csi-premium" };
    for (const store of ["sqlite", "etcd"] as const) {
      expect(claims(tenantOf("ml", { store }), stack)).toEqual(["managed-csi-premium"]);
      expect(claims(tenantOf("ml", { store }), {})).toEqual([]);
    }
  });
});
