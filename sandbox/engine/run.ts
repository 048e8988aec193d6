import type { provider as pulumiProvider } from "@pulumi/pulumi";
import { describeStepError } from "../../console/errors.ts";
import { withdrawals } from "../../model/plan/passes.ts";
import type { Project } from "../../model/settings/project.ts";
import type { ResourceState, Snapshot, StateStore } from "./checkpoint.ts";
import { Deployment } from "./deployment.ts";
import { Hooks } from "./hooks.ts";
import { Monitor, type Severity } from "./monitor.ts";
import { type ProgramRunner, runAsChild } from "./program.ts";
import { Providers } from "./providers.ts";
import { isRebuilding, rebuilding, settlePending } from "./recovery.ts";
import { type Drifted, type Refreshed, refresh } from "./refresh.ts";
import { toldSteps } from "./toldSteps.ts";
import { type StepEvent, Terminated } from "./types.ts";
import { stackType } from "./urn.ts";
import type { Properties } from "./values.ts";

/** What a run does: shows what would be done, does it, deletes everything, or only takes over what has changed in the cloud. */
export type Command = "preview" | "up" | "destroy" | "refresh";

/** A part of a stack. */
export interface Only {
  /** The URNs of it: all else stays as it was, as with Pulumi's `--target`. */
  readonly targets?: ReadonlySet<string>;
  /** What tells the program so. */
  readonly environment: Readonly<Record<string, string>>;
}

export interface RunOptions {
  readonly command: Command;
  readonly project: Project;
  readonly state: StateStore;
  readonly providers: Readonly<Record<string, pulumiProvider.Provider>>;
  /** How the program is run; as a process of its own where it is left out. */
  readonly program?: ProgramRunner;
  /** Whether the state is gone, and the cloud may have what it described: that is taken over. */
  readonly lost?: boolean;
  /** Whether a preview or a deployment begins with what has changed in the cloud since the last one. */
  readonly refresh?: boolean;
  /** Whether nothing is kept of a refresh: it is a preview of one. */
  readonly previewOnly?: boolean;
  /** Whether `up` deploys what does not depend on a resource that failed, and withdraws what is not wanted any more. */
  readonly goOn?: boolean;
  /** What the run is about; everything where it is left out. */
  readonly only?: Only | undefined;
  /** Ends the run early: running steps end, no other begins. */
  readonly signal?: AbortSignal;
  readonly onStep?: (event: StepEvent) => void;
  readonly onMessage?: (severity: Severity, message: string, urn: string) => void;
}

export interface RunResult {
  readonly ok: boolean;
  /** Every step that ended well, in that order. */
  readonly steps: readonly StepEvent[];
  /** What a refresh has found. */
  readonly drift: readonly Drifted[];
  /** The URNs of what failed or waited in vain for that, and of the components that it is in. */
  readonly left: readonly string[];
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
  const begun = { ...read, pending: [...read.pending, ...mark] };
  const asked = new Providers(providers);
  const settled = await settlePending(begun, asked, onWarning).catch(fail);
  const refreshed = settled && (await begin(options, settled, asked).catch(fail));
  const outputsOf = (resources: readonly ResourceState[]) =>
    resources.find(({ type }) => type === stackType)?.outputs ?? {};
  const endedEarly = (ok: boolean, { resources }: Snapshot, drift: readonly Drifted[] = []): RunResult => ({
    ...{ ok, steps, outputs: outputsOf(resources), resources, messages, drift, left: [] },
  });
  // What is not settled stays pending: it cannot be gone on from there.
  if (refreshed === undefined) return endedEarly(false, read);
  const { snapshot: old, drift } = refreshed;
  if (command === "refresh") return endedEarly(true, old, drift);
  const hooks = new Hooks();
  const deployment = new Deployment({
    ...{ stack: project.stack, project: project.name, dryRun: command === "preview", old, providers, hooks },
    goOn: command === "up" && options.goOn === true,
    targets: options.only?.targets,
    save: (current) => state.write(() => ({ ...current(), unfinished: true })),
    onStep: (event) => {
      if (event.kind === "end") steps.push(event);
      options.onStep?.(event);
    },
    onError: (message, urn) => onMessage("error", message, urn),
    onWarning,
  });
  options.signal?.addEventListener("abort", () => deployment.interrupt());
  if (options.signal?.aborted) deployment.interrupt();

  let ended = true;
  let left = deployment.left;
  if (command === "destroy") {
    deployment.refuseProtected();
    await deployment.delete(deployment.unregistered);
  } else {
    const session = { ...options, hooks, deployment, onMessage };
    ended = await runProgram(session, async () => {
      if (!deployment.failed) await deployment.deleteUnwanted();
    });
    if (!ended && deployment.failed && !deployment.ending) left = await withdraw(session);
  }
  let ok = ended && !deployment.failed;
  if (ok) deployment.rebuilt();
  try {
    await deployment.applyStackOutputs(ok);
    // Nothing is left to be written when the run has ended, whatever failed in it.
    const unfinished = !ok;
    if (command !== "preview")
      await state.write(() => ({ ...deployment.snapshot(), ...(unfinished && { unfinished }) }));
  } catch (error) {
    ok = false;
    if (!(error instanceof Terminated)) fail(error);
  }
  const { resources } = deployment.snapshot();
  return { ok, steps, outputs: outputsOf(resources), resources, messages, drift, left: [...left] };
}

/**
 * What a run begins with: the state, or where a refresh is asked for, what the cloud has of it, which is kept at once. Until a
 * deployment has ended well, what it took over is not what the program describes.
 */
