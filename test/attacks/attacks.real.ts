import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type Actor,
  type Attack,
  actors,
  attacks,
  innocents,
  open,
  type Step,
  subresources,
} from "../support/attacks/data.ts";
import { must, type Restore, remove, signature, split } from "../support/attacks/defences.ts";
import { AttackedHost, hostVersion } from "../support/attacks/host.ts";
import { mayConnect, type NetworkPolicy } from "../support/attacks/network.ts";
import { fill, guard, Stage, targetOf } from "../support/attacks/stage.ts";
import { VirtualClusterAccess } from "../support/attacks/virtualCluster.ts";
import { requirePulumi } from "../support/realEngine.ts";

/*
 * Hostile and innocent tenants on the cluster that KUBECONFIG points at, after `up` of stack `local`: real Pulumi CLI,
 * Kubernetes provider and chart, and a real API server that answers. Needs `kubectl` on PATH. See docs/threat-model.md.
 */

/** An attack by one of those who make it. */
interface Case {
  readonly attack: Attack;
  readonly actor: Actor;
}

const insideReason = VirtualClusterAccess.missing;
const cases = attacks.flatMap((attack) => attack.who.map((actor): Case => ({ attack, actor })));
const named = (list: readonly Case[]) => list.map((one) => [`${one.attack.name} (${one.actor})`, one] as const);
const fromOutside = cases.filter(({ actor }) => actor !== "inside");
const fromInside = cases.filter(({ actor }) => actor === "inside");

let host: AttackedHost;
let stage: Stage;
let virtualCluster: VirtualClusterAccess | undefined;
/** What answered, by defence, for the summary. */
const tally = { refused: new Map<string, number>(), succeeded: new Map<string, number>() };

beforeAll(async () => {
  console.log(`Pulumi CLI ${requirePulumi()}, Kubernetes ${hostVersion()}`);
  host = await AttackedHost.deploy();
  if (insideReason === undefined) virtualCluster = await VirtualClusterAccess.open(actors.inside.tenant);
  else console.log(`attacks from inside a virtual cluster are skipped: ${insideReason}`);
  stage = new Stage(host.api, virtualCluster?.api);
});

afterAll(async () => {
  for (const [what, counts] of Object.entries(tally))
    for (const [defence, count] of [...counts].sort()) console.log(`${what.padEnd(10)}${defence.padEnd(40)}${count}`);
  virtualCluster?.close();
  await host?.destroy();
});

/** How an attack ended: what refused it, or nothing. */
type Outcome = { readonly refused: false } | { readonly refused: true; readonly by: string };

/** Makes an attack up to its last step, which is what is refused, and that one for real or as a dry run. */
async function attempt({ attack, actor }: Case, expected: RegExp, dryRun: boolean): Promise<Outcome> {
  const { steps = [], answer, asks } = attack;
  for (const step of steps.slice(0, -1)) await go(step, actor);
  const last = steps.at(-1);
  if (last === undefined) throw new Error("no step");
  const later = answer === "event" || actor === "inside";
  const { ok, message } = await stage.perform(last, actor, { dryRun: dryRun && !later });
  if (!ok) return { refused: true, by: message };
  if (!later) return { refused: false };
  const { tenant } = actors[actor];
  const { kind } = targetOf(last, tenant);
  const appears = attack.appears ?? (["Service", "PersistentVolumeClaim"].includes(kind) ? kind : "Pod");
  for (const end = Date.now() + (asks === undefined ? 120_000 : 10_000); ; await sleep(250)) {
    if (await stage.appears(tenant, appears, "attack", attack.leaves ?? last.with)) return { refused: false };
    if (asks !== undefined && Date.now() > end) {
      const asked = await stage.perform(asks, actor, { dryRun: true });
      return asked.ok ? { refused: false } : { refused: true, by: asked.message };
    }
    const said = await stage.refusal(last, actor);
    const found = said.find((text) => expected.test(text));
    if (found !== undefined) return { refused: true, by: found };
    if (Date.now() > end) return { refused: true, by: said.join("\n") };
  }
}

async function go(step: Step, actor: Actor): Promise<void> {
  const { ok, message } = await stage.perform(step, actor);
  if (!ok) throw new Error(`a step that must go through is refused: ${message}`);
}

/** Whether the network lets a connection through, as the policies on the API server say. */
async function connects({ attack, actor }: Case): Promise<boolean> {
  if (attack.connects === undefined) throw new Error("no connection");
  const items = async (path: string) => (await host.api.get({ kind: path, namespace: "" })).body.items;
  const namespaces = (await items("Namespace")) as { metadata: { name: string; labels: Record<string, string> } }[];
  const policies = await Promise.all(
    namespaces.map(
      async ({ metadata }) => await host.api.list<NetworkPolicy>({ kind: "NetworkPolicy", namespace: metadata.name }),
    ),
  );
  return mayConnect(
    fill(attack.connects, actor),
    actors[actor].tenant,
    policies.flat(),
    Object.fromEntries(namespaces.map(({ metadata }) => [metadata.name, metadata.labels])),
  );
}

