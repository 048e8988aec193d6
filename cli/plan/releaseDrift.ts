import { parseAllDocuments } from "yaml";
import { z } from "zod";
import { stackOf } from "../../model/deploy/tenantUrns.ts";
import {
  type KubernetesObject,
  laidOver,
  objectKey,
  objectStep,
  type ReleaseRef,
  replacementOf,
} from "../../model/plan/chartObjects.ts";
import type { DriftStep } from "../../model/plan/drift.ts";
import { uncompared } from "../../model/plan/uncompared.ts";
import { ours, say, type Words } from "../../model/plan/words.ts";
import { recoverCommand } from "../../model/recovery/errors.ts";
import { releaseType } from "../../model/recovery/ids.ts";
import { oneLine } from "../../model/text/printable.ts";
import { Refusal } from "../../model/text/problems.ts";
import type { Kubectl } from "../kubectl.ts";
import { byHand, type DriftedRelease, type HelmRevision, newestOf } from "./helmHistory.ts";
import type { EngineState } from "./previewJson.ts";

/** An object of a release that is not as its chart has rendered it. */
export interface DriftedObject {
  readonly step: DriftStep;
  /** What puts it back, for `kubectl create` where it is gone, and else for `kubectl replace`. */
  readonly mended: KubernetesObject;
}

/** What is inside a stack's releases, held against what their chart has rendered. */
export interface ReleaseDrift {
  readonly objects: readonly DriftedObject[];
  /** Releases that somebody has deployed with other values, where no engine sees that. */
  readonly releases: readonly DriftedRelease[];
  /** What could not be compared, for the reader. */
  readonly notes: readonly Words[];
}

const objectSchema = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({
    name: z.string(),
    namespace: z.string().optional(),
    labels: z
      .record(z.string(), z.string())
      .nullish()
      .transform((labels) => labels ?? undefined),
    annotations: z
      .record(z.string(), z.string())
      .nullish()
      .transform((all) => all ?? undefined),
  }),
});

const releaseInputs = z.object({
  name: z.string(),
  namespace: z.string(),
  version: z.string().optional(),
  values: z.record(z.string(), z.unknown()).optional(),
});

/** The releases of a state. */
export function releasesOf(resources: readonly EngineState[]): ReleaseRef[] {
  return resources.flatMap(({ urn, type, parent, inputs }) => {
    const { data } = releaseInputs.safeParse(inputs);
    if (type !== releaseType || data === undefined) return [];
    const { name, namespace, version: chart, values } = data;
    const deployed = chart !== undefined && values !== undefined && { deployed: { chart, values } };
    return [{ urn, name, namespace, ...(parent !== undefined && { parent }), ...deployed }];
  });
}

/**
 * Compares what is inside releases with what Helm has kept of its rendering: engines compare Helm's own words of a release and
 * nothing else. Of Secrets it reads those in which Helm keeps its releases; of others only that they are there.
 *
 * @throws Refusal where the cluster cannot be asked.
 */
export async function releaseDrift(releases: readonly ReleaseRef[], kubectl: Kubectl): Promise<ReleaseDrift> {
  const found = await ofEach(releases, (release) => driftIn(release, kubectl));
  const notes = found.flatMap((one) => one.notes);
  return {
    objects: found.flatMap(({ objects }) => objects),
    releases: found.flatMap(({ releases }) => releases),
    notes: [...new Map(notes.map((words) => [JSON.stringify(words), words])).values()],
  };
}

/**
 * The releases that somebody has deployed with other values, where no engine sees that, as far as Helm's newest revision is no
 * broken one.
 *
 * @throws Refusal where the cluster cannot be asked.
 */
export async function releasesByHand(releases: readonly ReleaseRef[], kubectl: Kubectl): Promise<DriftedRelease[]> {
  const found = await ofEach(releases, async (release) => {
    const newest = await newestOf(release, kubectl);
    return newest?.status === "deployed" ? byHand(release, newest, kubectl) : undefined;
  });
  return found.flatMap((one) => one ?? []);
}

