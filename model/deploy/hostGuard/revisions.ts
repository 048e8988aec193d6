import type { GuardRule } from "./policy.ts";
import { notThePlatform } from "./who.ts";

/**
 * From what a StatefulSet's pods are made, besides its template: a revision, and the status that names it. Whoever writes
 * both makes the control plane's pods of a template of their own. Kubernetes' controller alone writes them.
 */
export const revisions: GuardRule = {
  name: "revisions",
  resources: [
    { apiGroups: ["apps"], resources: ["controllerrevisions"], operations: ["CREATE", "UPDATE"] },
    { apiGroups: ["apps"], resources: ["statefulsets/status"], operations: ["UPDATE"] },
  ],
  conditions: notThePlatform(),
  validations: [
    {
      expression: "false",
      message: "what a StatefulSet's pods were made from, and are made from, is told by Kubernetes' own controller",
    },
  ],
};
