import { z } from "zod";
import { narrowed } from "../../console/changedRun.ts";
import type { Changed, FullRun } from "../../model/plan/changedOnly.ts";
import type { FoundDrift } from "../../model/plan/drift.ts";
import type { Failure, Plan } from "../../model/plan/plan.ts";
import { stackPlan } from "../../model/plan/stackPlan.ts";
import type { Step } from "../../model/plan/steps.ts";
import type { Words } from "../../model/plan/words.ts";
import { gatesSchema } from "../../model/settings/gates.ts";
import { fileOfProject, readProject, stackOfFiles } from "../../model/settings/project.ts";
import { Refusal } from "../../model/text/problems.ts";
import { today } from "../../model/text/today.ts";
import { waiverFile } from "../../policy/waivers.ts";
import { type Answer, type AskOptions, askPulumi, mustSucceed } from "../askPulumi.ts";
import { committedFile } from "../gitTree.ts";
import { targetArguments, tellsOfPart } from "../pulumiCli.ts";
import { strayWaiversOf } from "../waivers.ts";
import { errorsIn, withWarnings } from "./compareStack.ts";
import { gate, ownGatekeeper } from "./gatekeeper.ts";
import { lastDeployment, readCheckpoint } from "./lastDeployment.ts";
import { type EnginePreview, type EngineState, placesOf, readDrift, readJson, readPreview } from "./previewJson.ts";
import { readSide } from "./readSide.ts";
import { driftInReleases } from "./stackReleases.ts";

/** How the real engine is asked for a preview. */
export interface PreviewOptions extends AskOptions {
  /** Further options of `pulumi preview`, such as `--config`. */
  readonly args?: readonly string[];
  /** True where the cloud is asked, too, what has changed there since the last deployment. */
  readonly refresh?: boolean;
  /** The tenants that may differ, where only those are to be registered. */
  readonly choice?: Choice | undefined;
}

/** What may differ from what is deployed. */
export interface Choice {
  /** What `pulumi stack export` has said. */
  readonly exported: Answer;
  readonly what: Changed | FullRun;
  /** Tells which of both it is. */
  readonly say: (line: string) => void;
}

/** What a deployment by the real engine would do. */
export interface RealPreview {
  /** The same value as that of `tenants plan`, of one stack, compared with what is deployed. */
  readonly plan: Plan;
  /** Every resource before and after; none where the preview has failed, for which the plan has the failure. */
  readonly steps: readonly Step[];
  /** See {@link EnginePreview.otherProviders}. */
  readonly otherProviders: boolean;
  /** Why it is about all tenants although changed ones alone were chosen: left out where it is about what was chosen. */
  readonly full?: string;
}

/** What a plan by the real engine is compared with. */
const base = "the last deployment";

/**
 * Asks the real engine what a deployment would do: `pulumi preview --json`, over what `pulumi stack export` has. Nothing is
 * changed.
 *
 * @param named the stack, as the CLI knows it
 * @throws Refusal where the CLI cannot be asked, such as of a stack that it does not know, or prints what cannot be read. A
 * program that refuses its files, or fails, is none: it is among the plan's failures.
 */
