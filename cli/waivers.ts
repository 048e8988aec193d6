import { existsSync, globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { oneLine } from "../model/text/printable.ts";
import type { Problem } from "../model/text/problems.ts";
import { today } from "../model/text/today.ts";
import { didYouMean } from "../model/text/validate.ts";
import { ruleIds } from "../policy/judge.ts";
import { readWaivers, waiverFile } from "../policy/waivers.ts";

/** What a stack's file of waivers holds; undefined where there is none. */
export function waiverBytes(root: string, stack: string): Uint8Array | undefined {
  const path = join(root, waiverFile(stack));
  return existsSync(path) ? readFileSync(path) : undefined;
}

/** What is wrong with the waivers of a project: in each stack's file, and files that are no stack's. */
export function waiverProblems(root: string, stacks: readonly string[]): Problem[] {
  const known = { today: today(), rules: ruleIds };
  const own = stacks.flatMap((stack) => readWaivers(waiverFile(stack), waiverBytes(root, stack), known).problems);
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
