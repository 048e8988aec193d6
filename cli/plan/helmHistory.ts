import { gunzipSync } from "node:zlib";
import { z } from "zod";
import { nameOf } from "../../model/deploy/tenantUrns.ts";
import type { ReleaseRef } from "../../model/plan/chartObjects.ts";
import type { DriftStep } from "../../model/plan/drift.ts";
import { isAsDeployed, unseenChanges } from "../../model/plan/releaseByHand.ts";
import { type RevisionContent, rollbackProblems } from "../../model/recovery/releases.ts";
import { oneLine } from "../../model/text/printable.ts";
import { Refusal } from "../../model/text/problems.ts";
import type { Kubectl } from "../kubectl.ts";

/** A revision of a release, as Helm keeps it. */
export interface HelmRevision {
  readonly revision: number;
  readonly status: string;
  /** What it was made of. */
  readonly content: RevisionContent;
  /** What the chart has rendered. */
  readonly manifest: string;
}

/** Source: Helm, pkg/release, Release. */
const helmRelease = z.object({
  manifest: z.string(),
  chart: z.object({ metadata: z.object({ version: z.string() }) }),
  config: z
    .record(z.string(), z.unknown())
    .nullish()
    .transform((values) => values ?? {}),
});

/**
 * The revisions of a release that Helm keeps, the newest last. Source: Helm, pkg/storage/driver.
 *
 * @param selector which of them, by their labels
 * @throws Refusal where the cluster cannot be asked.
 */
export async function revisionsOf(
  { name, namespace }: ReleaseRef,
  selector: string,
  kubectl: Kubectl,
): Promise<HelmRevision[]> {
  const columns = "{.metadata.labels.version}{' '}{.metadata.labels.status}{' '}{.data.release}{'\\n'}";
  const asked = ["get", "secrets", "--namespace", namespace, "--selector", `owner=helm,name=${name},${selector}`];
  const { ok, stdout, stderr } = await kubectl([...asked, "-o", `jsonpath={range .items[*]}${columns}{end}`]);
  if (!ok) throw new Refusal(`kubectl get secrets: ${oneLine(stderr.trim())}`);
  return stdout
    .split("\n")
    .flatMap((line): HelmRevision[] => {
      const [revision = "", status = "", record] = line.split(" ");
      return record === undefined ? [] : [{ revision: Number(revision), status, ...recorded(record) }];
    })
    .sort((a, b) => a.revision - b.revision);
}

function recorded(record: string): Pick<HelmRevision, "content" | "manifest"> {
  const text = gunzipSync(Buffer.from(Buffer.from(record, "base64").toString(), "base64")).toString();
  const { manifest, chart, config } = helmRelease.parse(JSON.parse(text));
  return { manifest, content: { chart: chart.metadata.version, values: config } };
}

/** A release, and the revision that it goes back to. */
export interface Rollback {
  readonly name: string;
  readonly namespace: string;
  readonly revision: number;
}

/** A release that somebody has deployed with other values, which no engine sees. */
export interface DriftedRelease {
  readonly step: DriftStep;
  /** What puts it back: the revision that the stack has deployed. Left out where there is none, or its data bear it not. */
  readonly rollback?: Rollback;
}

/**
 * Whether somebody has deployed a release with Helm, without a value of the stack's or with one more.
 *
 * @param newest Helm's newest revision
 * @throws Refusal where the cluster cannot be asked.
 */
export async function byHand(
  release: ReleaseRef,
  newest: HelmRevision,
  kubectl: Kubectl,
): Promise<DriftedRelease | undefined> {
  const { deployed, name, namespace } = release;
  const changes = deployed === undefined ? [] : unseenChanges(deployed, newest.content);
  if (deployed === undefined || changes.length === 0) return undefined;
  const older = await revisionsOf(release, "status=superseded", kubectl);
  const own = older.findLast(({ content }) => isAsDeployed(deployed, content));
  const problems = own === undefined ? [] : rollbackProblems(newest.content, own.content);
  const refused =
    own === undefined
      ? `Helm keeps no revision with its values; ${deploysAll}`
      : problems.length > 0
        ? `its data would not be read: ${problems.join("; ")}; ${deploysAll}`
        : undefined;
  const resource = (inputs: readonly (readonly [path: string, value: string])[]) => ({
    ...{ urn: release.urn, type: "kubernetes:helm.sh/v3:Release", name: nameOf(release.urn) },
    ...(release.parent !== undefined && { parent: release.parent }),
    ...{ protect: false, retain: false, inputs: Object.fromEntries(inputs) },
  });
  const [left, added] = [
    changes.flatMap(({ path, from }) => (from === undefined ? [] : [[`values.${path}`, from] as const])),
    // Nobody knows whether it is a secret.
    changes.flatMap(({ path, to }) => (to === undefined ? [] : [[`values.${path}`, "set by hand"] as const])),
  ];
  return {
    step: {
      ...{ op: "update", before: resource(left), after: resource(added) },
      ...(refused !== undefined && { refused }),
    },
    ...(own !== undefined && refused === undefined && { rollback: { name, namespace, revision: own.revision } }),
  };
}

const deploysAll = "whatever reaches its release in its file, such as its size, deploys all of its values";
