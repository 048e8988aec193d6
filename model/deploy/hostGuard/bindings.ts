import type { GuardRule } from "./policy.ts";
import { notTheSystem } from "./who.ts";

/**
 * Only the scheduler binds a pod to a node: whoever does so by hand chooses any node, as with `nodeName`, past every taint.
 * Azure's roles do not tell subresources apart: who may write pods may bind them.
 */
export const bindings: GuardRule = {
  name: "bindings",
  resources: [{ apiGroups: [""], resources: ["pods/binding", "bindings"], operations: ["CREATE"] }],
  conditions: notTheSystem,
  validations: [{ expression: "false", message: "the scheduler chooses the node: nobody else binds a pod to one" }],
};