function count(counts: Map<string, number>, defence: string): void {
  const [kind = defence] = split(defence);
  const name = kind === "network policy" ? kind : defence;
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

async function isRefused(one: Case): Promise<void> {
  const { attack, actor } = one;
  const [first = ""] = attack.defences;
  if (attack.connects !== undefined) {
    expect(await connects(one)).toBe(false);
  } else {
    // An attack that would succeed is not let through: it would break what the others are tried on.
    for (const dryRun of actor === "inside" || attack.answer === "event" ? [false] : [true, false]) {
      const outcome = await attempt(one, signature(first), dryRun).finally(() => stage.clear());
      expect(outcome, `${attack.name} goes through`).toHaveProperty("by");
      if (!outcome.refused) return;
      expect(outcome.by).toMatch(signature(first));
      if (attack.says !== undefined) expect(outcome.by).toContain(attack.says);
    }
  }
  count(tally.refused, first);
}

describe("every attack is refused by the defence that it names", () => {
  test.each(named(fromOutside))("%s", (_, one) => isRefused(one));
});

async function goesThrough({ steps, pods }: (typeof innocents)[number], actor: Actor): Promise<void> {
  try {
    for (const step of steps) must(await stage.perform(step, actor));
    if (pods === undefined) return;
    const { tenant } = actors[actor];
    await expect.poll(() => stage.appears(tenant, "Pod", pods), { timeout: 60_000, interval: 250 }).toBe(true);
  } finally {
    await stage.clear();
  }
}

const byActor = (list: typeof innocents) =>
  list.flatMap((action) => action.who.map((actor) => [`${action.name} (${actor})`, action, actor] as const));
const actions = byActor(innocents);

describe("what the guard must judge", () => {
  test("is every subresource that somebody may write, but those for which test/data/subresources.yaml has a reason", () => {
    const own = host.api.kinds.filter(
      ({ group, plural, namespaced }) =>
        (namespaced || plural === "namespaces") && (!group.includes(".") || group.endsWith(".k8s.io")),
    );
    const found = own.flatMap(({ group, plural, subresources: below }) =>
      below
        .filter(({ verbs }) => verbs.some((verb) => ["create", "update", "patch"].includes(verb)))
        .map(({ name }) => [...(group === "" ? [] : [group]), plural, name].join("/")),
    );
    expect([...new Set(found)].filter((name) => !(name in subresources)).sort()).toEqual([]);
  });

  test("is what Kubernetes finds no fault with", async () => {
    const policies = await host.api.list<Policy>({ kind: "ValidatingAdmissionPolicy", namespace: "" });
    const own = policies.filter(({ metadata }) => metadata.name.startsWith(`${guard}-`));
    expect(own.length).toBeGreaterThan(8);
    expect(own.filter(({ status }) => status?.typeChecking?.expressionWarnings !== undefined)).toEqual([]);
  });
});

interface Policy {
  readonly metadata: { readonly name: string };
  readonly status?: { readonly typeChecking?: { readonly expressionWarnings?: unknown } };
}

describe("whoever harms nobody is not stopped", () => {
  test.each(actions.filter(([, , actor]) => actor !== "inside"))("%s", (_, action, actor) =>
    goesThrough(action, actor),
  );

  test("the stack is deployed again, and nothing changes", async () => {
    expect(await host.up()).toMatch(/^Resources:\n {4}\d+ unchanged$/m);
  });
});

describe("what docs/threat-model.md calls open is open", () => {
  test.each(byActor(open))("%s", (_, action, actor) => goesThrough(action, actor));
});

describe.skipIf(insideReason !== undefined)("from inside a virtual cluster, through the syncer", () => {
  test.each(named(fromInside))("%s is refused", (_, one) => isRefused(one));

  test.each(actions.filter(([, , actor]) => actor === "inside"))("%s goes through", (_, action, actor) =>
    goesThrough(action, actor),
  );
});

/** Attacks that the same defences refuse, in the order in which they are taken away. */
const groups = Map.groupBy(insideReason === undefined ? cases : fromOutside, ({ attack, actor }) => {
  const { defences } = attack;
  const perTenant = defences.some((defence) => ["quota", "Pod Security"].includes(defence));
  const perCase = defences.includes("RBAC") || defences.some((defence) => split(defence)[0] === "network policy");
  const of = perCase ? ` (${actor}: ${attack.name})` : perTenant ? ` in ${actors[actor].tenant}` : "";
  return `${defences.join(", then ")}${of}`;
});

describe("with its defences off every attack succeeds", () => {
  test.each([...groups])("without %s", async (_, members) => {
    const [first] = members;
    if (first === undefined) throw new Error("an empty group");
    const defences = first.attack.defences.map((defence) => fill(defence, first.actor));
    const restores: Restore[] = [];
    try {
      for (const [i, defence] of defences.entries()) {
        restores.unshift(await remove(host.api, defence, first.actor, first.attack));
        for (const member of members) await meets(member, defences[i + 1]);
      }
      for (const member of members) for (const defence of member.attack.defences) count(tally.succeeded, defence);
    } finally {
      for (const restore of restores) await restore();
      await meets(first, defences[0]);
    }
  });
});

/** Waits until an attack is answered by a defence, or by none: the API server takes up a change within seconds. */
async function meets(one: Case, defence: string | undefined): Promise<void> {
  const expected = defence === undefined ? /^$/ : one.attack.connects === undefined ? signature(defence) : /^refused$/;
  for (const end = Date.now() + 40_000; ; await sleep(500)) {
    const answer = await answerTo(one, expected);
    if (defence === undefined ? answer === undefined : expected.test(answer ?? "")) return;
    if (Date.now() < end) continue;
    const found = answer === undefined ? "it goes through" : `it is refused: ${answer}`;
    throw new Error(`${one.attack.name} (${one.actor}) should meet ${defence ?? "nothing"}, but ${found}`);
  }
}

async function answerTo(one: Case, expected: RegExp): Promise<string | undefined> {
  if (one.attack.connects !== undefined) return (await connects(one)) ? undefined : "refused";
  const outcome = await attempt(one, expected, true).finally(() => stage.clear());
  return outcome.refused ? outcome.by : undefined;
}
