import { globSync } from "node:fs";
import { basename } from "node:path";
import { fileOfProject } from "../model/settings/project.ts";
import { oneLine } from "../model/text/printable.ts";
import type { Problem } from "../model/text/problems.ts";
import { today } from "../model/text/today.ts";
import { didYouMean } from "../model/text/validate.ts";
import { ruleIds } from "../policy/judge.ts";
import { readWaivers, waiverFile } from "../policy/waivers.ts";

/** What is wrong with the waivers of a project: in each stack's file, and files that are no stack's. */
export function waiverProblems(root: string, stacks: readonly string[]): Problem[] {
  const known = { today: today(), rules: ruleIds };
  const own = stacks.flatMap(
    (stack) => readWaivers(waiverFile(stack), fileOfProject(root, waiverFile(stack)), known).problems,
  );
  const stray = globSync("waivers/*.{yaml,yml}", { cwd: root }).filter(
    (file) => !stacks.map(waiverFile).includes(file),
  );
  return [
    ...own,
    ...stray.map((file) => {
      const name = basename(file).replace(/\.ya?ml$/, "");
      const guess = didYouMean(name, stacks) || ";";
      const message = `waivers of no stack: '${oneLine(name)}' is none${guess} name the file after a stack, <stack>.yaml, or remove it`;
      return { location: { file, line: 1, column: 1 }, message };
    }),
  ];
}
