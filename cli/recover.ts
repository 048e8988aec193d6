import { resolve } from "node:path";
import { newCommand, runCommand, runProgram, withCommonOptions } from "../console/commands.ts";
import { guardName } from "../model/deploy/namespace.ts";
import { providerUrn } from "../model/deploy/tenantUrns.ts";
import type { StateRecord } from "../model/recovery/checkpoint.ts";
import { described, goneWith, isSameState, unaskedIn } from "../model/recovery/checkpoint.ts";
import { recoverCommand } from "../model/recovery/errors.ts";
import { aboutLock, endsLocks, recoveryOf } from "../model/recovery/findings.ts";
import { releaseId } from "../model/recovery/releases.ts";
import { type Action, type Finding, isRunning, type Situation } from "../model/recovery/situation.ts";
import { readInputs } from "../model/rules/inputs.ts";
import { readProject, stackOfFiles } from "../model/settings/project.ts";
import { settingsOfProject } from "../model/settings/settings.ts";
import { printable } from "../model/text/printable.ts";
import { isError, messageOf, Refusal } from "../model/text/problems.ts";
import { shellCommand } from "../model/text/shell.ts";
import { type Ask, terminal } from "./askWayIn.ts";
import { provideCharts } from "./chartStore.ts";
import { existingInAzure, inhabitedGroups, signedInSubscription } from "./recover/azure.ts";
import { StackOfEngine, type Taken } from "./recover/engine.ts";
import { existingOnHost, forgetRevision, type HostAccess, withHost } from "./recover/host.ts";
import { makeReadable } from "./recover/readable.ts";
import { rollBack } from "./recover/rollback.ts";
import { say, show } from "./recover/show.ts";
import { interruptible } from "./signals.ts";
import { requireStackOf } from "./stacks.ts";

interface Options {
  readonly stack: string;
  readonly cwd: string;
  readonly yes?: boolean;
  readonly cancelLock?: boolean;
  readonly clusterGone?: boolean;
  readonly rollback?: string;
}

/** What was looked at, and the means to do something about it. */
interface Look {
  readonly situation: Situation;
  readonly access: HostAccess;
  /** The state, as the CLI printed it. */
  readonly text: string;
  /** What a deployment would create, as far as that was asked. */
  readonly creations: readonly StateRecord[];
}

/** Puts a tenant's release back, or finds what keeps a stack's next deployment from going on, and mends it. */
async function recover(options: Options): Promise<void> {
  const { stack, rollback: tenant } = options;
  const root = resolve(options.cwd);
  requireStackOf(root, stackOfFiles(stack));
  const asking = (signal: AbortSignal) => (options.yes ? undefined : terminal(signal));
  if (tenant !== undefined) {
    return interruptible(
      (signal) => rollBack({ ...options, root, tenant, confirm: confirmBy(options, asking(signal)) }),
      `stopped: where Helm had begun, it may have stopped halfway: ${recoverCommand(stack)}`,
    );
  }
  // Without its chart no preview says what is there already. The rest can be mended all the same.
  await provideCharts(root, stackOfFiles(stack)).catch((error: unknown) =>
    console.error(`warning: ${messageOf(error)}`),
  );
  await interruptible(
    (signal) => mendAll(options, root, asking(signal), signal),
    "stopped: what stands after 'done' is done, and 'npm run recover' goes on from there",
  );
}

/** Finds what keeps a stack's next deployment from going on, shows it, asks, and mends it. */
async function mendAll(options: Options, root: string, ask: Ask | undefined, signal: AbortSignal): Promise<void> {
  const engine = new StackOfEngine(root, options.stack);
  await makeReadable(engine, options, { confirm: confirmBy(options, ask), signal });
  let done = "";
  for (;;) {
    signal.throwIfAborted();
    const plan = await withLook(engine, root, options, (looked) => {
      // What was cut off while it was asked has said nothing.
      signal.throwIfAborted();
      return mend(looked, engine, { options, ask, done });
    });
    if (plan === undefined) return;
    done = plan;
  }
}

/**
 * Shows what was found, asks, and mends it.
 *
 * @param done what was done the last time: it is not done twice
 * @returns what was done; undefined where there is nothing to do any more
 * @throws Refusal where something is left that only the reader can do
 */
