import { Aliases } from "./aliases.ts";
import type { PendingOperation, ResourceState, Snapshot } from "./checkpoint.ts";
import { compact } from "./resourceState.ts";
import { isAnswer } from "./types.ts";
import { stackType } from "./urn.ts";
import type { Properties } from "./values.ts";

/** What a run's state is kept with. */
export interface RunStateOptions {
  readonly dryRun: boolean;
  /** The state before the run. What it has pending stays so until somebody has settled it. */
  readonly old: Snapshot;
  /** Writes the state; not called in a preview. */
  readonly save: (snapshot: () => Snapshot) => Promise<void>;
}

/** The state as a run changes it, resource by resource; every change is written at once. */
export class RunState {
  /** Which resources had another name before the run. */
  readonly aliases = new Aliases();
  readonly #options: RunStateOptions;
  /** Resources of the old state that no step has replaced yet. */
  readonly #remaining: Set<ResourceState>;
  readonly #oldByUrn: ReadonlyMap<string, ResourceState>;
  readonly #current = new Map<string, ResourceState>();
  readonly #pending: Set<PendingOperation>;

  constructor(options: RunStateOptions) {
    this.#options = options;
    this.#remaining = new Set(options.old.resources);
    this.#pending = new Set(options.old.pending);
    this.#oldByUrn = new Map(options.old.resources.filter((state) => !state.delete).map((state) => [state.urn, state]));
  }

  /** The resources of the old state that the program has not registered (yet). */
  get remaining(): readonly ResourceState[] {
    return [...this.#remaining];
  }

  /** True for a resource of the old state that is still as it was there. */
  isLeft(old: ResourceState): boolean {
    return this.#remaining.has(old);
  }

  /** The stack itself, once it is registered. */
  get stack(): ResourceState | undefined {
    return [...this.#current.values()].find(({ type }) => type === stackType);
  }

  /** The state as it stands: every resource after those it depends on. */
  snapshot(): Snapshot {
    const resources = this.aliases.renamed([...this.#current.values(), ...this.#remaining]);
    return { resources, pending: [...this.#pending] };
  }

  /** A resource that this run has registered. */
  registered(urn: string): ResourceState | undefined {
    return this.#current.get(urn);
  }

  /** A resource as it was before the run. */
  before(urn: string): ResourceState | undefined {
    return this.#oldByUrn.get(urn);
  }

  /** Takes a resource over as it is now. `old` is what it was, where it had another name. */
  async record(state: ResourceState, old = this.before(state.urn)): Promise<void> {
    this.#current.set(state.urn, compact(state));
    if (old !== undefined) this.#remaining.delete(old);
    await this.commit();
  }

  /** Gives a registered resource its outputs. */
  async setOutputs(state: ResourceState, outputs: Properties): Promise<void> {
    this.#current.set(state.urn, compact({ ...state, outputs }));
    await this.commit();
  }

  /** Marks the old half of a replacement: it is deleted at the end of the run. */
  condemn(state: ResourceState): void {
    this.#remaining.add({ ...state, delete: true });
  }

  /** Removes what has been deleted. */
  async forget(state: ResourceState): Promise<void> {
    this.#remaining.delete(state);
    await this.commit();
  }

  /**
   * Runs a provider call between two writes of the state, so that a crash leaves a trace. So does an error that does not say
   * how the call ended. Not called in a preview.
   */
  async operate<T>(operation: PendingOperation, call: () => Promise<T>): Promise<T | undefined> {
    if (this.#options.dryRun) return undefined;
    this.#pending.add(operation);
    let open = false;
    try {
      await this.commit();
      open = true;
      const result = await call();
      open = false;
      return result;
    } catch (error) {
      open &&= !isAnswer(error);
      throw error;
    } finally {
      if (!open) this.#pending.delete(operation);
    }
  }

  /** Takes what was pending for settled. */
  settle(operation: PendingOperation): void {
    this.#pending.delete(operation);
  }

  /** Writes the state as it stands. */
  async commit(): Promise<void> {
    if (!this.#options.dryRun) await this.#options.save(() => this.snapshot());
  }
}
