import type { GuardRule } from "./policy.ts";
import { notThePlatform } from "./who.ts";

/**
 * Disruption budgets hold up drains, and in more ways than one object tells: a budget that names no number allows nothing,
 * two over one pod end every eviction with an error, and one of pods that never get ready allows none to go. So those of
 * the release are the only ones. A budget inside the virtual cluster stays there: none is synced.
 */
export const budgets: GuardRule = {
  name: "budgets",
  resources: [
    {
      apiGroups: ["policy"],
      resources: ["poddisruptionbudgets", "poddisruptionbudgets/status"],
      operations: ["CREATE", "UPDATE"],
    },
  ],
  conditions: notThePlatform(),
  validations: [
    {
      expression: "false",
      message: "a disruption budget on the host holds up the drain of nodes: the release's own are the only ones",
    },
  ],
};