async function mend(
  looked: Look,
  engine: StackOfEngine,
  { options, ask, done }: { readonly options: Options; readonly ask: Ask | undefined; readonly done: string },
): Promise<string | undefined> {
  const { stack } = options;
  const all = findingsOf(looked);
  const findings = looked.situation.locks.some(isRunning) ? all.filter(({ about }) => about === aboutLock) : all;
  show(stack, findings);
  const todo = findings.filter((one) => one.action !== undefined && isSettled(one, options, ask));
  const plan = todo.map(({ about, found }) => `${about}: ${found}`).join("\n");
  if (todo.length === 0 || plan === done) {
    const left = findings.filter(({ harmless }) => !harmless);
    if (left.length > 0) throw new Refusal(`${left.length} left: what stands at 'you' is for you to do`);
    const up = shellCommand(["npm", "run", "up", "--", "--stack", stack]);
    const isSeen = !findings.some(({ unseen }) => unseen);
    console.log(`Nothing ${isSeen ? "" : "that could be looked at "}keeps stack '${stack}' from going on: ${up}`);
    return undefined;
  }
  // Whoever holds a lock may be at any of it, and 'pulumi cancel' ends all of them.
  if (!endsLocks(findings, todo)) {
    throw new Refusal("the stack is locked: nothing else is done before that is settled");
  }
  await confirmBy(options, ask)(`Do what stands at 'will'? (yes to do it) `);
  // Whoever was asked may have thought about it for an hour.
  await engine.requireSame(looked.situation.state, looked.situation.locks);
  const actions = todo.flatMap(({ action }) => (action === undefined ? [] : [action]));
  await act(actions, engine, looked);
  return plan;
}

/** What was found, and where taking something over would not get on: the state lacks what that depends on. */
function findingsOf(looked: Look): Finding[] {
  const { situation } = looked;
  const findings = recoveryOf(situation);
  const records = findings.flatMap(({ action }) => (action?.do === "take-over" ? [action.record] : []));
  const placed = new Set(inOrder(records, looked).map(({ urn }) => urn));
  const pending = pendingIn(situation);
  return findings.map((finding): Finding => {
    const { action, about, found } = finding;
    if (action?.do !== "take-over" || placed.has(action.record.urn)) return finding;
    if (pending.has(action.record.urn)) {
      return { about, found, todo: "the mark is cleared, and then it is looked for", action: { do: "clear" } };
    }
    const todo =
      "the state lacks what it depends on: put one back that has it (docs/recovery.md), or npx pulumi import";
    return { about, found, todo };
  });
}

/** The URNs of what a run that was cut off was about to do. */
function pendingIn({ state }: Situation): Set<string> {
  return new Set((state.deployment.pending_operations ?? []).map(({ resource }) => resource.urn));
}

/** Whether something is done once it is confirmed: what is in doubt takes somebody at a terminal, or a flag. */
function isSettled({ action, doubt }: Finding, { cancelLock }: Options, ask: Ask | undefined): boolean {
  return doubt === undefined || ask !== undefined || (action?.do === "cancel-lock" && cancelLock === true);
}

/** @returns asks, and refuses where the answer is not yes, or there is nobody to ask */
function confirmBy({ yes }: Options, ask: Ask | undefined) {
  return async (question: string): Promise<void> => {
    if (yes) return;
    if (ask === undefined) throw new Refusal("nothing was done: there is no terminal to ask at; --yes does it without");
    if ((await ask(question)).trim().toLowerCase() !== "yes") throw new Refusal("nothing was done");
  };
}

/** Looks at a stack, and gives what it found to some work, for which the way to the cluster stays open. */
async function withLook<T>(
  engine: StackOfEngine,
  root: string,
  { stack, clusterGone = false }: Options,
  work: (looked: Look) => Promise<T>,
): Promise<T> {
  const project = readProject(root, stackOfFiles(stack));
  // A file with a mistake in it keeps nothing else from being mended.
  const { settings, written = settings, tenants, problems } = readInputs(settingsOfProject(project));
  const wrong = problems.filter(isError).length;
  const { text, state } = await engine.export();
  const isOnAzure = written?.existingCluster === undefined;
  const subscriptionId =
    project.config["azure-native:subscriptionId"] ||
    process.env.ARM_SUBSCRIPTION_ID ||
    subscriptionIn(state.deployment) ||
    (isOnAzure ? await signedInSubscription() : undefined);
  const inState = (state.deployment.resources ?? []).flatMap(({ type, id }) =>
    type === "kubernetes:core/v1:Namespace" && id !== undefined ? [id] : [],
  );
  const namespaces = new Set([...tenants.map(({ namespace }) => namespace), ...inState]);
  const guard = guardName(project.name, project.stack);
  return withHost({ root, settings: written, state, namespaces, guard }, async (access) => {
    const locks = await engine.locks();
    const pending = state.deployment.pending_operations ?? [];
    const isForgotten = clusterGone && goneWith("cluster", state).size > 0;
    // What is pending is settled first: the preview would find it twice.
    const isFirst = locks.length > 0 || pending.length > 0 || unaskedIn(state).length > 0 || isForgotten;
    const { creations, errors } = isFirst || wrong > 0 ? { creations: [], errors: [] } : await engine.creations(state);
    const looked = [
      await existingOnHost(access, creations),
      ...(isOnAzure ? [await existingInAzure(creations, subscriptionId)] : []),
    ];
    const existing = looked.flatMap((one) => one.existing);
    const situation: Situation = {
      ...{ stack, now: new Date(), state, locks, host: access.host, clusterGone, existing, subscriptionId },
      wanted: new Set(tenants.map(releaseId)),
      previewErrors: errors,
      wrong,
      silences: looked.flatMap(({ silence }) => silence ?? []),
      inhabited: isOnAzure ? await inhabitedGroups(pending, subscriptionId) : new Set(),
    };
    return work({ situation, access, text, creations });
  });
}

