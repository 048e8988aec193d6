import { rmSync } from "node:fs";
import { narrowed } from "../console/changedRun.ts";
import { valuesChecks } from "../model/chart/chartSchema.ts";
import { type Clock, withPatience } from "../model/deploy/patience.ts";
import { headOf } from "../model/plan/changedHead.ts";
import { changedOnly, type LastState } from "../model/plan/changedOnly.ts";
import type { DriftStep } from "../model/plan/drift.ts";
import { readProject, type SandboxFiles, sandboxFiles } from "../model/settings/project.ts";
import { messageOf, Refusal } from "../model/text/problems.ts";
import { canI, type Place } from "./canI.ts";
import { readRequest } from "./cloud/apiResources.ts";
import { type Answer, isAks } from "./cloud/authorizer.ts";
import { CloudClock } from "./cloud/clock.ts";
import { Cloud, type Conditions } from "./cloud/cloud.ts";
import { findEntries, idOnTrust, withGroups } from "./cloud/entra.ts";
import { type Fault, Faults } from "./cloud/faults.ts";
import { settleLeft } from "./cloud/leftBehind.ts";
import { cloudProviders } from "./cloud/provider.ts";
import { insideDrift, mendInside } from "./cloud/releaseObjects.ts";
import { Checkpoint, type Snapshot } from "./engine/checkpoint.ts";
import { takenOver } from "./engine/recovery.ts";
import { type Command, type RunOptions, type RunResult, run } from "./engine/run.ts";
import { takeLock } from "./lock.ts";
import { isLost, leftOver, rebuilt, requireCloud, staying } from "./lostFiles.ts";

export interface SandboxOptions
  extends Pick<RunOptions, "program" | "signal" | "onStep" | "onMessage" | "refresh" | "previewOnly"> {
  readonly command: Command;
  /** The project's folder. */
  readonly root: string;
  readonly stack: string;
  /** How the cloud behaves; fair where it is left out. */
  readonly conditions?: Partial<Conditions>;
  /** What goes wrong with single steps. */
  readonly faults?: readonly Fault[];
  /** Whether only the tenants are registered that may differ from what is deployed; where that is not known, all are. */
  readonly changed?: boolean;
  /** Whether a deployment puts back what is inside releases. */
  readonly mend?: boolean;
  /** How fast time passes while a deployment waits; see {@link CloudClock}. */
  readonly speed?: number;
}

/** What a run on the sandbox did, and what it found in the cloud. */
export interface SandboxResult extends RunResult {
  /** What is inside releases, and not as their charts have rendered it; nothing where nobody has looked. */
  readonly inside: readonly DriftStep[];
}

/** The files of a stack below the project's root. */
export const stackFiles = sandboxFiles;

/**
 * Runs the project's unmodified program on the embedded engine and the simulated cloud. A deployment waits for Azure as
 * `npm run up` does, where that is all that is missing.
 *
 * @throws Refusal where the project or the stack's settings file cannot be read.
 */
