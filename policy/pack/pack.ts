import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { PolicyPack, type ResourceValidationPolicy } from "@pulumi/policy";
import type { Waiver } from "../../model/plan/plan.ts";
import { kindOf } from "../../model/plan/steps.ts";
import { plain } from "../../model/plan/words.ts";
import { readProject, stackNames } from "../../model/settings/project.ts";
import { loadSettings, settingsOfProject } from "../../model/settings/settings.ts";
import { today } from "../../model/text/today.ts";
import { ruleIds, stateRules } from "../judge.ts";
import { type Environment, type StateRule, targetOf } from "../rule.ts";
import { readWaivers, waiverFile, waiverOf } from "../waivers.ts";

/** What a stack's files say of how it is judged. */
interface Stack {
  readonly environment: Environment;
  readonly waivers: readonly Waiver[];
}

/** A state rule as a policy of Pulumi's. */
export function policyOf(rule: StateRule, { environment, waivers }: Stack): ResourceValidationPolicy {
  return {
    name: rule.id,
    description: rule.guards,
    enforcementLevel: rule.level(environment),
    validateResource: ({ type, name, props, opts }, report) => {
      const resource = { type, name, protect: opts.protect, inputs: props };
      const why = rule.broken(resource, environment);
      const target = targetOf(kindOf(resource), name);
      if (why !== undefined && waiverOf({ rule: rule.id, target }, waivers) === undefined)
        report(`${target}: ${plain(why)}`);
    },
  };
}

/** What is read of a stack beside this pack: of one that is not there, the strictest. */
function stackOf(root: string, stack: string): Stack {
  if (!existsSync(join(root, "Pulumi.yaml")) || !stackNames(root).includes(stack)) {
    return { environment: "production", waivers: [] };
  }
  const { settings } = loadSettings(settingsOfProject(readProject(root, stack)));
  const file = waiverFile(stack);
  const bytes = existsSync(join(root, file)) ? readFileSync(join(root, file)) : undefined;
  const { waivers } = readWaivers(file, bytes, { today: today(), rules: ruleIds });
  return { environment: settings?.environment ?? "production", waivers };
}

/**
 * Serves the state rules to the Pulumi CLI as a policy pack.
 *
 * @param environment has the stack's name, as the CLI gives it to a pack
 */
export function startPack({ PULUMI_NODEJS_STACK: stack = "" }: NodeJS.ProcessEnv): void {
  const found = stackOf(join(import.meta.dirname, "..", ".."), stack);
  new PolicyPack("virtual-clusters", { policies: stateRules.map((rule) => policyOf(rule, found)) });
}
