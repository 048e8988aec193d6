import { columns, paint } from "../console/terminal.ts";
import type { Effect } from "../model/plan/beyond.ts";
import type { Step } from "../model/plan/steps.ts";
import { plain } from "../model/plan/words.ts";
import { stackOfFiles } from "../model/settings/project.ts";
import { printable } from "../model/text/printable.ts";
import { selectedStack } from "./askPulumi.ts";
import { planExitCode, planExitCodes, recoveryLines } from "./plan/exitCode.ts";
import { beyondLines, headlineOf } from "./plan/phrases.ts";
import { beyondPlan } from "./plan/planned.ts";
import { type Choice, lastDeployedCommit, previewOf } from "./plan/realEngine.ts";
import { planText } from "./plan/text.ts";
import { stackOption, takeOptions } from "./pulumiOptions.ts";

/** Options of `pulumi up` that `pulumi preview` does not have. */
const ofUpAlone = ["--yes", "--skip-preview", "--continue-on-error"];

/** The exit code where the real engine shows more than was planned. */
const beyondPlanCode = 4;

/** What the gates say of a deployment. */
export interface Gated {
  /** The exit code of a refusal, of which the reasons have been printed; undefined where the deployment may go on. */
  readonly refused?: number;
  /** The stack, as the CLI knows it. */
  readonly stack: string;
  /** What it will do. */
  readonly steps: readonly Step[];
  /** Whether what is there was made by another version of a provider. */
  readonly otherProviders: boolean;
  /** What they have looked at: it can be more than was chosen. Left out where nothing was chosen. */
  readonly what?: Choice["what"] | undefined;
}

/**
 * Asks the gates before a deployment, over a preview of the real engine: nothing has been done when they refuse.
 *
 * @param args what stands after `npm run up --`
 * @param choice the tenants that are deployed; all where it is left out
 * @param asPlanned true where nothing may be done that no plan of the merged commits shows
 * @param signal ends it: nothing is told of what was cut off
 * @throws Refusal where the CLI cannot be asked.
 */
export async function askGates(
  args: readonly string[],
  root: string,
  {
    asPlanned,
    choice,
    signal,
  }: { readonly asPlanned: boolean; readonly choice?: Choice | undefined; readonly signal?: AbortSignal },
): Promise<Gated> {
  const { rest } = takeOptions(args, ["--stack", ...ofUpAlone]);
  const stack = stackOption(args) ?? (await selectedStack({ root }));
  const { plan, steps, otherProviders, full } = await previewOf(stack, {
    root,
    args: rest,
    choice: choice && { ...choice, say: () => undefined },
  });
  signal?.throwIfAborted();
  const refuse = (code: number, why: string) => {
    console.log(planText(plan, { width: columns(), paint }));
    console.error(`${paint("red", "error:", process.stderr)} nothing was deployed: ${why}`);
    return { refused: code, stack, steps, otherProviders };
  };
  const code = planExitCode(plan.stacks);
  if (code === planExitCodes.needsWaiver) return refuse(code, "it needs a waiver (docs/gates.md)");
  if (code !== planExitCodes.ok) {
    return refuse(code, ["there is something to mend first", ...recoveryLines(plan.stacks, stack)].join("\n"));
  }
  if (asPlanned) {
    const since = await lastDeployedCommit(stack, { root });
    const more = await beyondPlan(root, stackOfFiles(stack), since, steps);
    signal?.throwIfAborted();
    if (more.length > 0) return refuse(beyondPlanCode, beyondPlanText(more, since));
  }
  console.log(printable(plain(headlineOf(plan))));
  return { stack, steps, otherProviders, what: full === undefined ? choice?.what : { full } };
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