/** The subscription of whatever the state has in one. */
function subscriptionIn({ resources = [] }: { readonly resources?: readonly StateRecord[] | undefined }) {
  return resources.flatMap(({ id = "" }) => /^\/subscriptions\/([^/]+)/.exec(id)?.[1] ?? [])[0];
}

async function act(actions: readonly Action[], engine: StackOfEngine, looked: Look): Promise<void> {
  const { text, situation, access } = looked;
  if (actions.some((action) => action.do === "cancel-lock")) {
    await engine.cancel();
    say(2, "done: the lock is gone");
    // Whoever held it may have written until now.
    if (!isSameState((await engine.export()).state, situation.state)) return;
  }
  for (const action of actions) {
    if (action.do !== "forget-revisions") continue;
    for (const revision of action.revisions) {
      await forgetRevision(access.flags ?? [], revision);
      say(2, `done: Helm has forgotten revision ${revision.revision} of ${revision.name}`);
    }
  }
  const records = actions.flatMap((action) => (action.do === "take-over" ? [action.record] : []));
  const takeOver = inOrder(records, looked);
  const forget = new Set(actions.flatMap((action) => (action.do === "forget-cluster" ? [...action.urns] : [])));
  const asked = actions.flatMap((action) => (action.do === "ask" ? [action.urn] : []));
  const uninstalled = actions.flatMap((action) => (action.do === "forget-revisions" ? (action.urn ?? []) : []));
  const pending = pendingIn(situation);
  const isChanged =
    asked.some((urn) => pending.has(urn)) ||
    actions.some(({ do: what }) => ["take-over", "forget-cluster", "clear"].includes(what));
  if (!isChanged && asked.length + uninstalled.length === 0) return;
  // Before anything is done to it, for this may be cut off, too.
  console.log(printable(`  The state as it is: ${engine.keep(text)}`));
  const { there, foreign } = isChanged ? await engine.operate(situation.state, { takeOver, forget }) : nothingTaken;
  const found = new Set([...there, ...(await engine.refresh([...asked, ...uninstalled]))]);
  const resources = new Map((situation.state.deployment.resources ?? []).map((one) => [one.urn, one]));
  for (const record of [
    ...takeOver.filter(({ custom }) => custom),
    ...asked.flatMap((urn) => resources.get(urn) ?? []),
  ]) {
    const others = foreign.get(record.urn);
    const isThere = asked.includes(record.urn) ? "is there" : "is taken over";
    const outcome = found.has(record.urn) ? isThere : "is not there: forgotten";
    const left = others && `is not this stack's, by ${others.join(", ")}: left alone`;
    say(2, `done: ${described(record)} ${left ?? outcome}`);
  }
  if (forget.size > 0) say(2, `done: the state has forgotten ${forget.size} resources`);
}

const nothingTaken: Taken = { there: new Set(), foreign: new Map() };

/**
 * What can be taken over: the state has, or gets before it, what it is in and depends on. Components that only the program knows
 * come along.
 */
function inOrder(records: readonly StateRecord[], { situation, creations }: Look): StateRecord[] {
  const known = new Set((situation.state.deployment.resources ?? []).map(({ urn }) => urn));
  const components = new Map(creations.flatMap((one) => (one.custom === true ? [] : [[one.urn, one] as const])));
  const ordered: StateRecord[] = [];
  const add = (record: StateRecord): boolean => {
    const { urn, parent, provider, dependencies = [] } = record;
    const needed = [parent, provider && providerUrn(provider), ...dependencies];
    const has = needed.every((one) => {
      const component = one === undefined ? undefined : components.get(one);
      return one === undefined || known.has(one) || (component !== undefined && add(component));
    });
    if (!has) return false;
    known.add(urn);
    ordered.push(record);
    return true;
  };
  for (const record of records) add(record);
  return ordered;
}

const program = newCommand("npm run recover --")
  .description(
    "Mends what an interrupted deployment by the real engine has left: it shows what it found and what it will do, and asks.",
  )
  .requiredOption("-s, --stack <name>", "the stack")
  .option("-y, --yes", "do what it shows without asking; what is in doubt is left")
  .option("--cancel-lock", "with --yes: end a lock of another machine, too; first see that no deployment runs there")
  .option("--cluster-gone", "the host cluster is no more: the state forgets it, and what was in it")
  .option("--rollback <tenant>", "put a tenant's release back to the revision before, where its data allow that")
  .action((options: Options) => runCommand(() => recover(options)));
await runProgram(withCommonOptions(program));
