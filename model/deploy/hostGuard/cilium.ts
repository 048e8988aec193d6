import { stackLabel } from "../namespace.ts";
import { releaseApps } from "../releaseApps.ts";
import { platformAddresses, privateRanges } from "../tenantAddresses.ts";
import { managedByLabel } from "./pods.ts";

/** The type of the network's part of the guard, for hosts whose network is Cilium. Source: Cilium, CRD cilium.io/v2. */
export const ciliumPolicyKind = { apiVersion: "cilium.io/v2", kind: "CiliumClusterwideNetworkPolicy" } as const;

/** How Cilium names a label of the namespace that a pod is in. Source: Cilium, "Kubernetes constructs in policy". */
const ofNamespace = (label: string) => `k8s:io.cilium.k8s.namespace.labels.${label}`;
const ofPod = (label: string) => `k8s:${label}`;

/**
 * What no pod of a tenant reaches, whatever network policies allow it: a denial wins over all of them, and it takes effect
 * with the pod's namespace, where a policy of a release comes later. Pods of the virtual cluster reach no private address
 * and no node; neither do those beside it. Nor does the control plane, which its tenant can send anywhere by webhooks,
 * aggregated APIs and proxied Services, unless the host's API server has a private address: it needs that one.
 * Ranges match no pods, so that DNS and the tenant's own pods are reached as before.
 *
 * Denials make no pod reach less than they say: that is what `enableDefaultDeny` is for (Cilium 1.16 and newer).
 *
 * @param guard the stack's `guardName`
 * @param host.privateApiServer whether pods reach the host's API server at a private address. Of an AKS cluster that is not
 *   private they reach it at its public one. Source: AKS, "API server authorized IP ranges", the outbound address
 */
export function ciliumDenials(guard: string, { privateApiServer }: { readonly privateApiServer: boolean }) {
  const denial = (what: string, expressions: readonly object[], egressDeny: readonly object[]) => ({
    description: what,
    endpointSelector: {
      matchLabels: { [ofNamespace(stackLabel)]: guard },
      ...(expressions.length > 0 && { matchExpressions: [...expressions] }),
    },
    enableDefaultDeny: { egress: false, ingress: false },
    egressDeny: [...egressDeny],
  });
  const synced = { key: ofPod(managedByLabel), operator: "Exists" };
  // By the label that rule `pods` gives to nobody else: anybody may have a label `release` of another value.
  const beside = [
    { key: ofPod(managedByLabel), operator: "DoesNotExist" },
    { key: ofPod("app"), operator: "NotIn", values: Object.values(releaseApps) },
  ];
  return {
    ...ciliumPolicyKind,
    metadata: { name: `${guard}-network` },
    specs: [
      denial(
        `metadata, wire server${privateApiServer ? "" : " and private addresses"}, for all pods of tenants`,
        [],
        [{ toCIDR: [...platformAddresses, ...(privateApiServer ? [] : privateRanges)] }],
      ),
      denial(
        "private addresses and nodes, for pods of virtual clusters",
        [synced],
        [{ toCIDR: privateRanges }, { toEntities: ["host", "remote-node"] }],
      ),
      denial("private addresses and nodes, for pods beside virtual clusters", beside, [
        { toCIDR: privateRanges },
        { toEntities: ["host", "remote-node"] },
      ]),
    ],
  };
}
