import type { provider as pulumiProvider } from "@pulumi/pulumi";
import { readProject } from "../../model/settings/project.ts";
import { Cloud } from "../../sandbox/cloud/cloud.ts";
import { CloudProvider, packages } from "../../sandbox/cloud/provider.ts";
import type { ResourceState } from "../../sandbox/engine/checkpoint.ts";
import type { ProgramRunner } from "../../sandbox/engine/program.ts";
import { Providers } from "../../sandbox/engine/providers.ts";
import { settlePending } from "../../sandbox/engine/recovery.ts";
import { type Command, run } from "../../sandbox/engine/run.ts";
import { parseUrn, stackType } from "../../sandbox/engine/urn.ts";
import { WrittenState } from "../recovery/points.ts";

/** What the engine's state holds of one tenant. */
export interface TenantState {
  /** What its component asked for last. */
  readonly begun?: { readonly kubernetes: string };
  readonly namespace?: {
    readonly owner: string;
    readonly name: string;
    readonly kept: boolean;
    readonly protect: boolean;
  };
  readonly release?: { readonly kubernetes: string; readonly store: string; readonly protect: boolean };
}

/** What is really there, and what the stack's outputs remember, after a deployment. */
export interface World {
  readonly remembered: Readonly<Record<string, Remembered>>;
  readonly retained: Readonly<Record<string, string>>;
  readonly state: Readonly<Record<string, TenantState>>;
  /** The host's namespaces by name. */
  readonly namespaces: Readonly<Record<string, { readonly tenant: string; readonly owner: string }>>;
  /** The virtual clusters that run or are stopped, by tenant. */
  readonly clusters: Readonly<
    Record<string, { readonly namespace: string; readonly kubernetes: string; readonly store: string }>
  >;
}

/** What the outputs say of a tenant. */
export interface Remembered {
  readonly owner: string;
  readonly namespace: string;
  readonly store: string;
  readonly kubernetes: string;
  readonly lifecycle: string;
  readonly dataOnRemoval: string;
}

/** A provider call that fails. */
export interface Fault {
  /** Which call of the deployment, counted from 0. */
  readonly nth: number;
  /** The type whose calls alone are counted; all where it is left out. */
  readonly type?: string;
  /** Whether it is done all the same. */
  readonly after: boolean;
  /** Whether the process is gone then: nothing is written and nothing is called any more. */
  readonly kill?: boolean;
}

/** What a failing call says. */
export const injected = "injected: the connection was closed";

/**
 * A provider with a fault in it; `hit` is called where that happens.
 *
 * @param mends whether the engine mends what was made or deleted without an answer; otherwise that is left out
 */
export function faultyProvider(
  provider: pulumiProvider.Provider,
  fault: Fault | undefined,
  hit: () => void,
  mends = false,
): pulumiProvider.Provider {
  let calls = 0;
  let gone = false;
  const strike = async <T>(urn: string, after: boolean, work: () => Promise<T>): Promise<T> => {
    if (gone) throw new Error(injected);
    const isCounted = fault !== undefined && (fault.type ?? parseUrn(urn).type) === parseUrn(urn).type;
    if (!isCounted || calls++ !== fault.nth) return work();
    gone = fault.kill === true;
    if (after) await work();
    hit();
    throw new Error(injected);
  };
  const after = fault?.after === true;
  return {
    ...provider,
    create: (urn, inputs) =>
      strike(urn, after && mends, async () => (await provider.create?.(urn, inputs)) ?? { id: "" }),
    update: (id, urn, olds, news) =>
      strike(urn, after, async () => (await provider.update?.(id, urn, olds, news)) ?? {}),
    delete: (id, urn, props) => strike(urn, after && mends, async () => provider.delete?.(id, urn, props)),
  };
}

/** How a run ended. */
export interface Outcome {
  readonly ok: boolean;
  /** What it said is wrong. */
  readonly errors: readonly string[];
  readonly faultHit: boolean;
}

/** A stack that lives: on the embedded engine, or on the real one. */
export interface Stack {
  run(command: Command, fault?: Fault): Promise<Outcome>;
  world(): World;
}

