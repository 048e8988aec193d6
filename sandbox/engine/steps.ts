import { randomUUID } from "node:crypto";
import type { ResourceState } from "./checkpoint.ts";
import type { Providers } from "./providers.ts";
import { describeResource, markSecrets } from "./resourceState.ts";
import type { RunState } from "./runState.ts";
import {
  type DeploymentOptions,
  type Goal,
  isPartialFailure,
  type Op,
  type PartialFailure,
  type Registered,
  StepError,
} from "./types.ts";
import { providerType } from "./urn.ts";
import { changedPaths, type Properties } from "./values.ts";

/** Why a protected resource stays, and what would let it go. */
export const protectedFromDeletion =
  "it is protected and cannot be deleted. Set virtual-clusters:protect to false (or offboard the tenant) and deploy that first";

/** What is done to one resource: a step is told when it begins and when it has ended well, and each is in the state at once. */
export class Steps {
  readonly #options: Pick<DeploymentOptions, "dryRun" | "hooks" | "onStep">;
  readonly #providers: Providers;
  readonly #state: RunState;

  constructor(options: Pick<DeploymentOptions, "dryRun" | "hooks" | "onStep">, providers: Providers, state: RunState) {
    [this.#options, this.#providers, this.#state] = [options, providers, state];
  }

  /** Components, and providers, which the engine itself keeps: no provider is called for either. */
  async unmanaged(
    urn: string,
    goal: Goal,
    inputs: Properties,
    old: ResourceState | undefined,
    id: string | undefined,
  ): Promise<Registered> {
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

  provider(urn: string, goal: Goal, inputs: Properties, old: ResourceState | undefined): Promise<Registered> {
    const complete = { __internal: {}, ...inputs, ...(goal.version !== "" && { version: goal.version }) };
    return this.unmanaged(urn, goal, complete, old, old?.id ?? randomUUID());
  }

  /** Nothing is called, but dependencies, protection and options are taken from the program. */
  async same(base: ResourceState, old: ResourceState, inputs: Properties): Promise<Registered> {
    const outputs = old.outputs ?? {};
    await this.#state.record({ ...base, inputs, outputs, id: old.id ?? "" }, old);
    this.#step("end", "same", base.urn, []);
    return { urn: base.urn, id: old.id ?? "", outputs };
  }

  async create(
    op: "create" | "replace",
    base: ResourceState,
    inputs: Properties,
    changed: readonly string[],
    condemned?: ResourceState,
  ): Promise<Registered> {
    const { urn, type } = base;
    this.#step("begin", op, urn, changed);
    const create = async () => {
      const result = await this.#providers.for(type).create?.(urn, inputs);
      return { id: result?.id ?? "", outputs: markSecrets(base, result?.outs) };
    };
    const record = async (id: string, outputs: Properties, initErrors: readonly string[] = []) => {
      if (condemned !== undefined) this.#state.condemn(condemned);
      await this.#state.record({ ...base, inputs, outputs, id, initErrors });
    };
    const created = await this.#call({ resource: { ...base, inputs }, type: "creating" }, create, (failure) =>
      record(failure.id, markSecrets(base, failure.properties), failure.reasons),
    );
    const { id, outputs } = created ?? { id: "", outputs: inputs };
    await record(id, outputs);
    this.#step("end", op, urn, changed);
    return { urn, id, outputs };
  }

  async update(
    goal: Goal,
    base: ResourceState,
    old: ResourceState,
    inputs: Properties,
    changed: readonly string[],
  ): Promise<Registered> {
    const { urn, type } = base;
    const id = old.id ?? "";
    this.#step("begin", "update", urn, changed);
    await this.#beforeUpdate(goal, old, inputs);
    const update = async () => {
      const result = await this.#providers.for(type).update?.(id, urn, old.outputs ?? {}, inputs);
      return markSecrets(base, result?.outs);
    };
    const updated = await this.#call({ resource: { ...base, inputs, id }, type: "updating" }, update, (failure) =>
      this.#state.record(
        {
          ...{ ...base, id, outputs: markSecrets(base, failure.properties), initErrors: failure.reasons },
          // As Pulumi keeps it: what did not come to work is still to be changed.
          inputs: old.inputs ?? {},
        },
        old,
      ),
    );
    const outputs = updated ?? inputs;
    await this.#state.record({ ...base, inputs, outputs, id }, old);
    this.#step("end", "update", urn, changed);
    return { urn, id, outputs };
  }

  async replace(
    base: ResourceState,
    old: ResourceState,
    inputs: Properties,
    changed: readonly string[],
    deleteFirst: boolean,
  ): Promise<Registered> {
    if (old.protect && base.protect) {
      throw new StepError(
        `it is protected and cannot be replaced (changed: ${changed.join(", ")}). Undo the change, or set virtual-clusters:protect to false first`,
      );
    }
    if (!deleteFirst) return this.create("replace", base, inputs, changed, old);
    const dependent = this.#state.remaining.find((state) =>
      Object.values(state.propertyDependencies ?? {})
        .flat()
        .includes(old.urn),
    );
    if (dependent !== undefined)
      throw new StepError(`the sandbox does not delete it before its replacement: ${dependent.urn} uses it`);
    await this.#callDelete(old);
    await this.#state.forget(old);
    return this.create("replace", base, inputs, changed);
  }

  async delete(state: ResourceState): Promise<void> {
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
    const retained = state.retainOnDelete === true;
    if (!state.delete)
      this.#options.onStep({ kind: "end", op: "delete", urn, changed: [], ...(retained && { retained }) });
  }

  async #callDelete(state: ResourceState): Promise<void> {
    if (!state.custom || state.retainOnDelete || state.type.startsWith(providerType)) return;
    await this.#state.operate({ resource: state, type: "deleting" }, async () => {
      await this.#providers.for(state.type).delete?.(state.id ?? "", state.urn, state.outputs ?? {});
    });
  }

  /** Calls a provider. What it has made, but not got to work, is in the state before that is told: `keep` puts it there. */
  async #call<T>(
    operation: Parameters<RunState["operate"]>[0],
    call: () => Promise<T>,
    keep: (failure: PartialFailure) => Promise<void>,
  ): Promise<T | undefined> {
    try {
      return await this.#state.operate(operation, call);
    } catch (error) {
      if (!isPartialFailure(error)) throw error;
      await keep(error);
      throw new StepError([error.message, ...error.reasons].join(": "));
    }
  }

  /** The program's hooks may refuse an update, in previews too. */
  #beforeUpdate({ hooks }: Goal, old: ResourceState, newInputs: Properties): Promise<void> {
    const { urn, id = "", inputs: oldInputs = {}, outputs: oldOutputs = {} } = old;
    const event = { urn, id, oldInputs, oldOutputs, newInputs };
    return this.#options.hooks.run("BeforeUpdate", hooks, event, this.#options.dryRun);
  }

  #step(kind: "begin" | "end", op: Op, urn: string, changed: readonly string[]): void {
    this.#options.onStep({ kind, op, urn, changed });
  }
}