export async function runSandbox(sandbox: SandboxOptions): Promise<SandboxResult> {
  const { command, root, stack, conditions, faults = [], speed, changed = false, mend = false, ...rest } = sandbox;
  // Where what is inside releases is put back, what they are deployed from is looked at, too.
  const callbacks = { ...rest, refresh: mend || rest.refresh === true };
  const project = readProject(root, stack);
  const files = stackFiles(root, stack);
  const keeps = command !== "preview" && rest.previewOnly !== true;
  const unlock = !keeps ? () => undefined : lockStack(files, stack);
  try {
    const cloud = new Cloud(files.cloud, conditions);
    const state = new Checkpoint(files.state, process.env.PULUMI_CONFIG_PASSPHRASE ?? "", {
      project: project.name,
      stack,
    });
    const lost = isLost(files, command, state, cloud);
    const settled = command === "up" ? await settleLeft(cloud) : [];
    const clock = new CloudClock(cloud, speed);
    const strikes = new Faults(faults, { cloud, clock, say: (text, urn) => callbacks.onMessage?.("info", text, urn) });
    const options: RunOptions = {
      command,
      project,
      state: { read: () => state.read(), write: (current) => strikes.write(() => state.write(current)) },
      lost,
      goOn: true,
      providers: cloudProviders(cloud, valuesChecks(root), strikes),
      ...callbacks,
    };
    const looks = command === "refresh" || callbacks.refresh;
    const inside = looks ? insideDrift(cloud, state.read().resources) : [];
    const all = callbacks.refresh ? { full: "--refresh is given" } : undefined;
    const what = changed ? (all ?? changedOnly(lastState(state.read(), lost), headOf(project))) : undefined;
    const say = (line: string) => callbacks.onMessage?.("info", line, "");
    const result = await narrowed(what, say, ({ targets, environment = {} }) => {
      const part = { ...options, ...(targets && { only: { targets: new Set(targets), environment } }) };
      return command === "up" ? deploy(part, clock) : run(part);
    });
    if (mend && command === "up" && result.ok) await mendInside(cloud, result.resources);
    const isDestroyed = command === "destroy" && result.ok;
    const left = isDestroyed ? leftOver(cloud, result) : [];
    const notes: RunResult["messages"] = [
      ...(lost && result.messages.some(({ message }) => message === takenOver)
        ? [{ severity: "warning", message: rebuilt(files, leftOver(cloud, result)), urn: "" } as const]
        : []),
      ...(left.length > 0 ? [{ severity: "warning", message: staying(files, left), urn: "" } as const] : []),
      ...settled.map((message) => ({ severity: "warning", message, urn: "" }) as const),
      ...onTrust(cloud),
      ...strikes.unmet.map(
        ({ text }) => ({ severity: "warning", message: `no step came for the fault ${text}`, urn: "" }) as const,
      ),
    ];
    for (const { severity, message } of notes) callbacks.onMessage?.(severity, message, "");
    // Its page tells of a stack that is there.
    if (isDestroyed) rmSync(left.length > 0 ? files.report : files.folder, { recursive: true, force: true });
    if (keeps && (!isDestroyed || left.length > 0)) await Promise.all([state.keep(), cloud.keep()]);
    return { ...result, inside, messages: [...result.messages, ...notes] };
  } finally {
    unlock();
  }
}

/** A state, and why nothing may be concluded from it. */
function lastState({ resources, pending, unfinished }: Snapshot, lost: boolean): LastState {
  const trouble = lost
    ? "the state is lost"
    : pending.length > 0
      ? "it is not known how a run that was cut off has ended"
      : unfinished === true
        ? "the last run was no deployment that ended well"
        : undefined;
  return { resources, trouble };
}

/** A line about what the simulated cloud cannot know, where there is such a thing. */
function onTrust({ takenOnTrust, foreign, reachedOnTrust }: Cloud): RunResult["messages"] {
  const listed = (names: ReadonlySet<string>) => [...names].sort().join(", ");
  const lines = [
    ...(takenOnTrust.size === 0 ? [] : [`for sandbox/directory.yaml does not list them: ${listed(takenOnTrust)}`]),
    ...(foreign.size === 0 ? [] : [`for another subscription has them: ${listed(foreign)}`]),
    ...(reachedOnTrust.size === 0
      ? []
      : [
          `that deployments reach the API server of ${listed(reachedOnTrust)}, which is not open to all (--from <address>)`,
        ]),
  ];
  if (lines.length === 0) return [];
  return [{ severity: "info", message: `taken on trust, ${lines.join("; and ")}`, urn: "" }];
}

