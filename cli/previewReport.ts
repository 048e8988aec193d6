import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { plain } from "../model/plan/words.ts";
import { oneLine } from "../model/text/printable.ts";
import { Refusal } from "../model/text/problems.ts";
import { planExitCode } from "./plan/exitCode.ts";
import { headlineOf } from "./plan/phrases.ts";
import { previewOf, selectedStack } from "./plan/realEngine.ts";
import { type PlanFormat, planFormats, printers } from "./plan.ts";
import { takeOptions } from "./pulumiCli.ts";

/**
 * Prints what a deployment by the real engine would do, in the words of `tenants plan`; the exit code is that of such a plan.
 *
 * @param args what stands after `npm run preview --`
 * @throws Refusal where the format is none, or the CLI cannot be asked.
 */
export async function previewReport(args: readonly string[], root: string): Promise<void> {
  const { options, rest } = takeOptions(
    args,
    { "--report": "report", "--out": "out", "--stack": "stack", "-s": "stack" },
    { "--refresh": "refresh", "-r": "refresh" },
  );
  const [format, out] = [formatOf(options.get("report") ?? ""), options.get("out")];
  if (out === "" || out?.startsWith("-")) throw new Refusal("--out needs a file, such as --out preview.md");
  const stack = options.get("stack") ?? (await selectedStack({ root }));
  const refresh = (options.get("refresh") ?? "false") !== "false";
  const { plan } = await previewOf(stack, { root, args: rest, refresh });
  const printed = printers[format](plan);
  if (out === undefined) console.log(printed);
  else {
    writeFileSync(resolve(root, out), `${printed}\n`);
    console.log(`${oneLine(plain(headlineOf(plan)))}\nThe report is in ${out}.`);
  }
  process.exitCode = planExitCode(plan.stacks);
}

function formatOf(word: string): PlanFormat {
  const format = planFormats.find((one) => one === word);
  if (format !== undefined) return format;
  const asked = word === "" || word.startsWith("-") ? "--report needs a format" : `no format '${oneLine(word)}'`;
  throw new Refusal(`${asked}: ${planFormats.join(", ")}`);
}
