import { imageTagValue, storeOf, type Values, valueAt } from "../deploy/chartFacts.ts";

/** A revision of a Helm release, by what Helm writes on its record. */
export interface Revision {
  readonly namespace: string;
  readonly name: string;
  readonly revision: number;
  /** Such as "deployed" or "pending-upgrade". */
  readonly status: string;
  /** How old the record is, as kubectl says it: "12s". */
  readonly age: string;
}

/** The id of a release, as Pulumi's provider has it. Of a tenant, that of the release which its file asks for. */
export function releaseId({ namespace, name }: Pick<Revision, "namespace" | "name">): string {
  return `${namespace}/${name}`;
}

/** What Helm calls the record of a revision: a Secret in the release's namespace. Source: Helm, storage driver `secrets`. */
export function recordName({ name, revision }: Pick<Revision, "name" | "revision">): string {
  return `sh.helm.release.v1.${name}.v${revision}`;
}

/** True where Helm refuses every further operation: one was cut off, or is still going on. */
export function isHalfway({ status }: Pick<Revision, "status">): boolean {
  return ["pending-install", "pending-upgrade", "pending-rollback"].includes(status);
}

/** The newest revision of each release, by {@link releaseId}. */
export function newest(revisions: readonly Revision[]): Map<string, Revision> {
  const found = new Map<string, Revision>();
  for (const one of revisions) {
    const key = releaseId(one);
    if ((found.get(key)?.revision ?? 0) < one.revision) found.set(key, one);
  }
  return found;
}

/** The revision that a release could go back to: the last one before that was in force; undefined where there is none. */
export function previousOf(last: Revision, revisions: readonly Revision[]): Revision | undefined {
  const inForce = revisions.filter(
    ({ revision, status }) => revision < last.revision && /^(deployed|superseded)$/.test(status),
  );
  return newest(inForce).get(releaseId(last));
}

/** What decides whether a virtual cluster can go back from one revision to another. */
export interface RevisionContent {
  /** The chart's version, such as "0.36.1". */
  readonly chart: string;
  readonly values: Values;
}

const line = (version: unknown) => /^v?(\d+\.\d+)\b/.exec(String(version))?.[1] ?? "unknown";

/**
 * Why a release may not go back to an older revision; nothing where it may. A virtual cluster keeps its data in the store:
 * an older Kubernetes or vCluster need not read what a newer one has written, and another store has none of it.
 */
export function rollbackProblems(from: RevisionContent, to: RevisionContent): string[] {
  const differing = [
    ["Kubernetes minor", line(valueAt(from.values, imageTagValue)), line(valueAt(to.values, imageTagValue))],
    ["chart line", line(from.chart), line(to.chart)],
    ["store", storeOf(from.values), storeOf(to.values)],
  ] as const;
  return differing.flatMap(([what, now, then]) =>
    now === then && now !== "unknown" ? [] : [`${what}: ${now} now, ${then} then`],
  );
}
