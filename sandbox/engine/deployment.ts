import type { ResourceState, Snapshot } from "./checkpoint.ts";
import { Course } from "./course.ts";
import { DefaultProviders } from "./defaultProviders.ts";
import { deletionOrder, dependenciesOf } from "./deletionOrder.ts";
import { Providers } from "./providers.ts";
import { findInCloud, isRebuilding, takenOver } from "./recovery.ts";
import { describeResource } from "./resourceState.ts";
import { RunState } from "./runState.ts";
import { protectedFromDeletion, Steps } from "./steps.ts";
import { Targets } from "./targets.ts";
import { type DeploymentOptions, type Goal, type Registered, StepError } from "./types.ts";
import {
  makeUrn,
  packageOf,
  parseProviderReference,
  parseUrn,
  providerType,
  stackReferenceType,
  stackType,
} from "./urn.ts";
import { hasUnknown, keepOld, openSecrets, type Properties, type Value } from "./values.ts";

/** One run over a stack: compares what the program registers with the state, and calls the providers for the rest. */
export class Deployment {
  readonly #options: DeploymentOptions;
  readonly #providers: Providers;
  readonly #state: RunState;
  readonly #steps: Steps;
  /** What the program asked for, by URN; undefined for what the engine itself makes. */
  readonly #seen = new Map<string, Goal | undefined>();
  readonly #targets: Targets;
  readonly #defaultProviders: DefaultProviders;
  readonly #course: Course;
  #stackOutputs: Properties | undefined;

  constructor(given: DeploymentOptions) {
    const options: DeploymentOptions = {
      ...given,
      save: (current) => given.save(current).catch((error: unknown) => this.#course.endUnwritten(error)),
      onStep: (event) => {
        const oldUrn = this.oldName(event.urn);
        given.onStep({ ...event, ...(oldUrn !== undefined && { oldUrn }) });
      },
    };
    this.#options = options;
    this.#providers = new Providers(options.providers);
    this.#state = new RunState(options);
    const within = (urn: string, parent: string | undefined) => this.within(urn, parent);
    this.#course = new Course({ ...options, within, commit: () => this.#state.commit() });
    this.#targets = new Targets(options, this.#state);
    this.#steps = new Steps(options, this.#providers, this.#state);
    this.#defaultProviders = new DefaultProviders({ ...options, state: this.#state, claim: (urn) => this.#claim(urn) });
  }

  /** True once a step has failed or the run was interrupted. */
  get failed(): boolean {
    return this.#course.failed;
  }

  /** True once nothing further begins. */
  get ending(): boolean {
    return this.#course.ending;
  }

  /** The URNs of what failed, and of the components that it is in. */
  get left(): ReadonlySet<string> {
    return this.#course.left;
  }

  /** A resource's URN, and those of the components that it is in. */
  within(urn: string, parent = this.#stateOf(urn)?.parent): string[] {
    return [urn, ...(parent === undefined || parent === "" ? [] : this.within(parent))];
  }

  #stateOf(urn: string): ResourceState | undefined {
    return this.#state.registered(urn) ?? this.#state.before(urn);
  }

  /** What a registered resource is called in the state, where that is another name. */
  oldName(urn: string): string | undefined {
    return this.#state.aliases.oldName(urn);
  }

  /** Whether a resource is as the program wants it. */
  has(urn: string): boolean {
    return this.#state.registered(urn) !== undefined;
  }

  /** What the program has asked for of a resource. */
  goalOf(urn: string): Goal | undefined {
    return this.#seen.get(urn);
  }

  /** What the program has not registered. */
  get unregistered(): readonly ResourceState[] {
    return this.#state.remaining;
  }

  /** What is to be deleted once the program has ended well, for it wants none of that any more. */
  get unwanted(): readonly ResourceState[] {
    return this.#targets.unwanted(this.unregistered);
  }

