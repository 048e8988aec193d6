import type { provider as pulumiProvider } from "@pulumi/pulumi";
import { describeStepError } from "../../console/errors.ts";
import type { Project } from "../../model/settings/project.ts";
import type { ResourceState, StateStore } from "./checkpoint.ts";
import { Deployment } from "./deployment.ts";
import { Hooks } from "./hooks.ts";
import { Monitor, type Severity } from "./monitor.ts";
import { type ProgramRunner, runAsChild } from "./program.ts";
import { Providers } from "./providers.ts";
import { isRebuilding, rebuilding, settlePending } from "./recovery.ts";
import type { StepEvent } from "./types.ts";
import { stackType } from "./urn.ts";
import type { Properties } from "./values.ts";

/** What a run does: shows what would be done, does it, or deletes everything. */
export type Command = "preview" | "up" | "destroy";

export interface RunOptions {
  readonly command: Command;
  readonly project: Project;
  readonly state: StateStore;
  readonly providers: Readonly<Record<string, pulumiProvider.Provider>>;
  /** How the program is run; as a process of its own where it is left out. */
  readonly program?: ProgramRunner;
  /** Whether the state is gone, and the cloud may have what it described: that is taken over. */
  readonly lost?: boolean;
  /** Ends the run early: running steps end, no other begins. */
  readonly signal?: AbortSignal;
  readonly onStep?: (event: StepEvent) => void;
  readonly onMessage?: (severity: Severity, message: string, urn: string) => void;
}

export interface RunResult {
  readonly ok: boolean;
  /** Every step that ended well, in that order. */
  readonly steps: readonly StepEvent[];
  /** The stack's outputs after the run. */
  readonly outputs: Properties;
  readonly resources: readonly ResourceState[];
  /** Every error and warning that was shown. */
  readonly messages: readonly { readonly severity: Severity; readonly message: string; readonly urn: string }[];
}

/** Runs a command over a stack with the given providers. Never throws for a failing step: that is a result. */
export async function run(options: RunOptions): Promise<RunResult> {
  const { command, project, providers, state } = options;
  const steps: StepEvent[] = [];
  const messages: RunResult["messages"][number][] = [];
  const onMessage = (severity: Severity, message: string, urn: string) => {
    messages.push({ severity, message, urn });
    options.onMessage?.(severity, message, urn);
  };
  const onWarning = (message: string, urn: string) => onMessage("warning", message, urn);
  const fail = (error: unknown) => onMessage("error", describeStepError(error), "");
  const read = state.read();
  const mark = options.lost && !read.pending.some(isRebuilding) ? [rebuilding(project.stack, project.name)] : [];
  const left = { ...read, pending: [...read.pending, ...mark] };
  const old = await settlePending(left, new Providers(providers), onWarning).catch(fail);
  const outputsOf = (resources: readonly ResourceState[]) =>
    resources.find(({ type }) => type === stackType)?.outputs ?? {};
  // What is not settled stays pending: it cannot be gone on from there.
  if (old === undefined)
    return { ok: false, steps, outputs: outputsOf(read.resources), resources: read.resources, messages };
  const hooks = new Hooks();
  const deployment = new Deployment({
    stack: project.stack,
    project: project.name,
    dryRun: command === "preview",
    old,
    providers,
    hooks,
    save: (current) => state.write(current),
    onStep: (event) => {
      if (event.kind === "end") steps.push(event);
      options.onStep?.(event);
    },
    onError: (message, urn) => onMessage("error", message, urn),
    onWarning,
  });
  options.signal?.addEventListener("abort", () => deployment.interrupt());
  if (options.signal?.aborted) deployment.interrupt();

  if (command === "destroy") deployment.refuseProtected();
  const ended = command === "destroy" || (await runProgram(options, deployment, hooks, onMessage));
  if (command === "destroy" && !deployment.failed) await deployment.deleteUnregistered();
  let ok = ended && !deployment.failed;
  if (ok) deployment.rebuilt();
  try {
    await deployment.applyStackOutputs(ok);
    // Nothing is left to be written when the run has ended, whatever failed in it.
    if (command !== "preview") await state.write(() => deployment.snapshot());
  } catch (error) {
    ok = false;
    fail(error);
  }
  const { resources } = deployment.snapshot();
  return { ok, steps, outputs: outputsOf(resources), resources, messages };
}

/**
 * True where the program ended well: only then is anything deleted, for a program that stopped early looks short. It is
 * kept waiting for that, because hooks before a deletion are functions of it.
 */
async function runProgram(
  { command, project, program: runProgramOf = runAsChild }: RunOptions,
  deployment: Deployment,
  hooks: Hooks,
  onMessage: (severity: Severity, message: string, urn: string) => void,
): Promise<boolean> {
  let errors = 0;
  const monitor = new Monitor({
    stack: project.stack,
    project: project.name,
    deployment,
    hooks,
    onLog: (severity, message, urn) => {
      if (severity === "error") errors++;
      if (severity !== "debug") onMessage(severity, message, urn);
    },
  });
  let registeredAll = false;
  void monitor.programEnded.then(async () => {
    registeredAll = true;
    await deployment.settled();
    if (!deployment.failed) await deployment.deleteUnregistered();
    monitor.release();
  });
  const code = await runProgramOf(project, monitor, command === "preview", (line) => {
    // The cause has been told by then; what a program says that is cut off buries it.
    if (!deployment.failed) onMessage("info", line, "");
  });
  await deployment.settled();
  hooks.close();
  monitor.close();
  if (code !== 0 && errors === 0 && !deployment.failed) onMessage("error", `the program ended with code ${code}`, "");
  return code === 0 && registeredAll;
}
