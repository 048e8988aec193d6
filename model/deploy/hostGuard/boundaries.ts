import type { GuardRule } from "./policy.ts";
import { notThePlatform } from "./who.ts";

const operations = ["CREATE", "UPDATE", "DELETE"] as const;

/**
 * Cilium's own agent and operator, which keep an endpoint for each pod. Their names are the cluster's to choose; no role in
 * a namespace gives what they have in all of them. Source: Cilium, its chart's ClusterRoles.
 */
const cilium =
  "(request.resource.group == 'cilium.io' && authorizer.group('cilium.io').resource('ciliumendpoints').check('delete').allowed())";

/**
 * What a tenant is bounded by: quota, limits and network policies. Network policies add up, so that one more can only
 * open what the others close; those of Cilium, Calico and Antrea do so too, and Cilium's other kinds say which address is
 * whose. A quota's status is what Kubernetes counts by.
 */
export const boundaries: GuardRule = {
  name: "boundaries",
  resources: [
    { apiGroups: [""], resources: ["resourcequotas", "resourcequotas/status", "limitranges"], operations },
    { apiGroups: ["networking.k8s.io"], resources: ["networkpolicies"], operations },
    { apiGroups: ["cilium.io"], resources: ["*/*"], operations },
    {
      apiGroups: ["crd.projectcalico.org", "projectcalico.org"],
      resources: ["networkpolicies", "networksets"],
      operations,
    },
    { apiGroups: ["crd.antrea.io"], resources: ["networkpolicies", "groups"], operations },
  ],
  conditions: notThePlatform({ nor: [cilium] }),
  validations: [
    {
      expression: "false",
      message:
        "quotas, limit ranges and network policies of a tenant's namespace are the platform's: the tenant's file has its size, and asks for more",
    },
  ],
};