  /** Deletes what the program does not want any more, as far as the run is about it; all else stays. */
  async deleteUnwanted(): Promise<void> {
    const unwanted = this.unwanted;
    const others = this.#targets.notSpecified(unwanted);
    this.#targets.tellStaying(this.unregistered.filter((state) => !unwanted.includes(state)));
    for (const { error, what } of [...this.#targets.missing(this.#seen), ...others]) this.#course.fail(error, what);
    // A preview goes on, so that everything is told.
    if (others.length === 0 || this.#options.dryRun) await this.delete(unwanted);
  }

  /** Ends the making anew of a lost state: all that the program describes is in it. */
  rebuilt(): void {
    for (const operation of this.#options.old.pending.filter(isRebuilding)) this.#state.settle(operation);
  }

  /** Lets running steps end and begins no other. */
  interrupt(): void {
    this.#course.interrupt();
  }

  /** Resolves once no step runs any more: a program can be gone before the steps that it asked for have ended. */
  settled(): Promise<void> {
    return this.#course.settled();
  }

  /** The state as it stands: every resource after those it depends on. */
  snapshot(): Snapshot {
    return this.#state.snapshot();
  }

  register(goal: Goal): Promise<Registered> {
    const urn = makeUrn(this.#options.stack, this.#options.project, goal.parent, goal.type, goal.name);
    return this.#course.guard({ urn, parent: goal.parent }, () => this.#registerChecked(urn, goal));
  }

  /** Does what has waited in vain for something that failed, as another run has been asked for it; what that needs stays as it is. */
  async makeUp(goal: Goal | undefined): Promise<void> {
    if (goal === undefined || hasUnknown(goal.inputs)) return;
    // What fails has been told.
    await this.#targets
      .keepNeeded(goal)
      .then(() => this.register(goal))
      .catch(() => undefined);
  }

  /** Attaches a component's outputs; those of the Stack wait for the run's end. */
  async registerOutputs(urn: string, outputs: Properties): Promise<void> {
    const state = this.#state.registered(urn);
    if (this.#targets.isSkipped(urn)) return;
    if (state === undefined) throw new StepError(`outputs were registered for ${urn}, which is not registered`);
    if (state.type === stackType) this.#stackOutputs = outputs;
    else await this.#state.setOutputs(state, outputs);
  }

  /**
   * Gives the stack its outputs. After a failed run the new ones are laid over the old: the SDK registers none at all
   * for a program that was refused, and what was deployed before must not be forgotten for that.
   */
  async applyStackOutputs(succeeded: boolean): Promise<void> {
    const { stack } = this.#state;
    if (stack === undefined || this.#stackOutputs === undefined) return;
    const outputs = succeeded ? this.#stackOutputs : { ...stack.outputs, ...this.#stackOutputs };
    await this.#state.setOutputs(stack, outputs);
  }

  /** Reads this stack's own last outputs: the one kind of read that the sandbox serves. */
  async readStackReference(name: string, id: string, parent: string): Promise<Registered> {
    const { stack, project, old } = this.#options;
    if (id.split("/").slice(-2).join("/") !== `${project}/${stack}`) {
      throw new StepError(`the sandbox knows one stack, ${project}/${stack}; ${id} cannot be read`);
    }
    const urn = makeUrn(stack, project, parent, stackReferenceType, name);
    this.#claim(urn);
    const root = old.resources.find((state) => state.type === stackType);
    const outputs: Properties = { name: id, outputs: root?.outputs ?? {}, secretOutputNames: [] };
    const provider = await this.#defaultProviders.of("pulumi", "");
    await this.#state.record({
      urn,
      custom: true,
      id,
      type: stackReferenceType,
      inputs: { name: id },
      outputs,
      parent,
      external: true,
      provider,
    });
    return { urn, id, outputs };
  }

  /** Calls a provider's function. Runs in previews too. */
  async invoke(token: string, args: Properties, provider: string, version: string): Promise<Properties> {
    await this.#providerReference(token, provider, version);
    const result = await this.#providers.for(token).invoke?.(token, openSecrets(args));
    const failures = result?.failures ?? [];
    if (failures.length > 0) throw new StepError(failures.map(({ reason }) => reason).join("; "));
    return (result?.outputs ?? {}) as Properties;
  }

  /** Ends the run before it begins where anything is protected, naming all of it: what the preview of `pulumi destroy` does. */
  refuseProtected(): void {
    for (const { urn, protect } of this.#state.remaining) {
      if (!protect) continue;
      this.interrupt();
      this.#options.onError(protectedFromDeletion, urn);
    }
  }

  /** Deletes resources, and none before what depends on it: where that stays, so does what it needs. */
  async delete(unwanted: readonly ResourceState[]): Promise<void> {
    for (const wave of deletionOrder(unwanted)) {
      if (this.ending) return;
      const needed = new Set(this.#state.remaining.flatMap(dependenciesOf));
      const free = wave.filter(({ urn }) => !needed.has(urn));
      await Promise.all(
        free.map((state) => this.#course.guard(state, () => this.#steps.delete(state)).catch(() => undefined)),
      );
    }
  }

  async #registerChecked(urn: string, goal: Goal): Promise<Registered> {
    this.#claim(urn, goal);
    const { aliases } = this.#state;
    const known = aliases.urnsOf(urn, goal).flatMap((name) => this.#state.before(name) ?? [])[0];
    aliases.note(urn, known?.urn, (name) => this.#seen.has(name));
    if (
      goal.parent !== "" &&
      this.#state.registered(goal.parent) === undefined &&
      !this.#targets.isSkipped(goal.parent)
    )
      throw new StepError(`unknown parent ${goal.parent}`);
    if (!this.#targets.has(urn, goal.type)) {
      if (goal.custom) await this.#providerReference(goal.type, goal.provider, goal.version);
      return this.#targets.leave(urn, goal, known);
    }
    await this.#targets.require(urn, goal);
    const merge = (old: ResourceState | undefined) =>
      keepOld(goal.inputs, old?.inputs ?? {}, old === undefined ? [] : goal.ignoreChanges);
    if (!goal.custom) return this.#steps.unmanaged(urn, goal, merge(known), known, undefined);
    if (goal.type.startsWith(providerType)) return this.#steps.provider(urn, goal, merge(known), known);
    const provider = await this.#providerReference(goal.type, goal.provider, goal.version);
    this.#requireSameProvider(known, provider);
    const base = describeResource(urn, goal, provider);
    const old = known ?? (await this.#takeOver(base, goal.inputs));
    const inputs = await this.#providers.check(urn, goal.type, old?.inputs ?? {}, merge(old));
    if (old === undefined) return this.#steps.create("create", base, inputs, []);
    const { changed, replace, deleteFirst } = await this.#providers.diff(urn, goal, old, inputs);
    const works = old.initErrors === undefined;
    if (!replace && works && changed.length === 0 && !this.#providerUnknown(provider))
      return this.#steps.same(base, old, inputs);
    return replace
      ? this.#steps.replace(
          base,
          old,
          await this.#providers.check(urn, goal.type, {}, goal.inputs),
          changed,
          deleteFirst,
        )
      : this.#steps.update(goal, base, old, inputs, changed);
  }

  #requireSameProvider(old: ResourceState | undefined, provider: string): void {
    const { urn } = parseProviderReference(provider);
    if (old?.provider === undefined) return;
    if ([urn, this.oldName(urn)].includes(parseProviderReference(old.provider).urn)) return;
    if (parseUrn(urn).name.startsWith("default_")) return;
    throw new StepError("the sandbox does not move a resource to another provider instance");
  }

  /** What a lost state does not have, and the cloud has: it is held against the program as if it had been in the state. */
  async #takeOver(base: ResourceState, inputs: Properties): Promise<ResourceState | undefined> {
    if (!this.#options.old.pending.some(isRebuilding)) return undefined;
    const found = await findInCloud(this.#providers, base, inputs);
    if (found !== undefined) this.#options.onWarning(takenOver, base.urn);
    return found;
  }

  /** A resource that names no provider gets its package's default one, which is a resource of the state too. */
  #providerReference(type: string, provider: string, version: string): Promise<string> {
    return provider === "" ? this.#defaultProviders.of(packageOf(type), version) : Promise.resolve(provider);
  }

  #claim(urn: string, goal?: Goal): void {
    if (this.#seen.has(urn)) throw new StepError(`duplicate resource: ${urn} is registered twice`);
    this.#seen.set(urn, goal);
  }

  /** A provider whose configuration is not known in a preview cannot be asked: its resources show as updated. */
  #providerUnknown(reference: string): boolean {
    const inputs = this.#state.registered(parseProviderReference(reference).urn)?.inputs;
    return this.#options.dryRun && inputs !== undefined && hasUnknown(inputs as Value);
  }
}
