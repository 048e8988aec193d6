import { columns, paint } from "../console/terminal.ts";
import type { Effect } from "../model/plan/beyond.ts";
import { plain } from "../model/plan/words.ts";
import { printable } from "../model/text/printable.ts";
import { planExitCode, planExitCodes } from "./plan/exitCode.ts";
import { beyondLines, headlineOf } from "./plan/phrases.ts";
import { beyondPlan } from "./plan/planned.ts";
import { lastDeployedCommit, previewOf, selectedStack } from "./plan/realEngine.ts";
import { planText } from "./plan/text.ts";
import { takeOptions } from "./pulumiCli.ts";

/** Options of `pulumi up` that `pulumi preview` does not have. */
const ofUpAlone = ["--yes", "-y", "--skip-preview", "-f", "--continue-on-error"];

/** The exit code where the real engine shows more than was planned. */
const beyondPlanCode = 4;

/**
 * Asks the gates before a deployment, over a preview of the real engine: nothing has been done when they refuse.
 *
 * @param args what stands after `npm run up --`
 * @param asPlanned true where nothing may be done that no plan of the merged commits shows
 * @returns the exit code of a refusal, with its reasons printed; undefined where the deployment may go on
 * @throws Refusal where the CLI cannot be asked.
 */
export async function refusedByGates(
  args: readonly string[],
  root: string,
  { asPlanned }: { readonly asPlanned: boolean },
): Promise<number | undefined> {
  const { options, rest } = takeOptions(
    args,
    { "--stack": "stack", "-s": "stack" },
    Object.fromEntries(ofUpAlone.map((name) => [name, name])),
  );
  const stack = options.get("stack") ?? (await selectedStack({ root }));
  const { plan, steps } = await previewOf(stack, { root, args: rest });
  const refuse = (code: number, why: string) => {
    console.log(planText(plan, { width: columns(), paint }));
    console.error(`${paint("red", "error:", process.stderr)} nothing was deployed: ${why}`);
    return code;
  };
  const code = planExitCode(plan.stacks);
  if (code === planExitCodes.needsWaiver) return refuse(code, "it needs a waiver (docs/gates.md)");
  if (code !== planExitCodes.ok) return refuse(code, "there is something to mend first");
  if (asPlanned) {
    const since = await lastDeployedCommit(stack, { root });
    const more = await beyondPlan(root, stack, since, steps);
    if (more.length > 0) return refuse(beyondPlanCode, beyondPlanText(more, since));
  }
  console.log(printable(plain(headlineOf(plan))));
  return undefined;
}

/** What a deployment does that nobody has approved, and what to do about it. */
function beyondPlanText(more: readonly Effect[], since: string | undefined): string {
  const reference = since === undefined ? "before the first deployment" : `since ${since.slice(0, 12)}`;
  const lines = beyondLines(more).map((words) => `  ${plain(words)}`);
  return printable(
    [
      `the real engine shows more than a plan of what was merged ${reference}:`,
      ...lines,
      "What is deployed is not what was merged. Look at the report above, then deploy it without --as-planned.",
    ].join("\n"),
  );
}
