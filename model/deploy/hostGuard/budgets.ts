import type { GuardRule } from "./policy.ts";

/**
 * Disruption budgets by which a node could never be drained. An API server does not know how many pods there are, and
 * rounds a share up: of one or two pods, any `minAvailable` may be all. So a budget says how many may be away.
 */
export const budgets: GuardRule = {
  name: "budgets",
  resources: [{ apiGroups: ["policy"], resources: ["poddisruptionbudgets"], operations: ["CREATE", "UPDATE"] }],
  validations: [
    {
      expression: "!has(object.spec.maxUnavailable) || !string(object.spec.maxUnavailable).matches('^0+%?$')",
      message: "a budget with maxUnavailable 0 blocks the drain of a node: allow at least 1",
    },
    {
      expression: "!has(object.spec.minAvailable)",
      message: "a budget with minAvailable can block the drain of a node: use maxUnavailable, at least 1",
    },
  ],
};
