import { columns, paint } from "../console/terminal.ts";
import { plain } from "../model/plan/words.ts";
import { printable } from "../model/text/printable.ts";
import { planExitCode, planExitCodes } from "./plan/exitCode.ts";
import { headlineOf } from "./plan/phrases.ts";
import { type Choice, previewOf, selectedStack } from "./plan/realEngine.ts";
import { planText } from "./plan/text.ts";
import { takeOptions } from "./pulumiCli.ts";

/** Options of `pulumi up` that `pulumi preview` does not have. */
const ofUpAlone = ["--yes", "-y", "--skip-preview", "-f", "--continue-on-error"];

/**
 * Asks the gates before a deployment, over a preview of the real engine: nothing has been done when they refuse.
 *
 * @param args what stands after `npm run up --`
 * @param choice the tenants that are deployed; all where it is left out
 * @returns the exit code of a refusal, with its reasons printed; undefined where the deployment may go on
 * @throws Refusal where the CLI cannot be asked.
 */
export async function refusedByGates(
  args: readonly string[],
  root: string,
  choice?: Choice,
): Promise<number | undefined> {
  const { options, rest } = takeOptions(
    args,
    { "--stack": "stack", "-s": "stack" },
    Object.fromEntries(ofUpAlone.map((name) => [name, name])),
  );
  const stack = options.get("stack") ?? (await selectedStack({ root }));
  const { plan } = await previewOf(stack, { root, args: rest, choice: choice && { ...choice, say: () => undefined } });
  const code = planExitCode(plan.stacks);
  if (code === planExitCodes.ok) {
    console.log(printable(plain(headlineOf(plan))));
    return undefined;
  }
  console.log(planText(plan, { width: columns(), paint }));
  const why =
    code === planExitCodes.needsWaiver ? "it needs a waiver (docs/gates.md)" : "there is something to mend first";
  console.error(`${paint("red", "error:", process.stderr)} nothing was deployed: ${why}`);
  return code;
}
