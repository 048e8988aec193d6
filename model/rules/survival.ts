import { valueAt } from "../deploy/chartFacts.ts";
import { nodeSizes } from "../facts/nodeSizes.ts";
import type { Tenant } from "../tenant/tenantSchema.ts";
import type { Problem } from "../text/problems.ts";
import type { Stack } from "./stack.ts";

/** Nodes that it takes for each member of an etcd to have one of its own. */
const nodesForEtcd = 3;
/** vCPUs of a node in a system pool. Source: AKS, "Use system node pools", restrictions; in practice 2 are taken, too. */
const systemVCpus = 4;

/** Three members on fewer nodes: the loss of one node can take two of them, and then nothing can be written. */
export function* membersOnOneNode({ name, store }: Tenant, { settings, locate }: Stack): Generator<Problem> {
  const count = settings?.azure?.nodePool.count;
  if (store !== "etcd" || count === undefined || count >= nodesForEtcd) return;
  const nodes = count === 1 ? "1 node" : `${count} nodes`;
  const message = `store 'etcd' on ${nodes}: two of its three members share a node, and the virtual cluster is away while that one is. Set azure.nodePool.count to ${nodesForEtcd} or more`;
  yield { severity: "warning", location: locate(name, "store"), message };
}

/** Settings that AKS takes and that go wrong later. */
export function* hostProblems({ settings, locateSetting }: Stack): Generator<Problem> {
  if (settings?.azure === undefined) return;
  const { environment, azure, vcluster } = settings;
  const { vmSize, capacity } = azure.nodePool;
  const vCpus = (capacity ?? nodeSizes.get(vmSize))?.vCpus;
  if (environment === "production" && vCpus !== undefined && vCpus < systemVCpus) {
    const message = `'azure.nodePool.vmSize' is '${vmSize}' with ${vCpus} vCPUs: AKS documents at least ${systemVCpus} for a pool that runs the cluster's own pods, as this one does`;
    yield { severity: "warning", location: locateSetting(["azure", "nodePool", "vmSize"]), message };
  }
  if (valueAt(vcluster.helmValues, "controlPlane.serviceMonitor.enabled") === true) {
    const message =
      "'controlPlane.serviceMonitor' makes objects of monitoring.coreos.com/v1, which AKS does not have: its managed Prometheus reads azmonitoring.coreos.com/v1. Every release fails unless the Prometheus Operator's definitions are in the cluster";
    const path = ["vcluster", "helmValues", "controlPlane", "serviceMonitor"];
    yield { severity: "warning", location: locateSetting(path), message };
  }
}
