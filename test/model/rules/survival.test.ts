import { describe, expect, test } from "vitest";
import { hostProblems, membersOnOneNode } from "../../../model/rules/survival.ts";
import { settingsSchema } from "../../../model/settings/settingsSchema.ts";
import { tenantOf } from "../../support/tenants.ts";

const azure = (nodePool: object) => ({
  location: "westeurope",
  resourceGroup: "rg",
  clusterName: "aks",
  clusterAdmins: [{ user: "admin@contoso.com" }],
  nodePool,
});

/** A stack with these settings, whose places are the names of what stands there. */
const stackOf = (settings: object) => ({
  settings: settingsSchema.parse(settings),
  tenants: [],
  locate: (name: string, field: string | number = "name") => ({ file: `${name}.${field}`, line: 1, column: 1 }),
  locateSetting: (path: readonly (string | number)[]) => ({ file: path.join("."), line: 1, column: 1 }),
  today: "2027-04-01",
});

describe("a tenant with store etcd", () => {
  const etcd = tenantOf("ml", { store: "etcd" });
  const said = (settings: object) =>
    [...membersOnOneNode(etcd, stackOf(settings))].map(({ location, message }) => `${location.file}: ${message}`);

  test("is told that two of its members share a node, where there are not three", () => {
    expect(said({ azure: azure({ count: 2 }) })).toEqual([
      "ml.store: store 'etcd' on 2 nodes: two of its three members share a node, and the virtual cluster is away while that one is. Set azure.nodePool.count to 3 or more",
    ]);
    expect(said({ azure: azure({ count: 1 }) })[0]).toMatch(/^ml.store: store 'etcd' on 1 node: /);
  });

  test("is fine on three nodes, on nodes that nobody counts, and no matter how many with SQLite", () => {
    expect(said({ azure: azure({ count: 3 }) })).toEqual([]);
    expect(said({ existingCluster: { name: "kind" } })).toEqual([]);
    expect([...membersOnOneNode(tenantOf("ml"), stackOf({ azure: azure({ count: 1 }) }))]).toEqual([]);
  });
});

describe("a host on Azure", () => {
  const said = (settings: object) =>
    [...hostProblems(stackOf(settings))].map(({ location, message }) => `${location.file}: ${message}`);
  const monitored = { helmValues: { controlPlane: { serviceMonitor: { enabled: true } } } };

  test("is told of nodes that are smaller than AKS documents for its own pods, in production alone", () => {
    const small = azure({ vmSize: "Standard_D2s_v5" });
    expect(said({ azure: small, environment: "production" })).toEqual([
      "azure.nodePool.vmSize: 'azure.nodePool.vmSize' is 'Standard_D2s_v5' with 2 vCPUs: AKS documents at least 4 for a pool that runs the cluster's own pods, as this one does",
    ]);
    expect(said({ azure: small })).toEqual([]);
    expect(said({ azure: azure({ vmSize: "Standard_D4s_v5" }), environment: "production" })).toEqual([]);
  });

  test("is told of monitors that its managed Prometheus does not know", () => {
    expect(said({ azure: azure({}), vcluster: monitored })).toEqual([
      "vcluster.helmValues.controlPlane.serviceMonitor: 'controlPlane.serviceMonitor' makes objects of monitoring.coreos.com/v1, which AKS does not have: its managed Prometheus reads azmonitoring.coreos.com/v1. Every release fails unless the Prometheus Operator's definitions are in the cluster",
    ]);
    expect(said({ existingCluster: { name: "kind" }, vcluster: monitored })).toEqual([]);
  });
});
