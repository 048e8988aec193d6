import type { provider as pulumiProvider } from "@pulumi/pulumi";
import type { ResourceState } from "./checkpoint.ts";
import { type Goal, StepError } from "./types.ts";
import { packageOf } from "./urn.ts";
import { changedPaths, keepOld, type Properties, parsePath, pathCovers } from "./values.ts";

/** The providers of a run, by package, and the questions that the engine asks them before a step. */
export class Providers {
  readonly #providers: Readonly<Record<string, pulumiProvider.Provider>>;

  constructor(providers: Readonly<Record<string, pulumiProvider.Provider>>) {
    this.#providers = providers;
  }

  /** The provider of a type's package. */
  for(type: string): pulumiProvider.Provider {
    const provider = this.#providers[packageOf(type)];
    if (provider === undefined) throw new StepError(`the sandbox has no provider for ${type}`);
    return provider;
  }

  /** The inputs as the provider accepts them. */
  async check(urn: string, type: string, olds: Properties, news: Properties): Promise<Properties> {
    const { inputs, failures = [] } = (await this.for(type).check?.(urn, olds, news)) ?? {};
    if (failures.length > 0) {
      throw new StepError(
        failures.map(({ property, reason }) => (property === "" ? reason : `${property}: ${reason}`)).join("; "),
      );
    }
    return (inputs ?? news) as Properties;
  }

  /** What changed, and whether that takes a replacement: as the provider says, and as the program's options ask. */
  async diff(urn: string, goal: Goal, old: ResourceState, inputs: Properties) {
    const answer = (await this.for(goal.type).diff?.(old.id ?? "", urn, old.outputs ?? {}, inputs)) ?? {};
    const paths = changedPaths(old.inputs ?? {}, keepOld(inputs, old.inputs ?? {}, goal.ignoreChanges));
    const forced = goal.replaceOnChanges.map(parsePath);
    return {
      changed: paths.map((path) => path.join(".")),
      replace:
        (answer.replaces ?? []).length > 0 || paths.some((path) => forced.some((pattern) => pathCovers(pattern, path))),
      deleteFirst: goal.deleteBeforeReplace ?? answer.deleteBeforeReplace ?? false,
    };
  }
}
