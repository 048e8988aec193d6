import { isDeepStrictEqual } from "node:util";
import type { RevisionContent } from "../recovery/releases.ts";
import { isMapping } from "../text/mapping.ts";
import type { DriftStep } from "./drift.ts";
import type { Resource } from "./steps.ts";

/** An object of Kubernetes, as a chart renders it or as an API server has it. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
}

/** By what an object is found among others of its release. */
export function objectKey({ kind, metadata }: KubernetesObject): string {
  return `${kind} ${metadata.name}`;
}

/**
 * What is to stand in place of an object: what the chart renders for it, with what an API server or a controller keeps of it
 * beside. What somebody has added at its top goes. Labels and annotations that others have added stay: the virtual cluster's own
 * are among them.
 */
export function replacementOf(rendered: KubernetesObject, live: KubernetesObject): KubernetesObject {
  const { labels, annotations } = rendered.metadata;
  const metadata = {
    ...live.metadata,
    ...(labels && { labels: { ...live.metadata.labels, ...labels } }),
    ...(annotations && { annotations: { ...live.metadata.annotations, ...annotations } }),
  };
  const kept = Object.entries(live).filter(([field]) => field === "status" || isControllers(rendered, field));
  return { ...Object.fromEntries(kept), ...rendered, metadata };
}

/** True for what a controller writes at the top of an object. An API server writes its defaults again by itself. */
function isControllers({ kind, aggregationRule }: KubernetesObject, field: string): boolean {
  // Clusters before Kubernetes 1.24 have a token there for each.
  if (kind === "ServiceAccount") return field === "secrets";
  // Collected from other roles.
  return kind === "ClusterRole" && aggregationRule !== undefined && field === "rules";
}

/**
 * The same for whoever may not ask the API server what it would make of that: the object with what the chart says of it laid
 * over it. What is there beside that is taken to be a default: nobody can tell it from what was added by hand.
 */
export function laidOver(rendered: unknown, live: unknown): unknown {
  if (isMapping(rendered) && isMapping(live)) {
    const over = Object.entries(rendered).map(([key, value]) => [key, laidOver(value, live[key])] as const);
    return { ...live, ...Object.fromEntries(over.filter(([, value]) => value !== undefined)) };
  }
  if (Array.isArray(rendered) && Array.isArray(live) && rendered.length === live.length)
    return rendered.map((value, i) => laidOver(value, live[i]));
  // API servers leave out what says nothing, and put their defaults in its place.
  if (rendered === null || rendered === "" || (live === undefined && isEmpty(rendered))) return live;
  return sameAmount(rendered, live) ? live : rendered;
}

function isEmpty(value: unknown): boolean {
  if (value === null || value === "" || value === false || value === 0) return true;
  return typeof value === "object" && Object.values(value).every(isEmpty);
}

/** API servers write amounts in a form of their own: "1024Mi" becomes "1Gi". */
function sameAmount(a: unknown, b: unknown): boolean {
  const [x, y] = [amountOf(a), amountOf(b)];
  return x !== undefined && x === y;
}

const units: Readonly<Record<string, number>> = {
  ...{ "": 1, m: 1e-3, k: 1e3, M: 1e6, G: 1e9, T: 1e12 },
  ...{ Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40 },
};

function amountOf(value: unknown): number | undefined {
  const [, digits, unit = ""] = /^(\d+(?:\.\d+)?)([A-Za-z]{0,2})$/.exec(String(value)) ?? [];
  const factor = units[unit];
  return digits === undefined || factor === undefined ? undefined : Number(digits) * factor;
}

/** The release that an object belongs to, as a state has it. */
export interface ReleaseRef {
  readonly urn: string;
  readonly name: string;
  readonly namespace: string;
  /** The URN of its tenant; left out where nobody asks whose it is. */
  readonly parent?: string;
  /** What it was deployed from; left out where the state does not say it. */
  readonly deployed?: RevisionContent;
}

/** What has become of an object: undefined where it is as it should be. */
export function objectStep(release: ReleaseRef, { expected, live, refused }: ObjectPair): DriftStep | undefined {
  const before = resourceOf(release, expected);
  if (live === undefined) return { op: "delete", before };
  // What others have added to its labels and annotations is nobody's business here.
  const after = resourceOf(release, live);
  if (isDeepStrictEqual(before.inputs, after.inputs)) return undefined;
  return { op: "update", before, after, ...(refused !== undefined && { refused }) };
}

/** An object as it should be, and as it is. */
export interface ObjectPair {
  readonly expected: KubernetesObject;
  /** Left out where there is no such object any more. */
  readonly live?: KubernetesObject | undefined;
  /** Why the API server does not let it be put back. */
  readonly refused?: string | undefined;
}

function resourceOf({ urn }: ReleaseRef, object: KubernetesObject): Resource {
  const { apiVersion, kind, metadata, status: _, ...rest } = object;
  const { name, labels, annotations } = metadata;
  // What a Secret holds is never compared, and goes nowhere.
  const said = kind === "Secret" ? {} : rest;
  return {
    urn: `${urn}/${objectKey(object)}`,
    type: `kubernetes:${apiVersion}:${kind}`,
    name,
    parent: urn,
    protect: false,
    retain: false,
    inputs: { ...said, metadata: { ...(labels && { labels }), ...(annotations && { annotations }) } },
  };
}
