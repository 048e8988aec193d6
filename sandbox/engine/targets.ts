import type { ResourceState, Snapshot } from "./checkpoint.ts";
import { dependenciesOf } from "./deletionOrder.ts";
import type { RunState } from "./runState.ts";
import { type DeploymentOptions, type Goal, type Registered, StepError } from "./types.ts";
import { parseProviderReference, providerType, stackType } from "./urn.ts";

/** A resource that is in the way of a run's end, and why. */
interface Obstacle {
  readonly what: { readonly urn: string; readonly parent?: string | undefined };
  readonly error: StepError;
}

/**
 * What a run is about, as with Pulumi's `--target`: all else stays as the state has it, whatever the program asks for. Without
 * targets it is about everything. The messages are Pulumi's own.
 */
export class Targets {
  readonly #urns: ReadonlySet<string> | undefined;
  readonly #old: Snapshot;
  readonly #onStep: DeploymentOptions["onStep"];
  readonly #state: RunState;
  /** What the program registered that is no target, and not there. */
  readonly #skipped = new Set<string>();

  constructor({ targets, old, onStep }: DeploymentOptions, state: RunState) {
    [this.#urns, this.#old, this.#onStep, this.#state] = [targets, old, onStep, state];
  }

  /** Providers and the stack itself are always targets: nothing could be done without them. */
  has(urn: string, type: string): boolean {
    return this.#urns === undefined || this.#urns.has(urn) || type === stackType || type.startsWith(providerType);
  }

  /** True for what is registered, and neither there nor made. */
  isSkipped(urn: string): boolean {
    return this.#skipped.has(urn);
  }

  /** Leaves what is no target as the state has it; what is not there is not made. */
  async leave(urn: string, goal: Goal, known: ResourceState | undefined): Promise<Registered> {
    if (known === undefined) {
      this.#skipped.add(urn);
      this.#same(urn);
      return { urn, id: "", outputs: {}, unknown: true };
    }
    const { provider } = known;
    if (provider !== undefined && this.#state.registered(parseProviderReference(provider).urn) === undefined) {
      throw new StepError(
        `provider ${provider} for resource ${urn} has not been registered yet, this is due to a change of providers mixed with --target. Change your program back to the original providers`,
      );
    }
    await this.#keep(known);
    return { urn: known.urn, id: known.id ?? "", outputs: goal.custom ? (known.outputs ?? {}) : {} };
  }

  /** What a target depends on may be neither there nor a target; what is not registered is kept before it. */
  async require(urn: string, goal: Goal): Promise<void> {
    if (this.#urns === undefined) return;
    const skipped = neededBy(goal).find((dependency) => this.#skipped.has(dependency));
    if (skipped !== undefined) {
      throw new StepError(`Resource '${urn}' depends on '${skipped}' which was was not specified in --target list.`);
    }
    await this.keepNeeded(goal);
  }

  /** Takes over as it was what a resource depends on. */
  async keepNeeded(goal: Goal): Promise<void> {
    await this.#keepAll(neededBy(goal));
  }

  /** What may be deleted of all that the program has not registered: targets, and what cannot be there without them. */
  unwanted(unregistered: readonly ResourceState[]): readonly ResourceState[] {
    if (this.#urns === undefined) return unregistered;
    const mayGo = new Set(this.#urns);
    // A state has every resource after those that it depends on.
    for (const state of this.#old.resources) {
      const needed = [...dependenciesOf(state), ...Object.values(state.propertyDependencies ?? {}).flat()];
      if (needed.some((urn) => mayGo.has(urn))) mayGo.add(state.urn);
    }
    return unregistered.filter(({ urn }) => mayGo.has(urn));
  }

  /** Tells what stays that the program has not registered. */
  tellStaying(staying: readonly ResourceState[]): void {
    for (const { urn } of staying) this.#same(urn);
  }

  /** Targets that nothing is. */
  missing(seen: Pick<ReadonlySet<string>, "has">): Obstacle[] {
    const urns = [...(this.#urns ?? [])].filter((urn) => this.#state.before(urn) === undefined && !seen.has(urn));
    return urns.map((urn) => ({
      what: { urn },
      error: new StepError(`Target '${urn}' could not be found in the stack.`),
    }));
  }

  /** What would go with a target, and is none. */
  notSpecified(unwanted: readonly ResourceState[]): Obstacle[] {
    const others = unwanted.filter(({ urn }) => this.#urns?.has(urn) === false);
    return others.map((what) => ({
      what,
      error: new StepError(`Resource '${what.urn}' will be destroyed but was not specified in --target list.`),
    }));
  }

  /** Takes a resource over as it was, after what it depends on: the program may not register that any more. */
  async #keep(old: ResourceState): Promise<void> {
    await this.#keepAll(dependenciesOf(old));
    if (!this.#state.isLeft(old)) return;
    await this.#state.record(old, old);
    this.#same(old.urn);
  }

  async #keepAll(urns: readonly string[]): Promise<void> {
    for (const urn of urns) {
      const old = this.#state.before(urn);
      if (old !== undefined && this.#state.isLeft(old)) await this.#keep(old);
    }
  }

  #same(urn: string): void {
    this.#onStep({ kind: "end", op: "same", urn, changed: [] });
  }
}

/** The URNs of what a resource depends on. */
function neededBy({ parent, provider, dependencies, propertyDependencies }: Goal): string[] {
  return [
    ...(parent === "" ? [] : [parent]),
    ...(provider === "" ? [] : [parseProviderReference(provider).urn]),
    ...dependencies,
    ...Object.values(propertyDependencies).flat(),
  ];
}
