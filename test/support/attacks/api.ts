import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** A manifest, or what is laid over one. */
export type Json = Readonly<Record<string, unknown>>;

/** Whom a request impersonates. The server adds by itself the groups of everybody and of service accounts. */
export interface Identity {
  readonly user: string;
  readonly group?: string;
}

/** What an API server answered. */
export interface Answer {
  readonly ok: boolean;
  readonly code: number;
  /** The message of its Status where it refused. */
  readonly message: string;
  readonly body: Json;
}

/** A kind of object, as discovery tells it. */
export interface Kind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
  readonly subresources: readonly Subresource[];
}

/** A subresource of a kind, and what can be done with it. */
export interface Subresource {
  readonly name: string;
  readonly verbs: readonly string[];
}

/** An object, a collection (no name), or a subresource of one. */
export interface Target {
  readonly kind: string;
  readonly name?: string | undefined;
  readonly namespace: string;
  readonly subresource?: string | undefined;
}

export interface RequestOptions {
  /** By default whoever the kubeconfig signs in. */
  readonly as?: Identity | undefined;
  readonly body?: Json;
  /** All of admission is asked, and nothing is kept. */
  readonly dryRun?: boolean;
}

const discovery = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

interface DiscoveredResource {
  readonly resource: string;
  readonly responseKind?: { readonly kind: string };
  readonly scope: string;
  readonly subresources?: readonly { readonly subresource: string; readonly verbs: readonly string[] }[];
}

interface DiscoveredGroups {
  readonly items: readonly {
    readonly metadata: { readonly name?: string };
    readonly versions: readonly { readonly version: string; readonly resources?: readonly DiscoveredResource[] }[];
  }[];
}

/**
 * An API server, asked as anybody: `kubectl proxy` signs in as the kubeconfig says, and requests name whom they
 * impersonate. What comes back is the server's own answer, which no client has interpreted.
 */
export class Api {
  readonly #proxy: ChildProcess;
  readonly #url: string;
  /** Every kind that the server knows. */
  kinds: readonly Kind[] = [];

  private constructor(proxy: ChildProcess, url: string) {
    this.#proxy = proxy;
    this.#url = url;
  }

  /** @param kubeconfig whose current context is asked; by default kubectl's own */
  static async connect(kubeconfig?: string): Promise<Api> {
    const flags = kubeconfig === undefined ? [] : ["--kubeconfig", kubeconfig];
    const proxy = spawn("kubectl", [...flags, "proxy", "--port=0"], { stdio: ["ignore", "pipe", "inherit"] });
    const line = await new Promise<string>((resolve, reject) => {
      createInterface({ input: proxy.stdout }).once("line", resolve);
      proxy.once("error", reject);
      proxy.once("exit", (code) => reject(new Error(`kubectl proxy ended with ${code}`)));
    });
    const address = /127\.0\.0\.1:\d+/.exec(line)?.[0];
    if (address === undefined) throw new Error(`kubectl proxy says no address: ${line}`);
    const api = new Api(proxy, `http://${address}`);
    await api.discover();
    return api;
  }

  close(): void {
    this.#proxy.kill();
  }

