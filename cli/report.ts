import { relative, resolve } from "node:path";
import type { StackReport } from "../model/report/report.ts";
import { stackReport } from "../model/report/stackReport.ts";
import { requireStack, sandboxFiles } from "../model/settings/project.ts";
import { today } from "../model/text/today.ts";
import { reportPage } from "./page/page.ts";
import { readSide } from "./plan/readSide.ts";
import { isRead, projectStacks, readStack, stacksOf } from "./stacks.ts";
import { writeOut } from "./writeOut.ts";

export interface ReportOptions {
  /** Stacks to tell of; all where it is left out. */
  readonly stack?: readonly string[];
  /** The file that is written, from where the command is called. */
  readonly out: string;
  readonly cwd: string;
}

/**
 * Writes a page about stacks: the host and who takes its room, each tenant with all that can be said of it, limits and
 * warnings. It says what the files say: nobody is asked, and what is deployed is not looked at.
 *
 * @throws Refusal where there is no such stack, or the file cannot be written.
 */
export async function report({ stack: wanted = [], out, cwd }: ReportOptions): Promise<void> {
  const root = resolve(cwd);
  const all = projectStacks(root);
  for (const stack of wanted) requireStack(stack, all);
  writeOut(out, reportPage((wanted.length === 0 ? all : wanted).map((stack) => reportOf(root, stack))));
  console.log(`${out}: open it in a browser; it needs nothing else`);
}

/**
 * Writes the page about a stack that the sandbox has deployed, beside what the sandbox keeps of it.
 *
 * @returns the file, from where the command is called
 */
export function writeStackReport(root: string, stack: string): string {
  const file = sandboxFiles(root, stack).report;
  writeOut(file, reportPage([reportOf(root, stack)]));
  return relative(process.cwd(), file);
}

/**
 * What is told of a stack of a project, as far as its files can be read.
 *
 * @param before the folder of the project before a change, where there is one
 */
export function reportOf(root: string, stack: string, before?: string): StackReport {
  const reading = readSide(root, stack);
  if (reading !== undefined) {
    const { side, errors } = reading;
    const old = before === undefined ? undefined : readSide(before, stack)?.side;
    return stackReport({ stack, side, before: old, errors, today: today() });
  }
  // A stack that is gone, or never was, lacks nothing.
  const missing = stacksOf(root).includes(stack) ? readStack(root, stack) : [];
  return stackReport({ stack, errors: isRead(missing) ? [] : missing, today: today() });
}
