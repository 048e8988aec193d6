import { stackLabel } from "../namespace.ts";
import { celText, type GuardRule } from "./policy.ts";
import { notThePlatform } from "./who.ts";

/**
 * The namespace of a tenant: its labels choose the Pod Security Standard and what the guard judges. There is no selector:
 * on an update Kubernetes matches it with the new labels, and the request that drops the label would not be judged.
 * So the rule goes by both the old and the new.
 *
 * @param guard the stack's `guardName`
 */
export function namespaces(guard: string): GuardRule {
  const label = celText(stackLabel);
  const labelled = `o != null && has(o.metadata.labels) && ${label} in o.metadata.labels`;
  return {
    name: "namespaces",
    everywhere: true,
    resources: [
      {
        apiGroups: [""],
        resources: ["namespaces", "namespaces/finalize", "namespaces/status"],
        operations: ["CREATE", "UPDATE", "DELETE"],
      },
    ],
    conditions: notThePlatform({
      where: `[object, oldObject].exists(o, ${labelled} && o.metadata.labels[${label}] == ${celText(guard)})`,
    }),
    validations: [
      {
        expression: "false",
        message: "a tenant's namespace is the platform's to change: ask for it in the tenant's file",
      },
    ],
  };
}
