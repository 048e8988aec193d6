import { randomUUID } from "node:crypto";
import { describeStepError } from "../../console/errors.ts";
import type { ResourceState, Snapshot } from "./checkpoint.ts";
import { DefaultProviders } from "./defaultProviders.ts";
import { deletionOrder } from "./deletionOrder.ts";
import { Providers } from "./providers.ts";
import { describeResource, markSecrets } from "./resourceState.ts";
import { RunState } from "./runState.ts";
import {
  type DeploymentOptions,
  type Goal,
  type Op,
  type Registered,
  StepError,
  type StepEvent,
  Terminated,
} from "./types.ts";
import {
  makeUrn,
  packageOf,
  parseProviderReference,
  parseUrn,
  providerType,
  stackReferenceType,
  stackType,
} from "./urn.ts";
import { changedPaths, hasUnknown, keepOld, openSecrets, type Properties, type Value } from "./values.ts";

const protectedFromDeletion =
  "it is protected and cannot be deleted. Set virtual-clusters:protect to false (or offboard the tenant) and deploy that first";

/** One run over a stack: compares what the program registers with the state, and calls the providers for the rest. */
export class Deployment {
  readonly #options: DeploymentOptions;
  readonly #providers: Providers;
  readonly #state: RunState;
  readonly #seen = new Set<string>();
  readonly #defaultProviders: DefaultProviders;
  readonly #running = new Set<Promise<unknown>>();
  #stackOutputs: Properties | undefined;
  #failed = false;

  constructor(options: DeploymentOptions) {
    this.#options = options;
    this.#providers = new Providers(options.providers);
    this.#state = new RunState(options);
    this.#defaultProviders = new DefaultProviders({ ...options, state: this.#state, claim: (urn) => this.#claim(urn) });
  }

  /** True once a step has failed or the run was interrupted: nothing further begins. */
  get failed(): boolean {
    return this.#failed;
  }

  /** Lets running steps end and begins no other. */
  interrupt(): void {
    this.#failed = true;
  }

  /** Resolves once no step runs any more: a program can be gone before the steps that it asked for have ended. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
  }

  /** The state as it stands: every resource after those it depends on. */
  snapshot(): Snapshot {
    return this.#state.snapshot();
  }

