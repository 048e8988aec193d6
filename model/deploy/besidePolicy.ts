import type { Tenant } from "../tenant/tenantSchema.ts";
import { managedByLabel } from "./hostGuard/pods.ts";
import { blockedAddresses } from "./tenantAddresses.ts";

/**
 * The network policy of pods that stand in a tenant's namespace beside the virtual cluster: whoever has a host role makes
 * them, and the chart's policies, which go by labels, select none of them. They reach the host's DNS, each other, the
 * tenant's own pods and what is public. It is a manifest of the release, and the same for a tenant as long as it lives:
 * the control plane restarts when its values change.
 */
export function besidePolicy({ name }: Pick<Tenant, "name">) {
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name: `vc-beside-${name}` },
    spec: {
      podSelector: {
        matchExpressions: [
          { key: managedByLabel, operator: "DoesNotExist" },
          { key: "release", operator: "NotIn", values: [name] },
        ],
      },
      policyTypes: ["Egress"],
      egress: [
        {
          to: [
            {
              namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } },
              podSelector: { matchLabels: { "k8s-app": "kube-dns" } },
            },
          ],
        },
        { to: [{ podSelector: {} }] },
        { to: [{ ipBlock: { cidr: "0.0.0.0/0", except: blockedAddresses } }] },
      ],
    },
  };
}
