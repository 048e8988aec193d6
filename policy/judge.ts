import { isDeepStrictEqual } from "node:util";
import type { Finding } from "../model/plan/plan.ts";
import { kindOf } from "../model/plan/steps.ts";
import { type Environment, type StackChange, type Standing, type StateRule, type StepRule, targetOf } from "./rule.ts";
import { changeRules } from "./rules/changes.ts";
import { clusterRules } from "./rules/cluster.ts";
import { lossRules } from "./rules/losses.ts";
import { pinRules } from "./rules/pins.ts";

/** What must hold of each resource as it stands. */
export const stateRules: readonly StateRule[] = [...clusterRules, ...pinRules];

/** What a deployment may not do. */
export const stepRules: readonly StepRule[] = [...lossRules, ...changeRules];

/**
 * A change of what is deployed, or of who judges it, in a pull request: it is no deployment's, so that no rule on steps can
 * see it.
 */
export const programRule = {
  id: "program-change",
  guards: "The program, its rules and who owns them change by the platform team's word alone",
} as const;

/** The settings of a stack that are gone: nothing is deployed then, so that no rule on steps can see it, either. */
export const stackRule = {
  id: "stack-dropped",
  guards: "A stack that is deployed keeps its settings",
} as const;

/** Every rule that a waiver can name. */
export const allRules: readonly { readonly id: string; readonly guards: string }[] = [
  ...stateRules,
  ...stepRules,
  programRule,
  stackRule,
];

/** The ids that a waiver can name. */
export const ruleIds: readonly string[] = allRules.map(({ id }) => id);

/** What a rule says of a resource as it stands; undefined where nothing is wrong. */
export function findingOn(rule: StateRule, resource: Standing, environment: Environment): Finding | undefined {
  const why = rule.broken(resource, environment);
  return why && { rule: rule.id, target: targetOf(kindOf(resource), resource.name), why };
}

/**
 * Everything of a change that needs a waiver. What was broken before as it is now is none of its doing. Pull requests are
 * judged by this function of their base, too: what it is given only ever gets more.
 */
export function judge(change: StackChange): Finding[] {
  const { steps, environment } = change;
  const states = stateRules.flatMap((rule) =>
    steps.flatMap(({ op, before, after }) => {
      const found = after === undefined || op === "delete" ? undefined : findingOn(rule, after, environment);
      if (found === undefined || (op === "create" && rule.level(environment) === "advisory")) return [];
      const stood = before !== undefined && isDeepStrictEqual(rule.broken(before, environment), found.why);
      return stood ? [] : [found];
    }),
  );
  const done = stepRules.flatMap(({ id, findings }) => findings(change).map((finding) => ({ rule: id, ...finding })));
  // Engines do what they can at once, in an order that is never the same.
  const order = (rule: string) => ruleIds.indexOf(rule);
  return [...states, ...done].sort((a, b) => order(a.rule) - order(b.rule) || a.target.localeCompare(b.target, "en"));
}
