import type { GuardRule } from "./policy.ts";

/**
 * Disruption budgets by which a node could never be drained. What an API server cannot know is how many pods there are: a
 * `minAvailable` of as many as there are blocks too. The pools' drain timeout holds there.
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
      expression: "!has(object.spec.minAvailable) || !string(object.spec.minAvailable).matches('^0*100%$')",
      message: "a budget with minAvailable 100% blocks the drain of a node: use maxUnavailable, at least 1",
    },
  ],
};
