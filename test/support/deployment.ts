import type { provider as pulumiProvider } from "@pulumi/pulumi";
import type { ResourceState, Snapshot } from "../../sandbox/engine/checkpoint.ts";
import { Deployment } from "../../sandbox/engine/deployment.ts";
import { Hooks } from "../../sandbox/engine/hooks.ts";
import type { Goal, Registered, StepEvent } from "../../sandbox/engine/types.ts";
import { parseUrn } from "../../sandbox/engine/urn.ts";
import type { Properties } from "../../sandbox/engine/values.ts";

/** A provider that keeps what it is asked for; tests give it failures, replacements and delays. */
export interface FakeProvider extends pulumiProvider.Provider {
  readonly calls: string[];
}

export function fakeProvider(overrides: pulumiProvider.Provider = {}): FakeProvider {
  const calls: string[] = [];
  const name = (urn: string) => parseUrn(urn).name;
  return {
    calls,
    create: async (urn: string, inputs: Properties) => {
      calls.push(`create ${name(urn)}`);
      return { id: `id-${name(urn)}`, outs: { ...inputs, computed: `of ${name(urn)}` } };
    },
    update: async (_id: string, urn: string, _olds: Properties, news: Properties) => {
      calls.push(`update ${name(urn)}`);
      return { outs: { ...news, computed: `of ${name(urn)}` } };
    },
    delete: async (_id: string, urn: string) => {
      calls.push(`delete ${name(urn)}`);
    },
    ...overrides,
  };
}

/** A goal for a resource of the fake package, with what a test does not care about left at its default. */
export function goal(name: string, inputs: Properties = {}, options: Partial<Goal> = {}): Goal {
  return {
    type: "fake:index:Thing",
    name,
    custom: true,
    parent: "",
    inputs,
    dependencies: [],
    propertyDependencies: {},
    protect: false,
    retainOnDelete: false,
    provider: "",
    version: "1.0.0",
    ignoreChanges: [],
    replaceOnChanges: [],
    deleteBeforeReplace: undefined,
    additionalSecretOutputs: [],
    aliases: [],
    hooks: {},
    ...options,
  };
}

export const urnOf = (name: string) => `urn:pulumi:test::project::fake:index:Thing::${name}`;

export interface Deployed {
  readonly steps: readonly string[];
  /** The changed property paths of each of them. */
  readonly changed: readonly (readonly string[])[];
  readonly errors: readonly string[];
  readonly snapshot: Snapshot;
  readonly saved: readonly Snapshot[];
  readonly registered: readonly (Registered | undefined)[];
}

/** Registers goals one after the other, as a program does that waits for each, and then deletes what is gone. */
export async function deploy(
  old: readonly ResourceState[],
  goals: readonly Goal[],
  {
    provider = fakeProvider(),
    dryRun = false,
    targets,
  }: { provider?: pulumiProvider.Provider; dryRun?: boolean; targets?: ReadonlySet<string> } = {},
): Promise<Deployed> {
  const [steps, errors, saved]: [StepEvent[], string[], Snapshot[]] = [[], [], []];
  const deployment = new Deployment({
    stack: "test",
    project: "project",
    dryRun,
    old: { resources: old, pending: [] },
    providers: { fake: provider },
    hooks: new Hooks(),
    targets,
    save: async (current) => {
      saved.push(structuredClone(current()));
    },
    onStep: (event) => {
      if (event.kind === "end") steps.push(event);
    },
    onError: (message, urn) => errors.push(`${parseUrn(urn).name}: ${message}`),
    onWarning: () => undefined,
  });
  const registered: (Registered | undefined)[] = [];
  for (const wanted of goals) registered.push(await deployment.register(wanted).catch(() => undefined));
  if (!deployment.failed) await deployment.deleteUnwanted();
  return {
    steps: steps.map(({ op, urn }) => `${op} ${parseUrn(urn).name}`),
    changed: steps.map(({ changed }) => changed),
    errors,
    snapshot: deployment.snapshot(),
    saved,
    registered,
  };
}

/** The named resource of a snapshot. */
export function resource({ resources }: Snapshot, name: string): ResourceState | undefined {
  return resources.find(({ urn }) => parseUrn(urn).name === name);
}