export async function previewOf(named: string, options: PreviewOptions): Promise<RealPreview> {
  const { root, args = [], refresh = false, choice } = options;
  const stack = stackOfFiles(named);
  // One after the other: each takes all processors, and those of a stack keep each other out.
  const resources =
    choice === undefined
      ? await deployedBy(named, options)
      : readCheckpoint(choice.exported.stdout, choice.exported.command);
  let full: string | undefined;
  const previewed = await narrowed(choice?.what, choice?.say ?? (() => undefined), (how) => {
    full = how.full;
    return askPulumi(
      ["preview", "--json", "--show-sames", ...args, ...targetArguments(how.targets), "--stack", named],
      {
        ...options,
        environment: { ...options.environment, ...how.environment },
      },
    );
  });
  // What says why on the error stream has no preview.
  if (!previewed.stdout.includes("{")) mustSucceed(previewed);
  const preview = readPreview(previewed.stdout, previewed.command);
  const failures = previewed.code === 0 ? [] : [failureOf(preview, previewed)];
  const drift = refresh ? await driftOf(named, resources, options) : undefined;
  const steps = failures.length === 0 ? preview.steps : undefined;
  const config = preview.config ?? readProject(root, stack).config;
  const now = readSide(root, stack, config)?.side;
  const { side: before, notes } = lastDeployment(resources, { root, stack, config, now });
  const told = stackPlan({
    stack,
    ...(before && { before }),
    ...(now && { after: withWarnings(now, preview.said) }),
    ...(steps && { steps }),
    ...(drift && { drift: drift.found }),
    failures,
    notes: [...notes, ...(drift?.notes ?? [])],
  });
  // What is merged is what counts: its limits, and its waivers.
  // The engine has it, though its settings may stand nowhere here.
  const stray = strayWaiversOf(root, stack, [stack]);
  const gated = gate(ownGatekeeper(today()), told, {
    before,
    after: now,
    steps,
    limits: now?.settings?.gates ?? gatesSchema.parse({}),
    waivers: {
      counting: committedFile(root, waiverFile(stack)),
      written: fileOfProject(root, waiverFile(stack)),
      stray: { before: stray, after: stray },
    },
  });
  return {
    plan: { base, engine: "pulumi", program: { files: [], ownPackages: false, ruling: [] }, stacks: [gated] },
    steps: steps ?? [],
    otherProviders: preview.otherProviders,
    ...(full !== undefined && { full }),
  };
}

/** What the cloud has otherwise than the state: what the engine knows of, and what is inside releases. */
async function driftOf(
  stack: string,
  resources: readonly EngineState[],
  options: AskOptions,
): Promise<{ readonly found: FoundDrift; readonly notes: readonly Words[] }> {
  const { stdout, command } = mustSucceed(
    await askPulumi(["refresh", "--preview-only", "--json", "--stack", stack], options),
  );
  const steps = readDrift(stdout, command);
  const gone = new Set(
    steps.flatMap(({ op, before }) => (op === "delete" && before !== undefined ? [before.urn] : [])),
  );
  const { objects, releases, notes } = await driftInReleases(resources, options, gone);
  const mend = `npm run up -- --stack ${stack} --mend`;
  return {
    found: {
      steps: [...steps, ...[...releases, ...objects].map(({ step }) => step)],
      deployed: placesOf(resources),
      mend,
    },
    notes,
  };
}

/**
 * What the state of a stack has.
 *
 * @throws Refusal where the CLI cannot be asked.
 */
export async function deployedBy(stack: string, options: AskOptions): Promise<EngineState[]> {
  const exported = mustSucceed(await askPulumi(["stack", "export", "--stack", stack], options));
  return readCheckpoint(exported.stdout, exported.command);
}

/** A stack's history, the last run first. Previews leave no entry, and a run that was killed neither. */
export const historySchema = z.array(
  z.object({
    kind: z.string(),
    result: z.string().default(""),
    message: z.string().default(""),
    endTime: z.string().optional(),
    environment: z.record(z.string(), z.string()).default({}),
  }),
);

/** Deployments that are looked through, from the last one, for one that went well. */
const lookedThrough = 200;

/**
 * The commit of the last deployment that went well; undefined where there has been none since the stack was empty.
 *
 * @throws Refusal where the CLI cannot be asked, or the deployment was made from no repository.
 */
export async function lastDeployedCommit(stack: string, options: AskOptions): Promise<string | undefined> {
  const history = ["stack", "history", "--json", "--page-size", String(lookedThrough), "--stack", stack];
  const { stdout, command } = mustSucceed(await askPulumi(history, options));
  const last = readJson(historySchema, stdout, command).find(
    ({ kind, result, message }) =>
      result === "succeeded" && !tellsOfPart(message) && (kind === "update" || kind === "destroy"),
  );
  if (last === undefined || last.kind === "destroy") return undefined;
  const commit = last.environment["git.head"];
  if (commit !== undefined) return commit;
  throw new Refusal(
    "the last deployment was made outside of a Git repository: nothing says which changes were merged since. Deploy once without --as-planned",
  );
}

/** Why a preview has failed, in the program's words, or those of the engine. */
function failureOf({ said }: EnginePreview, { command, code, stderr }: Answer): Failure {
  const problems = errorsIn(said);
  const silent = [{ message: `'${command}' ended with ${code}: ${stderr.trim() || "it did not say why"}` }];
  return { side: "head", problems: problems.length > 0 ? problems : silent };
}
