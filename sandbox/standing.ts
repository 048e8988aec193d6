import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { paint } from "../console/terminal.ts";
import { kindOf } from "../model/plan/steps.ts";
import { plain } from "../model/plan/words.ts";
import { readProject } from "../model/settings/project.ts";
import { printable } from "../model/text/printable.ts";
import { today } from "../model/text/today.ts";
import { ruleIds, stateRules } from "../policy/judge.ts";
import { type Environment, targetOf } from "../policy/rule.ts";
import { readWaivers, waiverFile, waiverOf } from "../policy/waivers.ts";
import type { ResourceState } from "./engine/checkpoint.ts";
import { resourceOf } from "./rehearsal.ts";

/**
 * What a policy pack would say of a stack as it stands: a line for each rule that it breaks, and has no waiver for. The sandbox
 * is for trying, so that nothing is refused.
 */
export function standingLines(root: string, stack: string, resources: readonly ResourceState[]): string[] {
  const { name, values } = readProject(root, stack);
  const environment: Environment = values[`${name}:environment`] === "production" ? "production" : "development";
  const file = waiverFile(stack);
  const bytes = existsSync(join(root, file)) ? readFileSync(join(root, file)) : undefined;
  const { waivers } = readWaivers(file, bytes, { today: today(), rules: ruleIds });
  return resources
    .filter((state) => !state.delete)
    .flatMap((state) => {
      const resource = resourceOf(state);
      const target = targetOf(kindOf(resource), resource.name);
      return stateRules.flatMap(({ id, broken, level }) => {
        const why = broken(resource, environment);
        if (why === undefined || waiverOf({ rule: id, target }, waivers) !== undefined) return [];
        const text = `${target}: ${printable(plain(why))} (${id}, docs/gates.md)`;
        return [
          level(environment) === "mandatory"
            ? `${paint("yellow", "warning:")} ${text}`
            : paint("dim", `  note: ${text}`),
        ];
      });
    });
}