async function begin({ command, ...options }: RunOptions, settled: Snapshot, providers: Providers): Promise<Refreshed> {
  if (command !== "refresh" && options.refresh !== true) return { snapshot: settled, drift: [] };
  const refreshed = await refresh(settled, providers);
  const kept = command !== "preview" && options.previewOnly !== true;
  if (kept) await options.state.write(() => ({ ...refreshed.snapshot, unfinished: true }));
  return refreshed;
}

/** One run of the program. */
interface Session extends Omit<RunOptions, "onMessage"> {
  readonly hooks: Hooks;
  readonly deployment: Deployment;
  readonly onMessage: (severity: Severity, message: string, urn: string) => void;
}

/** What Node.js and the SDK make of an error that nobody waits for, such as a call that was refused. */
const crash = /failed with an unhandled exception|unhandled rejection|error serializing property/;

/** What the SDK says of a resource of which the engine has said why it failed, and of outputs that are made of it. */
const echo = /\bfailed to register\b/;

/**
 * Runs the program. It is kept waiting at its end for what comes then, because hooks before a deletion are functions of it.
 *
 * @param atEnd is not called for a program that ended early: it looks short, and nothing may be deleted for that
 * @returns true where the program ended well
 */
async function runProgram(
  { command, project, program: runProgramOf = runAsChild, hooks, deployment, onMessage, only }: Session,
  atEnd: () => Promise<void>,
): Promise<boolean> {
  let errors = 0;
  const refused: string[] = [];
  const told = new Set<string>();
  const monitor = new Monitor({
    stack: project.stack,
    project: project.name,
    deployment,
    hooks,
    onLog: (severity, message, urn) => {
      if (severity === "debug" || (deployment.failed && echo.test(message))) return;
      if (severity === "error") errors++;
      // Of something that could not be made before, nothing can be asked.
      const cause = crash.test(message) ? refused.find((one) => message.includes(one)) : undefined;
      if (cause !== undefined && (told.has(cause) || deployment.failed)) return;
      if (cause !== undefined) told.add(cause);
      onMessage(severity, cause ?? message, urn);
    },
    onRefusedCall: (error) => refused.push(describeStepError(error)),
  });
  let registeredAll = false;
  void monitor.programEnded.then(async () => {
    registeredAll = true;
    await deployment.settled();
    await atEnd();
    monitor.release();
  });
  const onOutput = (line: string) => {
    // The cause has been told by then; what a program says that is cut off buries it.
    if (!deployment.failed) onMessage("info", line, "");
  };
  const code = await runProgramOf(project, monitor, command === "preview", onOutput, only?.environment);
  await deployment.settled();
  hooks.close();
  monitor.close();
  if (code !== 0 && errors === 0 && !deployment.failed) onMessage("error", `the program ended with code ${code}`, "");
  return code === 0 && registeredAll;
}

/**
 * Deletes what is not wanted any more after a run in which something failed, and takes from people what they are not to have any
 * more: access that was withdrawn or lowered, tenants that were removed. What was not registered then may have waited in vain for what
 * failed, so the program is asked once more, as for a preview, in which nothing fails: it must end well, or nothing is done.
 *
 * @returns the URNs of all that is left to be deployed, and of the components that it is in
 */
async function withdraw(session: Session): Promise<ReadonlySet<string>> {
  const { deployment, project, providers, hooks, only, onMessage } = session;
  const fail = (error: unknown) => onMessage("error", describeStepError(error), "");
  // What was made without an answer would be in the way of itself.
  const old = await settlePending(deployment.snapshot(), new Providers(providers), () => undefined).catch(fail);
  if (old === undefined) return deployment.left;
  const steps: StepEvent[] = [];
  const gone = new Set<string>();
  const wanted = new Deployment({
    ...{ stack: project.stack, project: project.name, dryRun: true, old, providers: unchecked(providers), hooks },
    targets: only?.targets,
    save: async () => undefined,
    onStep: (event) => event.kind === "end" && steps.push(event),
    onError: () => undefined,
    onWarning: () => undefined,
  });
  const done = new Set(old.resources.flatMap(({ urn }) => (deployment.has(urn) ? [urn] : [])));
  const waits = (urn: string) => !done.has(urn) && !deployment.left.has(urn);
  const quiet: Session = { ...session, command: "preview", deployment: wanted, onMessage: () => undefined };
  await runProgram(quiet, async () => {
    if (wanted.failed) return;
    const { deleted, updated } = withdrawals(toldSteps(steps, old.resources, wanted.snapshot().resources));
    for (const urn of [...wanted.unwanted.map(({ urn }) => urn), ...deleted.filter(waits)]) gone.add(urn);
    await deployment.delete(deployment.unregistered.filter(({ urn }) => gone.has(urn)));
    for (const urn of updated.filter(waits)) await deployment.makeUp(wanted.goalOf(urn));
  });
  if (wanted.failed && deployment.unregistered.length > 0) {
    const told = "what was removed, and access that is not given any more, stays until what failed is mended";
    onMessage("warning", `${told}: nothing tells what is wanted`, "");
  }
  const waiting = wanted.snapshot().resources.filter(({ urn }) => wanted.has(urn) && !done.has(urn));
  const staying = deployment.unregistered.filter(({ urn }) => gone.has(urn));
  return new Set([...deployment.left, ...[...waiting, ...staying].flatMap(({ urn }) => wanted.within(urn))]);
}

/** The providers, for a question about what is wanted: whether that can be made, as where it exists already, is another one. */
function unchecked(providers: RunOptions["providers"]): RunOptions["providers"] {
  return Object.fromEntries(
    Object.entries(providers).map(([name, provider]) => {
      const lenient = Object.create(provider) as typeof provider;
      lenient.check = async (urn, olds, news) => ({
        ...(await provider.check?.(urn, olds, news)),
        inputs: news,
        failures: [],
      });
      return [name, lenient];
    }),
  );
}
