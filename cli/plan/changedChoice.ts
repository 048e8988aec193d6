import { z } from "zod";
import { headOf } from "../../model/plan/changedHead.ts";
import { changedOnly, type LastState } from "../../model/plan/changedOnly.ts";
import { readProject, stackOfFiles } from "../../model/settings/project.ts";
import { type Answer, type AskOptions, askDeployed, type Deployed, mustSucceed } from "../askPulumi.ts";
import { partOption, tellsOfPart } from "../pulumiCli.ts";
import { optionsOf, optionsOfEnvironment } from "../pulumiOptions.ts";
import { readJson, stateSchema } from "./previewJson.ts";
import { type Choice, historySchema } from "./realEngine.ts";

/** Options of the CLI that make a run about something else than files. */
const others = /^--(replace|refresh|run-program|config|config-file|config-path|override-env|import-file|plan|cwd)$/;

/** How the real engine is asked what may differ. */
export interface ChoiceOptions extends AskOptions {
  /** The caller's own options of the CLI. */
  readonly args?: readonly string[];
  /** What is deployed, where that has been asked for already. */
  readonly asked?: Promise<Deployed>;
}

/**
 * Asks the real engine what is deployed, and finds out which tenants may differ from that. Nothing is changed.
 *
 * @param stack the stack, as the CLI knows it
 * @param say prints which tenants, or why it is all
 * @throws Refusal where the CLI cannot be asked.
 */
export async function chooseChanged(stack: string, options: ChoiceOptions, say: Choice["say"]): Promise<Choice> {
  const { root, args = [], asked = askDeployed(stack, options), environment } = options;
  const given = [...optionsOf(args), ...optionsOfEnvironment({ ...process.env, ...environment })];
  const other = partOption(args) ?? given.find(({ name }) => others.test(name))?.written;
  const readHead = async () => (other === undefined ? headOf(readProject(root, stackOfFiles(stack))) : undefined);
  // While the CLI starts, which takes it as long.
  const [[exported, history], head] = await Promise.all([asked, readHead()]);
  const what: Choice["what"] =
    head === undefined ? { full: `${other} is given` } : changedOnly(lastState(mustSucceed(exported), history), head);
  return { exported, what, say };
}

const exportSchema = z.object({
  deployment: z.object({
    manifest: z.object({ time: z.string() }).partial().default({}),
    resources: z.array(stateSchema).default([]),
    pending_operations: z.array(z.unknown()).nullish(),
  }),
});

/** Milliseconds by which a state may be younger than the end of the run that wrote it: the history knows seconds. */
const tolerance = 2000;

/** What is deployed, and why that is not what a deployment that ended well has left. */
function lastState(exported: Answer, history: Answer): LastState {
  const { deployment } = readJson(exportSchema, exported.stdout, exported.command);
  const { manifest, resources, pending_operations: pending } = deployment;
  const trouble =
    (pending ?? []).length > 0
      ? "it is not known how a run that was cut off has ended"
      : resources.length === 0
        ? undefined
        : troubleIn(history, manifest.time);
  return { resources, trouble };
}

function troubleIn({ code, stdout }: Answer, written = ""): string | undefined {
  const last = code === 0 ? historySchema.safeParse(parse(stdout)).data?.[0] : undefined;
  if (last === undefined) return "nothing tells how the last deployment ended";
  if (last.kind !== "update") return `the last run was no deployment (${last.kind})`;
  if (last.result !== "succeeded") return "the last deployment did not end well";
  // What was not wanted is deleted after a deployment that failed; or somebody has chosen what is deployed.
  if (tellsOfPart(last.message)) return "the last run did only a part of a deployment";
  const since = Date.parse(written) - Date.parse(last.endTime ?? "");
  return since <= tolerance ? undefined : "the state was changed since the last deployment";
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text.slice(Math.max(0, text.search(/^\[/m))));
  } catch {
    return undefined;
  }
}
