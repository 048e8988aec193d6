import { resolve } from "node:path";
import { plain } from "../model/plan/words.ts";
import { oneLine } from "../model/text/printable.ts";
import { Refusal } from "../model/text/problems.ts";
import { selectedStack } from "./askPulumi.ts";
import { chooseChanged } from "./plan/changedChoice.ts";
import { planExitCode, recoveryLines } from "./plan/exitCode.ts";
import { type TextFormat, textFormats } from "./plan/formats.ts";
import { headlineOf } from "./plan/phrases.ts";
import { printers } from "./plan/printers.ts";
import { previewOf } from "./plan/realEngine.ts";
import { stackOption, takeOptions } from "./pulumiOptions.ts";
import { writeOut } from "./writeOut.ts";

/** A report that is asked for. */
export interface ReportOptions {
  readonly format: TextFormat;
  /** A file to write it to, from the project's folder; it is printed where it is left out. */
  readonly out: string | undefined;
  /** The stack, as the CLI knows it; the one that it has selected where it is left out. */
  readonly stack: string | undefined;
  /** True where the cloud is asked for drift, too. */
  readonly refresh: boolean;
  /** True where only tenants that may differ are registered. */
  readonly changed: boolean;
  /** Options for the CLI's own preview. */
  readonly rest: readonly string[];
}

/**
 * Reads what stands after `npm run preview --` where a report is asked for.
 *
 * @throws Refusal where the format is none, or the file has no name.
 */
export function readReportOptions(args: readonly string[]): ReportOptions {
  const { options, rest } = takeOptions(args, ["--report", "--out", "--stack", "--refresh", "--changed"]);
  const [format, out, stack] = [formatOf(options.get("--report") ?? ""), options.get("--out"), stackOption(args)];
  if (out === "" || out?.startsWith("-")) throw new Refusal("--out needs a file, such as --out preview.md");
  const isSet = (name: string) => (options.get(name) ?? "false") !== "false";
  return { format, out, stack, refresh: isSet("--refresh"), changed: isSet("--changed"), rest };
}

/**
 * Prints what a deployment by the real engine would do, in the words of `tenants plan`; the exit code is 2 where it cannot be
 * deployed.
 *
 * @param signal ends it: nothing is told of what was cut off
 * @throws Refusal where the CLI cannot be asked.
 */
export async function previewReport(
  { format, out, refresh, changed, rest, ...given }: ReportOptions,
  root: string,
  signal?: AbortSignal,
): Promise<void> {
  const stack = given.stack ?? (await selectedStack({ root }));
  // Beside the report, which says the same either way.
  const say = (line: string) => console.error(line);
  const choice = changed
    ? await chooseChanged(stack, { root, args: [...rest, ...(refresh ? ["--refresh"] : [])] }, say)
    : undefined;
  const { plan } = await previewOf(stack, { root, args: rest, refresh, choice });
  signal?.throwIfAborted();
  const printed = printers[format](plan);
  if (out === undefined) console.log(printed);
  else {
    writeOut(resolve(root, out), `${printed}\n`);
    console.log(`${oneLine(plain(headlineOf(plan)))}\nThe report is in ${out}.`);
  }
  for (const line of recoveryLines(plan.stacks, stack)) say(line);
  process.exitCode = planExitCode(plan.stacks);
}

function formatOf(word: string): TextFormat {
  const format = textFormats.find((one) => one === word);
  if (format !== undefined) return format;
  const asked = word === "" || word.startsWith("-") ? "--report needs a format" : `no format '${oneLine(word)}'`;
  throw new Refusal(`${asked}: ${textFormats.join(", ")}`);
}
