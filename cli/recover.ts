import { resolve } from "node:path";
import { newCommand, runCommand, runProgram, withCommonOptions } from "../console/commands.ts";
import { columns, paint } from "../console/terminal.ts";
import type { StateRecord } from "../model/recovery/checkpoint.ts";
import { clusterIdIn, described, goneWith, unaskedIn } from "../model/recovery/checkpoint.ts";
import { type Action, endsLocks, type Finding, recoveryOf, type Situation } from "../model/recovery/findings.ts";
import { releaseId } from "../model/recovery/releases.ts";
import { loadInputs } from "../model/rules/inputs.ts";
import { readProject } from "../model/settings/project.ts";
import { settingsOfProject } from "../model/settings/settings.ts";
import { oneLine, printable } from "../model/text/printable.ts";
import { messageOf, Refusal } from "../model/text/problems.ts";
import { type Ask, terminal } from "./askWayIn.ts";
import { provideCharts } from "./chartStore.ts";
import { wrap } from "./plan/text.ts";
import { existingInAzure, signedInSubscription } from "./recover/azure.ts";
import { StackOfEngine } from "./recover/engine.ts";
import { askHost, existingOnHost, forgetRevision, type HostAccess } from "./recover/host.ts";
import { rollBack } from "./recover/rollback.ts";
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

/** Finds what keeps a stack's next deployment from going on, shows it, asks, and mends it. */
async function recover(options: Options): Promise<void> {
  const { stack } = options;
  const root = resolve(options.cwd);
  requireStackOf(root, stack);
  const ask = options.yes ? undefined : terminal();
  if (options.rollback !== undefined)
    return rollBack({ ...options, root, tenant: options.rollback, confirm: confirmBy(options, ask) });
  // Without its chart no preview says what is there already. The rest can be mended all the same.
  await provideCharts(root, stack).catch((error: unknown) => console.error(`warning: ${messageOf(error)}`));
  const engine = new StackOfEngine(root, stack);
  let done = "";
  for (;;) {
    const looked = await look(engine, root, options);
    const { situation } = looked;
    const findings = recoveryOf(situation);
    show(stack, findings);
    const todo = findings.filter((one) => one.action !== undefined && isSettled(one, options, ask));
    const plan = todo.map(({ about, found }) => `${about}: ${found}`).join("\n");
    if (todo.length === 0 || plan === done) {
      const left = findings.filter(({ harmless }) => !harmless);
      if (left.length > 0) throw new Refusal(`${left.length} left: what stands at 'you' is for you to do`);
      console.log(`Nothing keeps stack '${stack}' from going on: npm run up -- --stack ${stack}`);
      return;
    }
    // Whoever holds a lock may be at any of it, and 'pulumi cancel' ends all of them.
    if (!endsLocks(findings, todo)) {
      throw new Refusal("the stack is locked: nothing else is done before that is settled");
    }
    await confirmBy(options, ask)(`Do what stands at 'will'? (yes to do it) `);
    const actions = todo.flatMap(({ action }) => (action === undefined ? [] : [action]));
    await act(actions, engine, looked);
    done = plan;
  }
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

async function look(engine: StackOfEngine, root: string, { stack, clusterGone = false }: Options): Promise<Look> {
  const project = readProject(root, stack);
  const { settings, tenants } = loadInputs(settingsOfProject(project));
  const { text, state } = await engine.export();
  const clusterId = clusterIdIn(state);
  const subscriptionId =
    project.config["azure-native:subscriptionId"] ||
    process.env.ARM_SUBSCRIPTION_ID ||
    subscriptionIn(state.deployment) ||
    (settings.azure === undefined ? undefined : await signedInSubscription());
  const inState = (state.deployment.resources ?? []).flatMap(({ type, id }) =>
    type === "kubernetes:core/v1:Namespace" && id !== undefined ? [id] : [],
  );
  const namespaces = new Set([...tenants.map(({ namespace }) => namespace), ...inState]);
  const access = await askHost(root, settings, clusterId, namespaces);
  const locks = await engine.locks();
  const isPending = (state.deployment.pending_operations ?? []).length > 0 || unaskedIn(state).length > 0;
  const isForgotten = clusterGone && goneWith("cluster", state).size > 0;
  // What is pending is settled first: the preview would find it twice.
  const { creations, errors } =
    locks.length > 0 || isPending || isForgotten ? { creations: [], errors: [] } : await engine.creations(state);
  const existing = [
    ...(await existingOnHost(access, creations)),
    ...(settings.azure === undefined ? [] : await existingInAzure(creations, subscriptionId)),
  ];
  const situation: Situation = {
    ...{ stack, now: new Date(), state, locks, host: access.host, clusterGone, existing, subscriptionId },
    wanted: new Set(tenants.map(releaseId)),
    previewErrors: errors,
  };
  return { situation, access, text, creations };
}

/** The subscription of whatever the state has in one. */
function subscriptionIn({ resources = [] }: { readonly resources?: readonly StateRecord[] | undefined }) {
  return resources.flatMap(({ id = "" }) => /^\/subscriptions\/([^/]+)/.exec(id)?.[1] ?? [])[0];
}

function show(stack: string, findings: readonly Finding[]): void {
  if (findings.length === 0) return;
  console.log(paint("bold", `Stack '${stack}'`));
  // A run that is killed leaves a dozen of a kind.
  const alike = Map.groupBy(findings, ({ found, todo, doubt }) => JSON.stringify([found, todo, doubt]));
  for (const group of alike.values()) {
    const [first] = group;
    if (first === undefined) continue;
    const { found, todo, action, doubt } = first;
    say(2, `${group.map(({ about }) => about).join(", ")}: ${found}`);
    say(4, `${action === undefined ? "you: " : "will:"} ${todo}`);
    if (doubt !== undefined) say(4, `you:  ${doubt}`);
  }
}

function say(indent: number, text: string): void {
  const lines = wrap(oneLine(text), columns() - indent);
  for (const [i, line] of lines.entries()) console.log(`${" ".repeat(indent)}${i === 0 ? "" : "  "}${line}`);
}

async function act(actions: readonly Action[], engine: StackOfEngine, looked: Look): Promise<void> {
  const { text, situation, access } = looked;
  if (actions.some((action) => action.do === "cancel-lock")) {
    await engine.cancel();
    say(2, "done: the lock is gone");
    // Whoever held it may have written until now.
    if ((await engine.export()).text !== text) return;
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
  const isChanged = actions.some(({ do: what }) => ["take-over", "forget-cluster", "clear"].includes(what));
  if (!isChanged && asked.length + uninstalled.length === 0) return;
  // Before anything is done to it, for this may be cut off, too.
  console.log(printable(`  The state as it is: ${engine.keep(text)}`));
  const taken = isChanged ? await engine.operate(situation.state, { takeOver, forget }) : new Set<string>();
  const found = new Set([...taken, ...(await engine.refresh([...asked, ...uninstalled]))]);
  const resources = new Map((situation.state.deployment.resources ?? []).map((one) => [one.urn, one]));
  for (const record of [
    ...takeOver.filter(({ custom }) => custom),
    ...asked.flatMap((urn) => resources.get(urn) ?? []),
  ]) {
    say(2, `done: ${described(record)} ${found.has(record.urn) ? "is taken over" : "is not there: forgotten"}`);
  }
  if (forget.size > 0) say(2, `done: the state has forgotten ${forget.size} resources`);
}

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
    const needed = [parent, provider?.replace(/::[^:]*$/, ""), ...dependencies];
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