/** Deploys as `npm run up` does: again, where Azure's delay is all that is in the way. The result is that of all attempts. */
async function deploy(options: RunOptions, clock: Clock): Promise<RunResult> {
  const attempts: RunResult[] = [];
  const say = (text: string) => options.onMessage?.("info", text, "");
  const attempt = async () => {
    const result = await run(options);
    attempts.push(result);
    const errors = result.messages.filter(({ severity }) => severity === "error");
    return { ...result, errors: errors.map(({ message }) => message) };
  };
  const last = await withPatience(attempt, { clock, say, signal: options.signal });
  const done = attempts.flatMap(({ steps }) => steps.filter(({ op }) => op !== "same"));
  const changed = new Set(done.map(({ urn }) => urn));
  // What was in the way of an attempt that was made again is no error of the deployment.
  const warnings = attempts.flatMap(({ messages }) => messages.filter(({ severity }) => severity !== "error"));
  const errors = last.messages.filter(({ severity }) => severity === "error");
  return {
    ...last,
    // Only the first attempt finds what has changed since the last deployment.
    drift: attempts[0]?.drift ?? [],
    messages: [...warnings, ...errors],
    steps: [...done, ...last.steps.filter(({ op, urn }) => op === "same" && !changed.has(urn))],
  };
}

/** Keeps a stack to one run at a time. Returns what ends that. */
export function lockStack({ lock }: SandboxFiles, stack: string): () => void {
  try {
    const unlock = takeLock(lock);
    if (unlock !== undefined) return unlock;
  } catch (error) {
    throw new Refusal(
      `stack '${stack}' cannot be locked by ${lock}: ${messageOf(error)}. Make room for it, or make its folder writable`,
    );
  }
  throw new Refusal(
    `another run of stack '${stack}' is under way on the sandbox: it holds ${lock}. Wait for its end, or stop it: a process that is gone holds nothing`,
  );
}

/** A question about somebody's rights. */
export interface RightsQuestion {
  /** A name of the sandbox's directory, or an object id; on a host without Entra ID `user:<name>` or `group:<name>`. */
  readonly who: string;
  readonly verb: string;
  readonly resource: string;
  readonly place: Place;
}

/**
 * What a stack that is deployed on the sandbox has in the cloud.
 *
 * @throws Refusal where it is not deployed.
 */
export function deployedCloud(root: string, stack: string): Cloud {
  readProject(root, stack);
  const files = stackFiles(root, stack);
  requireCloud(files, stack);
  return new Cloud(files.cloud);
}

/**
 * Says whether somebody could do something on a stack that is deployed on the sandbox, and why.
 *
 * @throws Refusal where the stack is not deployed, or there is no such person, tenant or question.
 */
export function askSandbox({
  root,
  stack,
  ...question
}: RightsQuestion & { readonly root: string; readonly stack: string }): Answer {
  return askCloud(deployedCloud(root, stack), question);
}

/**
 * The same of a cloud that has been read: for many questions.
 *
 * @throws Refusal where there is no such person, tenant or question.
 */
export function askCloud(cloud: Cloud, { who, verb, resource, place }: RightsQuestion): Answer {
  const request = readRequest(verb, resource);
  // A host without Entra ID knows people by their names, and a user and a group may have the same one.
  if (!isAks(cloud)) {
    const [, kind = "user", name = who] = /^(user|group):(.*)$/.exec(who) ?? [];
    const identity = { kind: kind === "group" ? "Group" : "User", id: name } as const;
    return canI(cloud, { name, identities: [identity] }, request, place);
  }
  const [entry, ...others] = findEntries(who);
  if (entry === undefined) {
    const identities = (["User", "Group"] as const).flatMap((kind) => {
      const id = idOnTrust(kind, who);
      return id === undefined ? [] : [{ kind, id }];
    });
    if (identities.length > 0) return canI(cloud, { name: who, identities }, request, place);
    throw new Refusal(`Entra ID does not know '${who}'. On the sandbox it knows those of sandbox/directory.yaml`);
  }
  if (others.length > 0) throw new Refusal(`Entra ID has more than one '${who}': ask for one of them by object id`);
  if (entry.enabled === false) return { allowed: false, why: `${who} cannot sign in: the account is closed` };
  const identities = withGroups(entry).map(
    ({ type, id }) => ({ kind: type === "Group" ? "Group" : "User", id }) as const,
  );
  return canI(cloud, { name: who, identities }, request, place);
}