/** A stack on the embedded engine over a simulated cloud that can fail. */
export class EmbeddedStack implements Stack {
  readonly #root: string;
  readonly #program: ProgramRunner;
  readonly #cloud = new Cloud(undefined);
  readonly #state = new WrittenState();
  #resources: readonly ResourceState[] = [];

  constructor(root: string, program: ProgramRunner) {
    this.#root = root;
    this.#program = program;
  }

  async run(command: Command, fault?: Fault): Promise<Outcome> {
    let faultHit = false;
    const provider = new CloudProvider(this.#cloud, () => undefined);
    const providers = (of: pulumiProvider.Provider) => Object.fromEntries(packages.map((name) => [name, of]));
    const hit = () => {
      faultHit = true;
    };
    const { ok, messages } = await run({
      command,
      project: readProject(this.#root, "test"),
      state: {
        read: () => this.#state.read(),
        write: (current) =>
          faultHit && fault?.kill === true ? Promise.reject(new Error(injected)) : this.#state.write(current),
      },
      providers: providers(faultyProvider(provider, fault, hit, true)),
      program: this.#program,
    });
    // What the next run will know.
    const settled = await settlePending(this.#state.read(), new Providers(providers(provider)), () => undefined);
    this.#resources = settled.resources;
    const errors = messages.filter(({ severity }) => severity === "error").map(({ message }) => message);
    return { ok, errors, faultHit };
  }

  world(): World {
    return worldOf(this.#cloud, this.#resources);
  }
}

/** What a cloud and a state say together. */
export function worldOf(cloud: Cloud, resources: readonly ResourceState[]): World {
  const objects = (type: string) => cloud.ofType(type).map(({ properties }) => properties);
  const { outputs = {} } = resources.find(({ type }) => type === stackType) ?? {};
  const namespaces = objects("kubernetes:core/v1:Namespace").map(namespaceOf);
  const clusters = objects("kubernetes:helm.sh/v3:Release").map(
    (inputs) => [String(inputs.name), { namespace: String(inputs.namespace), ...releaseOf(inputs) }] as const,
  );
  return {
    remembered: (outputs.tenants ?? {}) as unknown as World["remembered"],
    retained: (outputs.retained ?? {}) as Record<string, string>,
    state: stateOf(resources),
    namespaces: Object.fromEntries(namespaces.map(({ name, tenant, owner }) => [name, { tenant, owner }])),
    clusters: Object.fromEntries(clusters),
  };
}

type Inputs = NonNullable<ResourceState["inputs"]>;

function namespaceOf(inputs: Inputs): { name: string; tenant: string; owner: string } {
  const { name, labels, annotations } = inputs.metadata as Record<string, Record<string, string>>;
  return {
    name: String(name),
    tenant: labels?.["virtual-clusters/tenant"] ?? "",
    owner: annotations?.["virtual-clusters/owner"] ?? "",
  };
}

function releaseOf(inputs: Inputs): { kubernetes: string; store: string } {
  const { distro, backingStore } = (inputs.values as Record<string, Record<string, object>>)
    .controlPlane as unknown as {
    distro: { k8s: { image: { tag: string } } };
    backingStore: object;
  };
  return {
    kubernetes: /\d+\.\d+/.exec(distro.k8s.image.tag)?.[0] ?? "",
    store: "etcd" in backingStore ? "etcd" : "sqlite",
  };
}

function stateOf(resources: readonly ResourceState[]): Record<string, TenantState> {
  const state: Record<string, TenantState> = {};
  const add = (tenant: string, part: TenantState) => {
    state[tenant] = { ...state[tenant], ...part };
  };
  for (const { urn, inputs = {}, protect = false, retainOnDelete = false } of resources) {
    const { type, name } = parseUrn(urn);
    if (type === "virtual-clusters:index:Tenant") {
      const { kubernetes } = inputs as { kubernetes?: string };
      if (kubernetes) add(name, { begun: { kubernetes } });
    } else if (type === "kubernetes:core/v1:Namespace") {
      const { name: namespace, owner } = namespaceOf(inputs);
      add(name.replace(/-namespace$/, ""), { namespace: { owner, name: namespace, kept: retainOnDelete, protect } });
    } else if (type === "kubernetes:helm.sh/v3:Release") {
      add(name.replace(/-vcluster$/, ""), { release: { ...releaseOf(inputs), protect } });
    }
  }
  return state;
}
