import { setTimeout as sleep } from "node:timers/promises";
import { guardName } from "../../../model/deploy/namespace.ts";
import { type Answer, type Api, contains, type Identity, type Json, overlay, type Target } from "./api.ts";
import { type Actor, actors, bases, type Step, type TenantName } from "./data.ts";

/** Another tenant's namespace, for whoever means no particular one. */
const otherOf = (tenant: TenantName): TenantName => (tenant === "tenant-reader" ? "tenant-writer" : "tenant-reader");

/** What the suite's stack calls its guard. */
export const guard = guardName("virtual-clusters", "local");

/** Fills in what the data leave open: `$tenant` is the actor's namespace, `$other` another one, `$user` the actor. */
export function fill<T>(value: T, actor: Actor): T {
  const { tenant, ...identity } = actors[actor];
  const user = "user" in identity ? identity.user : "platform";
  const text = JSON.stringify(value)
    .replaceAll("$guard", guard)
    .replaceAll("$tenant", tenant)
    .replaceAll("$other", otherOf(tenant))
    .replaceAll("$user", user);
  return JSON.parse(text) as T;
}

/** Where actors act: the host, and for what is done inside a virtual cluster that one, and what they left there. */
export class Stage {
  readonly host: Api;
  readonly inside: Api | undefined;
  readonly #left: { readonly api: Api; readonly target: Target }[] = [];

  constructor(host: Api, inside?: Api) {
    this.host = host;
    this.inside = inside;
  }

  api(actor: Actor): Api {
    if (actor !== "inside") return this.host;
    if (this.inside === undefined) throw new Error("there is no virtual cluster to act in");
    return this.inside;
  }

  /** Does one step as an actor; what it makes is remembered for {@link clear}. */
  async perform(given: Step, who: Actor, options: { readonly dryRun?: boolean } = {}): Promise<Answer> {
    const actor = given.by ?? who;
    const api = this.api(actor);
    const step = fill(given, who);
    const asked = { ...options, as: identity(actor) };
    const target = targetOf(step, actor === "inside" ? "default" : actors[who].tenant);
    if (step.create !== undefined) {
      const manifest = completed(api, step.create);
      const { name } = manifest.metadata;
      const answer = await api.create(step.of === undefined ? { ...target, name: undefined } : target, manifest, asked);
      if (answer.ok && !options.dryRun && step.of === undefined)
        this.#left.push({ api, target: { ...target, name, subresource: undefined } });
      return answer;
    }
    if (step.get !== undefined) return api.get(target, asked);
    if (step.gone !== undefined) return this.#awaitGone(api, target);
    const change = step.with ?? {};
    if (step.has !== undefined) return this.#awaitState(api, target, change);
    if (step.delete !== undefined) return api.delete(target, { ...asked, body: change });
    if (step.patch !== undefined) return api.patch(target, change, asked);
    // Read by the platform: an attacker may know what stands there.
    const found = await api.get({ ...target, subresource: undefined });
    if (!found.ok) return found;
    return api.replace(target, overlay(found.body, change) as Json, asked);
  }

  async #awaitGone(api: Api, target: Target): Promise<Answer> {
    const uid = (answer: Answer) => (answer.body.metadata as { uid?: string; deletionTimestamp?: string }) ?? {};
    const before = uid(await api.get(target));
    for (let attempt = 0; ; attempt++) {
      const now = await api.get(target);
      const { uid: id, deletionTimestamp } = uid(now);
      // What was deleted at once may have come back under its name already.
      if (!now.ok || id !== before.uid || (attempt > 8 && deletionTimestamp === undefined))
        return { ok: true, code: 200, message: "", body: {} };
      if (attempt > 240) return { ...now, ok: false, message: "it stays" };
      await sleep(250);
    }
  }

  async #awaitState(api: Api, target: Target, state: Json): Promise<Answer> {
    for (const start = Date.now(); ; await sleep(250)) {
      const now = await api.get(target);
      if (now.ok && contains(now.body, state)) return now;
      // A quota that was taken away says nothing that could be waited for.
      if (now.code === 404 && Date.now() > start + 5000) return { ...now, ok: true };
      if (Date.now() > start + 60_000)
        return { ...now, ok: false, message: `it does not say ${JSON.stringify(state)}` };
    }
  }

  /** Removes what was made since the last time, what controllers and the syncer made of it, and what they said. */
  async clear(): Promise<void> {
    const left = this.#left.splice(0).reverse();
    for (const { api, target } of left) await api.remove(target);
    for (const namespace of new Set(left.map(({ api, target }) => (api === this.host ? target.namespace : home)))) {
      for (const kind of made)
        for (const { metadata } of await this.host.list<Named>({ kind, namespace }))
          if (metadata.name.startsWith("attack")) await this.host.remove({ kind, name: metadata.name, namespace });
      await this.host.delete({ kind: "Event", namespace });
    }
    await this.inside?.delete({ kind: "Event", namespace: "default" });
  }

  /** What a controller or the syncer says, by events, of an object that it was refused to make. */
  async refusal(step: Step, who: Actor): Promise<readonly string[]> {
    const { namespace, name = "" } = targetOf(fill(step, who), who === "inside" ? "default" : actors[who].tenant);
    const events = await this.api(who).list<Event>({ kind: "Event", namespace });
    return events
      .filter((event) => (event.involvedObject ?? event.regarding)?.name?.startsWith(name))
      .map((event) => event.message ?? event.note ?? "")
      .filter((text) => /forbidden|denied|exceeded|violates|invalid/i.test(text));
  }

  /** Whether an object of a tenant's namespace on the host has this in its name, and says this. */
  async appears(namespace: string, kind: string, part: string, says: Json = {}): Promise<boolean> {
    const items = await this.host.list<Json & Named>({ kind, namespace });
    return items.some((item) => item.metadata.name.includes(part) && contains(item, says));
  }
}

/** Kinds that the syncer and controllers make of others. */
const made = ["Pod", "Service", "Secret", "PersistentVolumeClaim"];

/** The namespace of the virtual cluster that is acted in. */
const home = actors.inside.tenant;

interface Named {
  readonly metadata: { readonly name: string };
}

interface Event {
  readonly involvedObject?: { readonly name?: string };
  readonly regarding?: { readonly name?: string };
  readonly message?: string;
  readonly note?: string;
}

/** Whom requests of an actor impersonate; undefined for whoever the kubeconfig signs in. */
export function identity(actor: Actor): Identity | undefined {
  const { tenant: _, ...named } = actors[actor];
  return "user" in named ? named : undefined;
}

/** What a step is about. */
export function targetOf(step: Step, home: string): Target {
  const given = step.get ?? step.patch ?? step.replace ?? step.delete ?? step.gone ?? step.has ?? step.of;
  const { subresource } = step;
  if (given === undefined) {
    const { kind, metadata } = step.create as { kind: string; metadata?: { name?: string; namespace?: string } };
    return { kind, name: metadata?.name ?? "attack", namespace: metadata?.namespace ?? home, subresource };
  }
  const [, kind = "", name, namespace = home] = /^(\w+)(?:\/(\S+))?(?: in (\S+))?$/.exec(given) ?? [];
  return { kind, name, namespace, subresource };
}

/** A manifest of the data, laid over what every one of its kind has. */
function completed(api: Api, manifest: Json): Json & { metadata: { name: string } } {
  const kind = String(manifest.kind);
  const apiVersion = manifest.apiVersion ?? api.apiVersion(kind);
  const base = overlay({ metadata: { name: "attack" } }, bases[kind] ?? {});
  return overlay(overlay(base, { apiVersion }), manifest) as Json & { metadata: { name: string } };
}
