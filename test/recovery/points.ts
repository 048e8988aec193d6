import type { provider as pulumiProvider } from "@pulumi/pulumi";
import type { Snapshot, StateStore } from "../../sandbox/engine/checkpoint.ts";

/**
 * The points of a run at which it can be cut off: before and after every write of the state, and every call of a provider
 * that changes something. At one of them something happens, once.
 */
export class Points {
  passed = 0;
  readonly #at: number;
  readonly #happen: (what: string) => void;

  /**
   * @param at which of them, from 0; none where there are fewer
   * @param happen what happens there: a process is killed, or nothing is written any more
   */
  constructor(at: number, happen: (what: string) => void) {
    [this.#at, this.#happen] = [at, happen];
  }

  async around<T>(what: string, work: () => Promise<T>): Promise<T> {
    this.#pass(`before ${what}`);
    const result = await work();
    this.#pass(`after ${what}`);
    return result;
  }

  #pass(what: string): void {
    if (this.passed++ === this.#at) this.#happen(what);
  }

  /** The provider with the points around its calls. */
  provider(provider: pulumiProvider.Provider): pulumiProvider.Provider {
    const name = (urn: string) => urn.split("::").at(-1);
    return {
      ...provider,
      create: (urn, inputs) =>
        this.around(`create ${name(urn)}`, async () => (await provider.create?.(urn, inputs)) ?? { id: "" }),
      update: (id, urn, olds, news) =>
        this.around(`update ${name(urn)}`, async () => (await provider.update?.(id, urn, olds, news)) ?? {}),
      delete: (id, urn, props) => this.around(`delete ${name(urn)}`, async () => provider.delete?.(id, urn, props)),
    };
  }

  /** The state with the points around its writes. */
  store(store: StateStore): StateStore {
    return { read: () => store.read(), write: (current) => this.around("write", () => store.write(current)) };
  }
}

/** A state that is what it was when it was written, as on a disk. */
export class WrittenState implements StateStore {
  snapshot: Snapshot;

  constructor(snapshot: Snapshot = { resources: [], pending: [] }) {
    this.snapshot = snapshot;
  }

  read(): Snapshot {
    return this.snapshot;
  }

  async write(current: () => Snapshot): Promise<void> {
    this.snapshot = current();
  }
}
