import { type Values, valueAt } from "../chartFacts.ts";
import { addresses } from "./addresses.ts";
import { bindings } from "./bindings.ts";
import { boundaries } from "./boundaries.ts";
import { budgets } from "./budgets.ts";
import { deletions } from "./deletions.ts";
import { namespaces } from "./namespaces.ts";
import { pods, type Toleration } from "./pods.ts";
import { admissionPolicy, type GuardRule, policyBinding } from "./policy.ts";
import { releases } from "./releases.ts";
import { revisions } from "./revisions.ts";
import { roles } from "./roles.ts";
import { services } from "./services.ts";

/**
 * The rules of a stack's guard of the host: what nobody may do in the namespaces of its tenants, whatever role they hold
 * there. See docs/decisions/0009-guard-of-the-host.md.
 *
 * @param guard the stack's `guardName`
 * @param helmValues the stack's own chart values: what they deploy must pass
 */
export function guardRules(guard: string, helmValues: Values): GuardRule[] {
  const tolerations = [
    "controlPlane.statefulSet.scheduling.tolerations",
    "controlPlane.coredns.deployment.tolerations",
  ];
  const metadata = valueAt(helmValues, "controlPlane.advanced.globalMetadata.annotations");
  return [
    namespaces(guard),
    boundaries,
    roles,
    releases,
    revisions,
    pods({
      tolerations: tolerations.flatMap((path) => (valueAt(helmValues, path) ?? []) as Toleration[]),
      runtimeClasses: valueAt(helmValues, "sync.fromHost.runtimeClasses.enabled") === true,
    }),
    bindings,
    deletions,
    services(Object.entries((metadata ?? {}) as Values).map(([key, value]) => `${key}=${value}`)),
    addresses,
    budgets,
  ];
}

/** The same as objects of Kubernetes: a policy and its binding for each rule. */
export function hostGuard(guard: string, helmValues: Values) {
  return guardRules(guard, helmValues).map((rule) => ({
    name: rule.name,
    policy: admissionPolicy(guard, rule),
    binding: policyBinding(guard, rule),
  }));
}
