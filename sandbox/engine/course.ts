import { describeStepError } from "../../console/errors.ts";
import { type DeploymentOptions, NotDeployed, Terminated } from "./types.ts";

/** What something is done to. */
interface Subject {
  readonly urn: string;
  readonly parent?: string | undefined;
}

interface CourseOptions extends Pick<DeploymentOptions, "goOn" | "onError"> {
  /** A resource's URN, and those of the components that it is in. */
  readonly within: (urn: string, parent: string | undefined) => readonly string[];
  /** Writes the state as it stands. */
  readonly commit: () => Promise<void>;
}

/** How a run goes: what is being done, what has failed, and whether anything else begins. */
export class Course {
  readonly #options: CourseOptions;
  readonly #running = new Set<Promise<unknown>>();
  readonly #left = new Set<string>();
  #failed = false;
  #ending = false;
  #unwritten = false;

  constructor(options: CourseOptions) {
    this.#options = options;
  }

  /** True once a step has failed or the run was interrupted. */
  get failed(): boolean {
    return this.#failed;
  }

  /** True once nothing further begins. */
  get ending(): boolean {
    return this.#ending;
  }

  /** The URNs of what failed, and of the components that it is in. */
  get left(): ReadonlySet<string> {
    return this.#left;
  }

  /** Lets running steps end and begins no other. */
  interrupt(): void {
    [this.#failed, this.#ending] = [true, true];
  }

  /** Resolves once no step runs any more: a program can be gone before the steps that it asked for have ended. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
  }

  /** Reports a failing step once, with its resource, and ends the run, or this part of it. */
  async guard<T>(what: Subject, work: () => Promise<T>): Promise<T> {
    if (this.#ending) throw new Terminated("the run is ending");
    const running = this.#reported(what, work);
    this.#running.add(running);
    try {
      return await running;
    } finally {
      this.#running.delete(running);
    }
  }

  async #reported<T>(what: Subject, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof Terminated) throw error;
      this.fail(error, what);
      // What has ended by now must not wait for what is still running.
      await this.#options.commit();
      throw this.#ending ? new Terminated("the run is ending") : new NotDeployed(what.urn);
    }
  }

  /** Takes a step for failed. */
  fail(error: unknown, { urn, parent }: Subject): void {
    this.#failed = true;
    this.#ending ||= this.#options.goOn !== true;
    this.#options.onError(describeStepError(error), urn);
    for (const one of this.#options.within(urn, parent)) this.#left.add(one);
  }

  /** What would be done after a state that cannot be written would be known to nobody. */
  endUnwritten(error: unknown): never {
    if (!this.#unwritten) this.#options.onError(describeStepError(error), "");
    this.#unwritten = true;
    this.interrupt();
    throw new Terminated("the run is ending");
  }
}