  register(goal: Goal): Promise<Registered> {
    return this.#guard(makeUrn(this.#options.stack, this.#options.project, goal.parent, goal.type, goal.name), (urn) =>
      this.#registerChecked(urn, goal),
    );
  }

  /** Attaches a component's outputs; those of the Stack wait for the run's end. */
  async registerOutputs(urn: string, outputs: Properties): Promise<void> {
    const state = this.#state.registered(urn);
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
      this.#failed = true;
      this.#options.onError(protectedFromDeletion, urn);
    }
  }

  /** Deletes what the program no longer registers. Call it only after the program has ended well. */
  async deleteUnregistered(): Promise<void> {
    for (const wave of deletionOrder(this.#state.remaining)) {
      if (this.#failed) return;
      await Promise.all(wave.map((state) => this.#guard(state.urn, () => this.#delete(state)).catch(() => undefined)));
    }
  }

  async #registerChecked(urn: string, goal: Goal): Promise<Registered> {
    this.#claim(urn);
    const old = [urn, ...goal.aliases].map((alias) => this.#state.before(alias)).find((state) => state !== undefined);
    if (goal.parent !== "" && this.#state.registered(goal.parent) === undefined)
      throw new StepError(`unknown parent ${goal.parent}`);
    const merged = keepOld(goal.inputs, old?.inputs ?? {}, old === undefined ? [] : goal.ignoreChanges);
    if (!goal.custom) return this.#registerUnmanaged(urn, goal, merged, old, undefined);
    if (goal.type.startsWith(providerType)) return this.#registerProvider(urn, goal, merged, old);
    const provider = await this.#providerReference(goal.type, goal.provider, goal.version);
    if (
      old?.provider !== undefined &&
      parseProviderReference(old.provider).urn !== parseProviderReference(provider).urn
    ) {
      const isDefault = parseUrn(parseProviderReference(provider).urn).name.startsWith("default_");
      if (!isDefault) throw new StepError("the sandbox does not move a resource to another provider instance");
    }
    const inputs = await this.#providers.check(urn, goal.type, old?.inputs ?? {}, merged);
    const base = describeResource(urn, goal, provider);
    if (old === undefined) return this.#create("create", base, inputs, []);
    const { changed, replace, deleteFirst } = await this.#providers.diff(urn, goal, old, inputs);
    if (!replace && changed.length === 0 && !this.#providerUnknown(provider)) return this.#same(base, old, inputs);
    return replace
      ? this.#replace(base, old, await this.#providers.check(urn, goal.type, {}, goal.inputs), changed, deleteFirst)
      : this.#update(goal, base, old, inputs, changed);
  }

  /** The program's hooks may refuse an update, in previews too. */
  #beforeUpdate({ hooks }: Goal, old: ResourceState, newInputs: Properties): Promise<void> {
    const { urn, id = "", inputs: oldInputs = {}, outputs: oldOutputs = {} } = old;
    const event = { urn, id, oldInputs, oldOutputs, newInputs };
    return this.#options.hooks.run("BeforeUpdate", hooks, event, this.#options.dryRun);
  }

  /** Components, and providers, which the engine itself keeps: no provider is called for either. */
  async #registerUnmanaged(
    urn: string,
    goal: Goal,
    inputs: Properties,
    old: ResourceState | undefined,
    id: string | undefined,
  ) {
    const changed = old === undefined ? [] : changedPaths(old.inputs ?? {}, inputs).map((path) => path.join("."));
    const op: Op = old === undefined ? "create" : changed.length > 0 ? "update" : "same";
    const { __internal: _, ...configured } = inputs;
    // An updated component has no outputs until they are registered anew.
    const outputs = id !== undefined ? configured : op === "same" ? (old?.outputs ?? {}) : {};
    this.#step("begin", op, urn, changed);
    if (op === "update" && old !== undefined) await this.#beforeUpdate(goal, old, inputs);
    await this.#state.record(
      { ...describeResource(urn, goal, undefined), inputs, outputs, ...(id !== undefined && { id }) },
      old,
    );
    this.#step("end", op, urn, changed);
    return {
      urn,
      id: old === undefined && this.#options.dryRun ? "" : (id ?? ""),
      outputs: id === undefined ? {} : outputs,
    };
  }

  #registerProvider(urn: string, goal: Goal, inputs: Properties, old: ResourceState | undefined): Promise<Registered> {
    const complete = { __internal: {}, ...inputs, ...(goal.version !== "" && { version: goal.version }) };
    return this.#registerUnmanaged(urn, goal, complete, old, old?.id ?? randomUUID());
  }

  /** A resource that names no provider gets its package's default one, which is a resource of the state too. */
  #providerReference(type: string, provider: string, version: string): Promise<string> {
    return provider === "" ? this.#defaultProviders.of(packageOf(type), version) : Promise.resolve(provider);
  }

  /** Nothing is called, but dependencies, protection and options are taken from the program. */
  async #same(base: ResourceState, old: ResourceState, inputs: Properties): Promise<Registered> {
    const outputs = old.outputs ?? {};
    await this.#state.record({ ...base, inputs, outputs, id: old.id ?? "" }, old);
    this.#step("end", "same", base.urn, []);
    return { urn: base.urn, id: old.id ?? "", outputs };
  }

  async #create(
    op: "create" | "replace",
    base: ResourceState,
    inputs: Properties,
    changed: readonly string[],
    condemned?: ResourceState,
  ): Promise<Registered> {
    this.#step("begin", op, base.urn, changed);
    const created = await this.#state.operate({ resource: { ...base, inputs }, type: "creating" }, async () => {
      const result = await this.#providers.for(base.type).create?.(base.urn, inputs);
      return { id: result?.id ?? "", outputs: markSecrets(base, result?.outs) };
    });
    const { id, outputs } = created ?? { id: "", outputs: inputs };
    if (condemned !== undefined) this.#state.condemn(condemned);
    await this.#state.record({ ...base, inputs, outputs, id });
    this.#step("end", op, base.urn, changed);
    return { urn: base.urn, id, outputs };
  }

  async #update(
    goal: Goal,
    base: ResourceState,
    old: ResourceState,
    inputs: Properties,
    changed: readonly string[],
  ): Promise<Registered> {
    const id = old.id ?? "";
    this.#step("begin", "update", base.urn, changed);
    await this.#beforeUpdate(goal, old, inputs);
    const updated = await this.#state.operate({ resource: { ...base, inputs, id }, type: "updating" }, async () => {
      const result = await this.#providers.for(base.type).update?.(id, base.urn, old.outputs ?? {}, inputs);
      return markSecrets(base, result?.outs);
    });
    const outputs = updated ?? inputs;
    await this.#state.record({ ...base, inputs, outputs, id }, old);
    this.#step("end", "update", base.urn, changed);
    return { urn: base.urn, id, outputs };
  }

  async #replace(
    base: ResourceState,
    old: ResourceState,
    inputs: Properties,
    changed: readonly string[],
    deleteFirst: boolean,
  ): Promise<Registered> {
    const { urn } = base;
    if (old.protect && base.protect) {
      throw new StepError(
        `it is protected and cannot be replaced (changed: ${changed.join(", ")}). Undo the change, or set virtual-clusters:protect to false first`,
      );
    }
    if (!deleteFirst) return this.#create("replace", base, inputs, changed, old);
    const dependent = this.#state.remaining.find((state) =>
      Object.values(state.propertyDependencies ?? {})
        .flat()
        .includes(urn),
    );
    if (dependent !== undefined)
      throw new StepError(`the sandbox does not delete it before its replacement: ${dependent.urn} uses it`);
    await this.#callDelete(old);
    await this.#state.forget(old);
    return this.#create("replace", base, inputs, changed);
  }

  async #delete(state: ResourceState): Promise<void> {
    // The names are those of the state, and they come before its protection.
    const { urn, id = "", inputs: oldInputs = {}, outputs: oldOutputs = {}, resourceHooks } = state;
    const event = { urn, id, oldInputs, oldOutputs };
    await this.#options.hooks.run("BeforeDelete", resourceHooks, event, this.#options.dryRun);
    if (state.external) return this.#state.forget(state);
    if (state.protect && !state.delete) {
      throw new StepError(protectedFromDeletion);
    }
    // The old half of a replacement was counted with its new half.
    if (!state.delete) this.#step("begin", "delete", state.urn, []);
    await this.#callDelete(state);
    await this.#state.forget(state);
    if (!state.delete) this.#step("end", "delete", state.urn, []);
  }

  async #callDelete(state: ResourceState): Promise<void> {
    if (!state.custom || state.retainOnDelete || state.type.startsWith(providerType)) return;
    await this.#state.operate({ resource: state, type: "deleting" }, async () => {
      await this.#providers.for(state.type).delete?.(state.id ?? "", state.urn, state.outputs ?? {});
    });
  }

  /** Reports a failing step once, with its resource, and ends the run. */
  async #guard<T>(urn: string, work: (urn: string) => Promise<T>): Promise<T> {
    if (this.#failed) throw new Terminated("the run is ending");
    const running = this.#reported(urn, work);
    this.#running.add(running);
    try {
      return await running;
    } finally {
      this.#running.delete(running);
    }
  }

  async #reported<T>(urn: string, work: (urn: string) => Promise<T>): Promise<T> {
    try {
      return await work(urn);
    } catch (error) {
      if (error instanceof Terminated) throw error;
      this.#failed = true;
      this.#options.onError(describeStepError(error), urn);
      await this.#state.commit();
      throw new Terminated("the run is ending");
    }
  }

  #claim(urn: string): void {
    if (this.#seen.has(urn)) throw new StepError(`duplicate resource: ${urn} is registered twice`);
    this.#seen.add(urn);
  }

  /** A provider whose configuration is not known in a preview cannot be asked: its resources show as updated. */
  #providerUnknown(reference: string): boolean {
    const inputs = this.#state.registered(parseProviderReference(reference).urn)?.inputs;
    return this.#options.dryRun && inputs !== undefined && hasUnknown(inputs as Value);
  }

  #step(kind: StepEvent["kind"], op: Op, urn: string, changed: readonly string[]): void {
    this.#options.onStep({ kind, op, urn, changed });
  }
}
