import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ResourceState } from "../../sandbox/engine/checkpoint.ts";
import { parseUrn } from "../../sandbox/engine/urn.ts";
import type { Properties } from "../../sandbox/engine/values.ts";
import { type Measured, measure } from "./measure.ts";

/** The providers that do there what Pulumi's Kubernetes provider does here. */
const providers = { helm: "3.1.2", kubernetes: "3.2.1" };

/** What `tofu` on PATH is, for people; undefined where there is none. */
export function openTofuVersion(): string | undefined {
  const { stdout } = spawnSync("tofu", ["version"], { encoding: "utf8" });
  const [own] = /^OpenTofu v\S+/m.exec(stdout ?? "") ?? [];
  const used = Object.entries(providers).map(([name, version]) => `${name} ${version}`);
  return own && `${own} (providers ${used.join(", ")}).`;
}

/** Tenants that are not deployed by the program which has them. */
export interface Tenants {
  /** The folder that releases name their chart from. */
  readonly root: string;
  /** The tenant that is the one to change. */
  readonly first: string;
  /** What the program registers. */
  registered(): readonly ResourceState[];
  changeOne(): Promise<void>;
}

/** OpenTofu deploying the tenants of a stack in this program's stead: the same namespaces and the same releases. */
export class OpenTofu {
  readonly name = "OpenTofu";
  readonly #tenants: Tenants;

  private constructor(tenants: Tenants) {
    this.#tenants = tenants;
  }

  /** A project with nothing deployed yet. Its providers are downloaded, or come from where the caller's settings of `tofu` say. */
  static async of(tenants: Tenants): Promise<OpenTofu> {
    const openTofu = new OpenTofu(tenants);
    openTofu.#write();
    await openTofu.#run(["init"]);
    return openTofu;
  }

  up(): Promise<Measured> {
    return this.#run(["apply", "-auto-approve"]);
  }

  same(): Promise<Measured> {
    return this.#plan([], "no changes");
  }

  changed(): Promise<Measured> {
    return this.#plan([], "changes");
  }

  /** A release brings the namespace that it depends on. */
  changedAlone(): Promise<Measured> {
    return this.#plan([`-target=helm_release.${this.#tenants.first}`], "changes");
  }

  async changeOne(): Promise<void> {
    await this.#tenants.changeOne();
    this.#write();
  }

  async destroy(): Promise<void> {
    await this.#run(["destroy", "-auto-approve"]);
  }

  #write(): void {
    const file = join(this.#tenants.root, "main.tf.json");
    writeFileSync(file, JSON.stringify(configuration(this.#tenants.registered()), literally, 2));
  }

  /** A plan that finds what it must. With this option the code says it: 2 where there are changes. */
  #plan(args: readonly string[], expected: "changes" | "no changes"): Promise<Measured> {
    return this.#run(["plan", "-detailed-exitcode", ...args], expected === "changes" ? 2 : 0);
  }

  #run(args: readonly string[], code = 0): Promise<Measured> {
    const env = { ...process.env, KUBE_CONFIG_PATHS: process.env.KUBECONFIG };
    return measure("tofu", [...args, "-input=false", "-no-color"], { cwd: this.#tenants.root, env }, { code });
  }
}

const namespaceType = "kubernetes:core/v1:Namespace";
const releaseType = "kubernetes:helm.sh/v3:Release";

/** In OpenTofu's JSON these begin a template wherever they stand in a text. */
const literally = (_: string, value: unknown) =>
  typeof value === "string" ? value.replace(/([$%])\{/g, "$1$1{") : value;

/** What OpenTofu is told, in its syntax for JSON, to deploy what the program registers below its tenants. */
function configuration(resources: readonly ResourceState[]) {
  const below = resources.filter(({ urn }) => /:Tenant\$/.test(parseUrn(urn).qualifiedType));
  const namespaces = below.filter(({ type }) => type === namespaceType).map(namespace);
  const releases = below.filter(({ type }) => type === releaseType).map(release);
  if (namespaces.length + releases.length < below.length || below.length === 0)
    throw new Error(`OpenTofu would not deploy the same as ${below.map(({ urn }) => urn).join(", ")}`);
  const required = Object.entries(providers).map(([name, version]) => [name, { source: `hashicorp/${name}`, version }]);
  return {
    terraform: { required_providers: Object.fromEntries(required) },
    resource: {
      kubernetes_namespace_v1: Object.fromEntries(namespaces),
      helm_release: Object.fromEntries(releases),
    },
  };
}

function namespace({ urn, inputs = {} }: ResourceState) {
  const { name, labels, annotations, ...rest } = inputs.metadata as Properties;
  requireNothing(rest, urn);
  return [String(name), { metadata: { name, labels, annotations } }] as const;
}

function release({ urn, inputs = {} }: ResourceState) {
  // How Helm goes about it is OpenTofu's to choose: it validates, as it does by itself.
  const { disableOpenapiValidation: _, ...deployed } = inputs;
  const { name, namespace: place, chart, version, values, timeout, maxHistory, ...rest } = deployed;
  requireNothing(rest, urn);
  const told = { name, namespace: place, chart, version, timeout, max_history: maxHistory };
  const depends_on = [`kubernetes_namespace_v1.${place}`];
  return [String(name), { ...told, values: [JSON.stringify(values)], depends_on }] as const;
}

/** What OpenTofu is not told of must be what it does anyway: all switches off. */
function requireNothing(rest: Properties, urn: string): void {
  const others = Object.entries(rest).filter(([, value]) => value !== false && value !== "");
  if (others.length > 0) throw new Error(`OpenTofu is not told of ${others.map(([key]) => key).join(", ")} of ${urn}`);
}
