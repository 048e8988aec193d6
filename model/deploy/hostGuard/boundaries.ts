import type { GuardRule } from "./policy.ts";
import { notThePlatform } from "./who.ts";

const operations = ["CREATE", "UPDATE", "DELETE"] as const;

/**
 * What a tenant is bounded by: quota, limits and network policies. Network policies add up, so that one more can only
 * open what the others close; those of Cilium and Calico do so too, and Cilium's other kinds say which address is whose.
 * A quota's status is what Kubernetes counts by.
 */
export const boundaries: GuardRule = {
  name: "boundaries",
  resources: [
    { apiGroups: [""], resources: ["resourcequotas", "resourcequotas/status", "limitranges"], operations },
    { apiGroups: ["networking.k8s.io"], resources: ["networkpolicies"], operations },
    { apiGroups: ["cilium.io"], resources: ["*/*"], operations },
    { apiGroups: ["crd.projectcalico.org"], resources: ["networkpolicies", "networksets"], operations },
  ],
  conditions: notThePlatform,
  validations: [
    {
      expression: "false",
      message:
        "quotas, limit ranges and network policies of a tenant's namespace are the platform's: the tenant's file has its size, and asks for more",
    },
  ],
};