/** A few at a time: each takes processes of its own, and the API server's patience. */
async function ofEach<T>(releases: readonly ReleaseRef[], work: (release: ReleaseRef) => Promise<T>): Promise<T[]> {
  const done: T[] = [];
  for (let i = 0; i < releases.length; i += 4) done.push(...(await Promise.all(releases.slice(i, i + 4).map(work))));
  return done;
}

async function driftIn(release: ReleaseRef, kubectl: Kubectl): Promise<ReleaseDrift> {
  const newest = await newestOf(release, kubectl);
  const unknown = whyUncompared(release, newest);
  if (newest === undefined || unknown !== undefined) return { objects: [], releases: [], notes: unknown ?? [] };
  const changed = await byHand(release, newest, kubectl);
  const rendered = objectsOf(release, newest);
  const secrets = rendered.filter(({ kind }) => kind === "Secret");
  const others = rendered.filter(({ kind }) => kind !== "Secret");
  const lacking = await lackingSecrets(release, secrets, kubectl);
  const live = byKey(
    objectsIn(await read(kubectl, ["get", "--ignore-not-found", "-o", "json", "-f", "-"], listOf(others))),
  );
  const pairs = others.map((one) => ({ one, is: live.get(objectKey(one)) }));
  const replacements = pairs.flatMap(({ one, is }) => (is === undefined ? [] : [replacementOf(one, is)]));
  const { expected, refusals, allowed } = await dryRun(replacements, kubectl);
  const objects = [...lacking.map((one) => ({ one, is: undefined })), ...pairs].flatMap(
    ({ one, is }): DriftedObject[] => {
      const mended = is === undefined ? withOwner(one, release) : replacementOf(one, is);
      const wanted = is === undefined ? one : (expected.get(objectKey(one)) ?? (laidOver(one, is) as KubernetesObject));
      const step = objectStep(release, { expected: wanted, live: is, refused: refusals.get(objectKey(one)) });
      return step === undefined ? [] : [{ step, mended }];
    },
  );
  const onlyRead = ours(
    "Whoever asks may only read: of what is inside releases, what was added by hand beside what the chart says is not seen.",
  );
  return { objects, releases: changed === undefined ? [] : [changed], notes: allowed ? [] : [onlyRead] };
}

/** Why nothing can be held against Helm's newest revision; undefined where it can. */
function whyUncompared(
  { urn, name, namespace }: ReleaseRef,
  newest: HelmRevision | undefined,
): readonly Words[] | undefined {
  if (newest === undefined) return [say`${ours(uncompared)}: Helm has none ${name} in namespace ${namespace}.`];
  const { revision, status } = newest;
  if (status === "deployed") return undefined;
  // Half of it is there: neither what it would have become nor what was before is what should be.
  const found = say`of ${name} in namespace ${namespace} revision ${revision} is ${status}`;
  const mend = say`see that no deployment runs, then: ${recoverCommand(stackOf(urn))}`;
  const back = recoverCommand(stackOf(urn), "--rollback", name);
  const todo =
    status === "failed"
      ? say`mend the cause, and 'npm run up' goes forward; where it has nothing to do: ${back}`
      : mend;
  return [say`${ours(uncompared)}: ${found}, and nothing of it is put back; ${todo}.`];
}

/** What the chart has rendered for a revision. */
function objectsOf({ namespace }: ReleaseRef, { manifest }: HelmRevision): KubernetesObject[] {
  return parseAllDocuments(manifest)
    .map((document) => document.toJS() as unknown)
    .filter((object) => object !== null && object !== undefined)
    .map((object) => {
      const { metadata, ...rest } = objectSchema.parse(object) as KubernetesObject;
      return { ...rest, metadata: { ...metadata, namespace: metadata.namespace ?? namespace } } as KubernetesObject;
    });
}

/** Which Secrets are not there. A table of them is made by the API server: what is in them does not reach this program. */
async function lackingSecrets(
  { namespace }: ReleaseRef,
  secrets: readonly KubernetesObject[],
  kubectl: Kubectl,
): Promise<KubernetesObject[]> {
  if (secrets.length === 0) return [];
  const names = secrets.map(({ metadata }) => metadata.name);
  const asked = ["get", "secrets", ...names, "--namespace", namespace, "--ignore-not-found", "--no-headers"];
  const there = new Set((await read(kubectl, asked)).split("\n").map((line) => line.split(/\s+/)[0]));
  return secrets.filter(({ metadata }) => !there.has(metadata.name));
}

