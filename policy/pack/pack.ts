import { existsSync } from "node:fs";
import { join } from "node:path";
import { PolicyPack, type ResourceValidationPolicy } from "@pulumi/policy";
import type { Waiver } from "../../model/plan/plan.ts";
import { plain } from "../../model/plan/words.ts";
import { fileOfProject, readProject, stackNames } from "../../model/settings/project.ts";
import { loadSettings, settingsOfProject } from "../../model/settings/settings.ts";
import { today } from "../../model/text/today.ts";
import { findingOn, ruleIds, stateRules } from "../judge.ts";
import type { Environment, StateRule } from "../rule.ts";
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
      const found = findingOn(rule, resource, environment);
      if (found !== undefined && waiverOf(found, waivers) === undefined) report(`${found.target}: ${plain(found.why)}`);
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
  const { waivers } = readWaivers(file, fileOfProject(root, file), { today: today(), rules: ruleIds });
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
