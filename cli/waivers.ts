import { globSync } from "node:fs";
import { basename } from "node:path";
import { fileOfProject } from "../model/settings/project.ts";
import { oneLine } from "../model/text/printable.ts";
import type { Problem } from "../model/text/problems.ts";
import { today } from "../model/text/today.ts";
import { didYouMean } from "../model/text/validate.ts";
import { ruleIds } from "../policy/judge.ts";
import { readWaivers, waiverFile } from "../policy/waivers.ts";
import { stacksOf } from "./stacks.ts";

/** What is wrong with the waivers of a project: in each stack's file, and files that are no stack's. */
export function waiverProblems(root: string, stacks: readonly string[]): Problem[] {
  const known = { today: today(), rules: ruleIds };
  const own = stacks.flatMap(
    (stack) => readWaivers(waiverFile(stack), fileOfProject(root, waiverFile(stack)), known).problems,
  );
  return [...own, ...strayWaivers(root, stacks)];
}

/** Files of waivers that are no stack's: what stands in them waives nothing. */
export function strayWaivers(root: string, stacks: readonly string[]): Problem[] {
  const stray = globSync("waivers/*.{yaml,yml}", { cwd: root }).filter(
    (file) => !stacks.map(waiverFile).includes(file),
  );
  return stray.sort().map((file) => {
    const name = stackOfWaivers(file);
    const guess = didYouMean(name, stacks) || ";";
    const message = stacks.includes(name)
      ? `nothing here counts: the waivers of '${oneLine(name)}' stand in ${waiverFile(oneLine(name))}. Put these there, and remove this file`
      : `waivers of no stack: '${oneLine(name)}' is none${guess} name the file after a stack, <stack>.yaml, or remove it`;
    return { location: { file, line: 1, column: 1 }, message };
  });
}

/** Those of them that are named after a stack, which may be one that is gone, or never was. */
export function strayWaiversOf(root: string, stack: string, stacks = stacksOf(root)): Problem[] {
  return strayWaivers(root, stacks).filter(({ location }) => stackOfWaivers(location.file) === stack);
}

/** The stacks that files of waivers are named after. */
export function waiverStacks(root: string): string[] {
  return globSync("waivers/*.{yaml,yml}", { cwd: root }).map(stackOfWaivers);
}

function stackOfWaivers(file: string): string {
  return basename(file).replace(/\.ya?ml$/, "");
}
