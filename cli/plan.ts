import { resolve } from "node:path";
import { paint } from "../console/terminal.ts";
import { notValidated } from "../model/chart/chartSchema.ts";
import type { Plan, StackPlan } from "../model/plan/plan.ts";
import { plain } from "../model/plan/words.ts";
import { requireProject, requireStack, stackNames } from "../model/settings/project.ts";
import { channelCharts } from "../model/settings/stackCharts.ts";
import { oneLine } from "../model/text/printable.ts";
import { Refusal } from "../model/text/problems.ts";
import { today } from "../model/text/today.ts";
import { checkOut, folderInRepository } from "./gitTree.ts";
import { planPage } from "./page/page.ts";
import type { StackPage } from "./page/rows.ts";
import { hasProgram, lendPackages, prepareBase } from "./plan/baseProgram.ts";
import { compareStack, type Trees } from "./plan/compareStack.ts";
import { planExitCode } from "./plan/exitCode.ts";
import type { PlanFormat } from "./plan/formats.ts";
import { gatekeeper } from "./plan/gatekeeper.ts";
import { headlineOf } from "./plan/phrases.ts";
import { printers } from "./plan/printers.ts";
import { changedRuling, noRuling } from "./plan/ruling.ts";
import { reportOf } from "./report.ts";
import { stacksOf } from "./stacks.ts";
import { waiverStacks } from "./waivers.ts";
import { requireOut, writeOut } from "./writeOut.ts";

export interface PlanOptions {
  /** A git ref. */
  readonly base: string;
  /** Stacks to tell of; all that either side has where it is left out. */
  readonly stack?: readonly string[];
  readonly format: PlanFormat;
  /** The file that it is written to; it is printed where this is left out. */
  readonly out?: string;
  /** A file for the page beside that. */
  readonly page?: string;
  readonly cwd: string;
}

/**
 * Prints what the working tree does to what a git ref has: to whom, at what cost and risk. No account is used and no cloud is
 * asked: the base is deployed on the sandbox's engine in memory, and the working tree previewed over it.
 *
 * @throws Refusal where the folder is no project, git does not know the ref, or a file cannot be written.
 */
export async function plan({ base: ref, stack: wanted = [], format, out, page, cwd }: PlanOptions): Promise<void> {
  const root = resolve(cwd);
  requireProject(root);
  for (const file of [out, page]) if (file !== undefined) requireOut(file);
  if (out !== undefined && page !== undefined && resolve(out) === resolve(page))
    throw new Refusal(`--out and --page are one file, ${oneLine(out)}: name two`);
  const tree = checkOut(root, ref);
  let takeBack = () => {};
  try {
    takeBack = lendPackages(root);
    const all = [
      ...new Set([...stackNames(tree.root), ...stacksOf(root), ...[tree.root, root].flatMap(waiverStacks)]),
    ].sort();
    for (const stack of wanted) requireStack(stack, all);
    const program = prepareBase(tree.root, root);
    // Loaded here, for the SDK takes a second to load.
    const { embeddedEngine } = await import("./plan/embeddedEngine.ts");
    const engine = embeddedEngine(program);
    const trees = { base: tree.root, head: root, deleted: tree.deleted, sameProgram: program.files.length === 0 };
    const ruling = hasProgram(tree.root) ? changedRuling(tree.root, root, folderInRepository(root)) : noRuling;
    const keeper = await gatekeeper(tree.root, ruling, today());
    const stacks: StackPlan[] = [];
    // One after the other: each takes all processors.
    for (const stack of wanted.length === 0 ? all : wanted)
      stacks.push(await compareStack(trees, stack, engine, keeper));
    const { files, ownPackages } = program;
    const told: Plan = { base: ref, program: { files, ownPackages, ruling: ruling.files }, stacks };
    const drawn = () => planPage(told, pagesOf(told, trees));
    const text = format === "html" ? drawn() : printers[format](told);
    if (page !== undefined) writeOut(page, drawn());
    if (out === undefined) console.log(text);
    else {
      writeOut(out, text);
      console.log(`${oneLine(plain(headlineOf(told)))}\nThe plan is in ${oneLine(out)}.`);
    }
    const note = notValidated(
      root,
      stackNames(root).flatMap((stack) => channelCharts(root, stack)),
    );
    if (note !== undefined) console.error(paint("dim", `note: ${note}`, process.stderr));
    process.exitCode = planExitCode(stacks);
  } finally {
    takeBack();
    tree.remove();
  }
}

/** What a page shows of each stack beside the plan: what it is, before and after. */
function pagesOf({ stacks }: Plan, { base, head }: Pick<Trees, "base" | "head">): StackPage[] {
  return stacks.map((plan) => ({
    plan,
    report: reportOf(head, plan.stack, base),
    ...(stackNames(base).includes(plan.stack) && { before: reportOf(base, plan.stack) }),
  }));
}
