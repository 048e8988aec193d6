import { mergeValues } from "../../model/deploy/chartValues.ts";
import { nameOf } from "../../model/deploy/tenantUrns.ts";
import type { ReleaseRef } from "../../model/plan/chartObjects.ts";
import type { DriftStep } from "../../model/plan/drift.ts";
import { isAsDeployed, setByHand, unseenChanges } from "../../model/plan/releaseByHand.ts";
import { releaseType } from "../../model/recovery/ids.ts";
import { type RevisionContent, rollbackProblems } from "../../model/recovery/releases.ts";
import { oneLine } from "../../model/text/printable.ts";
import { Refusal } from "../../model/text/problems.ts";
import { type HelmRecord, readRecord } from "../helmRecords.ts";
import type { Kubectl } from "../kubectl.ts";

/** A revision of a release, as Helm keeps it. */
export interface HelmRevision extends HelmRecord {
  readonly revision: number;
  readonly status: string;
}

/**
 * The revisions of a release that Helm keeps, the newest last. Source: Helm, pkg/storage/driver.
 *
 * @param selector which of them, by their labels
 * @throws Refusal where the cluster cannot be asked.
 */
async function revisionsOf(
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
      return record === undefined ? [] : [{ revision: Number(revision), status, ...readRecord(record) }];
    })
    .sort((a, b) => a.revision - b.revision);
}

/** The newest revision of a release. What an upgrade has replaced is never that; after one that failed, the one before stays "deployed". */
export async function newestOf(release: ReleaseRef, kubectl: Kubectl): Promise<HelmRevision | undefined> {
  return (await revisionsOf(release, "status!=superseded", kubectl)).at(-1);
}

/** What a revision was made of, with what the chart says by itself. */
function whole({ content, defaults }: HelmRevision): RevisionContent {
  return { ...content, values: mergeValues(defaults, content.values) };
}

/** A release, and the revision that it goes back to. */
export interface Rollback {
  readonly release: ReleaseRef;
  readonly revision: number;
  /** The newest one, of somebody else's. */
  readonly from: number;
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
  const { deployed } = release;
  const changes = deployed === undefined ? [] : unseenChanges(deployed, newest.content);
  if (deployed === undefined || changes.length === 0) return undefined;
  const older = await revisionsOf(release, "status=superseded", kubectl);
  const own = older.findLast(({ content }) => isAsDeployed(deployed, content));
  const problems = own === undefined ? [] : rollbackProblems(whole(newest), whole(own));
  const refused =
    own === undefined
      ? "Helm keeps no revision with its values; whatever reaches its release in its file, such as its size, deploys all of them"
      : problems.length > 0
        ? `whether its data would be read is not known: ${problems.join("; ")}; bring its file to what runs now, and 'npm run up' deploys all of its values`
        : undefined;
  const resource = (inputs: readonly (readonly [path: string, value: string])[]) => ({
    ...{ urn: release.urn, type: releaseType, name: nameOf(release.urn) },
    ...(release.parent !== undefined && { parent: release.parent }),
    ...{ protect: false, retain: false, inputs: Object.fromEntries(inputs) },
  });
  const [left, added] = [
    changes.flatMap(({ path, from }) => (from === undefined ? [] : [[`values.${path}`, from] as const])),
    changes.flatMap(({ path, to }) => (to === undefined ? [] : [[`values.${path}`, setByHand] as const])),
  ];
  return {
    step: {
      ...{ op: "update", before: resource(left), after: resource(added) },
      ...(refused !== undefined && { refused }),
    },
    ...(own !== undefined &&
      refused === undefined && { rollback: { release, revision: own.revision, from: newest.revision } }),
  };
}
