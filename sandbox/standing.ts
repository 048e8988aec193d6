import { paint } from "../console/terminal.ts";
import { plain } from "../model/plan/words.ts";
import { fileOfProject, readProject } from "../model/settings/project.ts";
import { printable } from "../model/text/printable.ts";
import { today } from "../model/text/today.ts";
import { findingOn, ruleIds, stateRules } from "../policy/judge.ts";
import type { Environment } from "../policy/rule.ts";
import { readWaivers, waiverFile, waiverOf } from "../policy/waivers.ts";
import type { ResourceState } from "./engine/checkpoint.ts";
import { resourceOf } from "./engine/toldSteps.ts";

/**
 * What a policy pack would say of a stack as it stands: a line for each rule that it breaks, and has no waiver for. The sandbox
 * is for trying, so that nothing is refused.
 */
export function standingLines(root: string, stack: string, resources: readonly ResourceState[]): string[] {
  const { name, values } = readProject(root, stack);
  const environment: Environment = values[`${name}:environment`] === "production" ? "production" : "development";
  const file = waiverFile(stack);
  const { waivers } = readWaivers(file, fileOfProject(root, file), { today: today(), rules: ruleIds });
  return resources
    .filter((state) => !state.delete)
    .flatMap((state) => {
      const resource = resourceOf(state);
      return stateRules.flatMap((rule) => {
        const found = findingOn(rule, resource, environment);
        if (found === undefined || waiverOf(found, waivers) !== undefined) return [];
        const text = `${found.target}: ${printable(plain(found.why))} (${rule.id}, docs/gates.md)`;
        return [
          rule.level(environment) === "mandatory"
            ? `${paint("yellow", "warning:")} ${text}`
            : paint("dim", `  note: ${text}`),
        ];
      });
    });
}
