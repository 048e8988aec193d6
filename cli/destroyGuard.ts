import { checkpointSchema, described, type StateRecord } from "../model/recovery/checkpoint.ts";
import { oneLine } from "../model/text/printable.ts";
import { Refusal } from "../model/text/problems.ts";
import { shellCommand } from "../model/text/shell.ts";
import { askPulumi, mustSucceed, selectedStack } from "./askPulumi.ts";
import { readJson } from "./plan/previewJson.ts";
import { stackOption, takeOptions } from "./pulumiOptions.ts";

/** Resources that are named; of more, there are only so many. */
const named = 8;

/** Options by which not all of a stack is destroyed, or nothing. Source: `pulumi destroy --help`. */
const choosing = ["--target", "--exclude", "--exclude-protected", "--preview-only"];

/**
 * Refuses to destroy a stack in which something is protected, before anything is done: the engine deletes what it may first, such
 * as everybody's roles, and fails then.
 *
 * @param args what stands after `npm run destroy --`
 * @throws Refusal naming what is protected
 */
export async function requireUnprotected(args: readonly string[], root: string): Promise<void> {
  // Whoever chooses what is deleted is told by the engine of what is protected among it.
  const choices = takeOptions(args, choosing).options.values();
  if ([...choices].some((value) => !/^(0|f|false)$/i.test(value))) return;
  const name = stackOption(args) ?? (await selectedStack({ root }));
  const { stdout, command } = mustSucceed(await askPulumi(["stack", "export", "--stack", name], { root }));
  const { resources = [] } = readJson(checkpointSchema, stdout, command).deployment;
  const kept = resources.filter(isKept);
  if (kept.length === 0) return;
  const first = kept.slice(0, named).map((one) => `  ${oneLine(described(one))}`);
  const more = kept.length > named ? [`  and ${kept.length - named} more`] : [];
  throw new Refusal(
    [
      `nothing was destroyed: ${kept.length} of the resources of stack '${name}' are protected`,
      ...first,
      ...more,
      "They go once its settings say so and that is deployed (a production stack says 'environment: development', too):",
      `  ${shellCommand(["npx", "pulumi", "config", "set", "protect", "false", "--stack", name])}`,
      `  ${shellCommand(["npm", "run", "up", "--", "--stack", name])}`,
    ].join("\n"),
  );
}

/** Protected, or with a hook that only the program can be asked by. */
function isKept({ protect, resourceHooks }: StateRecord): boolean {
  const hooks = resourceHooks as { readonly BeforeDelete?: readonly string[] } | undefined;
  return protect === true || (hooks?.BeforeDelete ?? []).length > 0;
}
