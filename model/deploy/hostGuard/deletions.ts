import { longestEnd } from "../drain.ts";
import type { GuardRule } from "./policy.ts";

const within = (period: string) => `${period} <= ${longestEnd}`;

/**
 * How long a pod may take to end is said by whoever deletes or evicts it, too, and the syncer hands on what is said inside.
 * When a deletion is judged, Kubernetes has filled in the pod's own period where none was given: a pod from before the
 * guard still goes.
 */
export const deletions: GuardRule = {
  name: "deletions",
  resources: [
    { apiGroups: [""], resources: ["pods"], operations: ["DELETE"] },
    { apiGroups: [""], resources: ["pods/eviction"], operations: ["CREATE"] },
  ],
  variables: {
    given:
      "request.operation == 'DELETE' ? request.options : (has(object.deleteOptions) ? object.deleteOptions : null)",
    own: "request.operation == 'DELETE' && has(oldObject.spec.terminationGracePeriodSeconds) ? oldObject.spec.terminationGracePeriodSeconds : 0",
  },
  validations: [
    {
      expression: `variables.given == null || !has(variables.given.gracePeriodSeconds) || ${within("variables.given.gracePeriodSeconds")} || variables.given.gracePeriodSeconds <= variables.own`,
      message: `a tenant's pod is given at most ${longestEnd} seconds to end (gracePeriodSeconds): a drain waits for it`,
    },
  ],
};