interface DryRun {
  /** What the API server would make of each. */
  readonly expected: ReadonlyMap<string, KubernetesObject>;
  /** Why it would not take one. */
  readonly refusals: ReadonlyMap<string, string>;
  /** False for whoever may only read. */
  readonly allowed: boolean;
}

/** Asks the API server what it would make of some objects, with its defaults: nothing is done. */
async function dryRun(objects: readonly KubernetesObject[], kubectl: Kubectl): Promise<DryRun> {
  if (objects.length === 0) return { expected: new Map(), refusals: new Map(), allowed: true };
  const { stdout, stderr } = await kubectl(["replace", "--dry-run=server", "-o", "json", "-f", "-"], listOf(objects));
  const expected = byKey(objectsIn(stdout));
  if (/\(Forbidden\).*\bcannot (update|patch)\b/.test(stderr))
    return { expected: new Map(), refusals: new Map(), allowed: false };
  const lines = stderr.split("\n");
  const refusals = objects.flatMap((object): [string, string][] => {
    if (expected.has(objectKey(object))) return [];
    const said = lines.find((line) => line.includes(`"${object.metadata.name}"`)) ?? stderr;
    return [[objectKey(object), oneLine(said.trim())]];
  });
  return { expected, refusals: new Map(refusals), allowed: true };
}

/** By these marks Helm knows what is its own. Source: Helm, pkg/action/validate.go. */
function withOwner(object: KubernetesObject, { name, namespace }: ReleaseRef): KubernetesObject {
  const { metadata } = object;
  const labels = { ...metadata.labels, "app.kubernetes.io/managed-by": "Helm" };
  const owner = { "meta.helm.sh/release-name": name, "meta.helm.sh/release-namespace": namespace };
  return { ...object, metadata: { ...metadata, labels, annotations: { ...metadata.annotations, ...owner } } };
}

function listOf(items: readonly KubernetesObject[]): string {
  return JSON.stringify({ apiVersion: "v1", kind: "List", items });
}

function byKey(objects: readonly KubernetesObject[]): Map<string, KubernetesObject> {
  return new Map(objects.map((object) => [objectKey(object), object]));
}

/** The objects that kubectl printed: a list, or one after the other. */
function objectsIn(stdout: string): KubernetesObject[] {
  const parts = stdout.trim() === "" ? [] : stdout.trim().split(/(?<=^\})\n(?=\{)/m);
  return parts.flatMap((part) => {
    const value = JSON.parse(part) as { kind?: string; items?: unknown[] };
    const objects = value.kind === "List" ? (value.items ?? []) : [value];
    return objects.map((object) => objectSchema.parse(object) as KubernetesObject);
  });
}

async function read(kubectl: Kubectl, args: readonly string[], input?: string): Promise<string> {
  const { ok, stdout, stderr } = await kubectl(args, input);
  if (ok) return stdout;
  throw new Refusal(`kubectl ${args.slice(0, 2).join(" ")}: ${oneLine(stderr.trim())}`);
}

/**
 * Puts objects back: what is gone is made again, and what is changed is replaced. Nothing is deleted.
 *
 * @throws Refusal where the API server does not take one.
 */
export async function putBack(objects: readonly DriftedObject[], kubectl: Kubectl): Promise<void> {
  const able = objects.filter(({ step }) => step.refused === undefined);
  for (const [verb, op] of [
    ["create", "delete"],
    ["replace", "update"],
  ] as const) {
    const these = able.filter(({ step }) => step.op === op).map(({ mended }) => mended);
    if (these.length === 0) continue;
    const { ok, stderr } = await kubectl([verb, "-f", "-"], listOf(these));
    if (!ok) throw new Refusal(`not all could be put back: ${oneLine(stderr.trim())}`);
  }
}