  /** Reads what kinds there are: again after a custom resource definition was made. */
  async discover(): Promise<void> {
    const found = await Promise.all(["/api", "/apis"].map((path) => this.#send("GET", path, { accept: discovery })));
    this.kinds = found.flatMap(({ body }) =>
      (body as unknown as DiscoveredGroups).items.flatMap(({ metadata, versions }) =>
        versions.flatMap(({ version, resources = [] }) =>
          resources.map(({ resource, responseKind, scope, subresources = [] }) => ({
            group: metadata.name ?? "",
            version,
            kind: responseKind?.kind ?? resource,
            plural: resource,
            namespaced: scope === "Namespaced",
            subresources: subresources.map(({ subresource: name, verbs }) => ({ name, verbs })),
          })),
        ),
      ),
    );
  }

  /** The kind of this name; Kubernetes' own where a custom resource has the same one. */
  kind(name: string): Kind {
    const found = this.kinds.filter(({ kind }) => kind === name);
    const own = found.find(({ group }) => !group.includes(".") || group.endsWith(".k8s.io")) ?? found[0];
    if (own === undefined) throw new Error(`the API server knows no ${name}`);
    return own;
  }

  /** The apiVersion of a kind, as manifests write it. */
  apiVersion(name: string): string {
    const { group, version } = this.kind(name);
    return group === "" ? version : `${group}/${version}`;
  }

  path({ kind, name, namespace, subresource }: Target): string {
    const { namespaced, plural } = this.kind(kind);
    const version = this.apiVersion(kind);
    const root = version.includes("/") ? `/apis/${version}` : `/api/${version}`;
    return [root, ...(namespaced ? ["namespaces", namespace] : []), plural, name, subresource]
      .filter((part) => part !== undefined)
      .join("/");
  }

  get(target: Target, options: RequestOptions = {}): Promise<Answer> {
    return this.#send("GET", this.path(target), options);
  }

  /** The items of a collection, as whoever asks knows them. */
  async list<T = Json>(target: Target): Promise<readonly T[]> {
    const { ok, message, body } = await this.get(target);
    if (!ok) throw new Error(message);
    return body.items as readonly T[];
  }

  create(target: Target, body: Json, options: RequestOptions = {}): Promise<Answer> {
    return this.#send("POST", this.path(target), { ...options, body });
  }

  replace(target: Target, body: Json, options: RequestOptions = {}): Promise<Answer> {
    return this.#send("PUT", this.path(target), { ...options, body });
  }

  /** A merge patch. */
  patch(target: Target, body: Json, options: RequestOptions = {}): Promise<Answer> {
    return this.#send("PATCH", this.path(target), { ...options, body, type: "application/merge-patch+json" });
  }

  /** @param options.body what else DeleteOptions says */
  delete(target: Target, options: RequestOptions = {}): Promise<Answer> {
    // A server that is given options in the body does not look at the query.
    const dryRun = options.dryRun ? { dryRun: ["All"] } : {};
    const given = { ...options.body, ...dryRun };
    const body = { kind: "DeleteOptions", apiVersion: "v1", propagationPolicy: "Background", ...given };
    return this.#send("DELETE", this.path(target), { ...options, body });
  }

  /** Removes an object now, whatever holds it, and waits until it is gone. */
  async remove(target: Target): Promise<void> {
    for (let attempt = 0; attempt < 600; attempt++) {
      const { code, body } = await this.get(target);
      if (code === 404) return;
      const { finalizers } = (body.metadata ?? {}) as { finalizers?: readonly string[] };
      if (finalizers?.length && target.kind !== "Namespace")
        await this.patch(target, { metadata: { finalizers: null } });
      const now = { kind: "DeleteOptions", apiVersion: "v1", gracePeriodSeconds: 0, propagationPolicy: "Background" };
      await this.#send("DELETE", this.path(target), { body: now });
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`${target.kind} ${target.name} stays`);
  }

  async #send(
    method: string,
    path: string,
    {
      as,
      body,
      dryRun,
      type = "application/json",
      accept = "application/json",
    }: RequestOptions & {
      readonly type?: string;
      readonly accept?: string;
    },
  ): Promise<Answer> {
    const headers = new Headers({ accept, "content-type": type });
    if (as !== undefined) {
      headers.set("Impersonate-User", as.user);
      if (as.group !== undefined) headers.set("Impersonate-Group", as.group);
    }
    const query = dryRun ? "?dryRun=All" : "";
    const response = await fetch(`${this.#url}${path}${query}`, {
      method,
      headers,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const answer = parseObject(text);
    const message = response.ok ? "" : String(answer.message ?? text.trim());
    return { ok: response.ok, code: response.status, message, body: answer };
  }
}

function parseObject(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return {};
  }
}

/** Lays one manifest over another as a merge patch does, but lists are laid over each other item by item. */
export function overlay(below: unknown, above: unknown): unknown {
  if (Array.isArray(below) && Array.isArray(above))
    return Array.from({ length: Math.max(below.length, above.length) }, (_, i) =>
      i in above ? overlay(below[i], above[i]) : below[i],
    );
  if (!isObject(below) || !isObject(above)) return above;
  const merged: Record<string, unknown> = { ...below };
  for (const [key, value] of Object.entries(above)) {
    if (value === null) delete merged[key];
    else merged[key] = overlay(merged[key], value);
  }
  return merged;
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** True where everything that `part` says stands in `whole`. */
export function contains(whole: unknown, part: unknown): boolean {
  if (!isObject(part)) return JSON.stringify(whole) === JSON.stringify(part);
  return isObject(whole) && Object.entries(part).every(([key, value]) => contains(whole[key], value));
}
