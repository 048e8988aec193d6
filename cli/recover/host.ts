import { gunzipSync } from "node:zlib";
import { z } from "zod";
import type { StateRecord } from "../../model/recovery/checkpoint.ts";
import type { Existing, Host } from "../../model/recovery/findings.ts";
import { idOf, releaseType } from "../../model/recovery/ids.ts";
import { newest, type Revision, type RevisionContent, recordName } from "../../model/recovery/releases.ts";
import type { Settings } from "../../model/settings/settingsSchema.ts";
import { Refusal } from "../../model/text/problems.ts";
import { ask, json, type Reply } from "../doctor/ask.ts";
import { ownContext } from "../doctor/releases.ts";
import { helmRevisions } from "../helmRecords.ts";
import { clusterFlags } from "../kubectl.ts";

/** A host cluster, as kubectl finds it. */
export interface HostAccess {
  readonly host: Host;
  /** kubectl's flags; undefined where it does not answer. */
  readonly flags?: readonly string[];
}

/**
 * Asks the host cluster for its Helm releases.
 *
 * @param clusterId the id of the AKS cluster, where the state has one
 * @param namespaces those that are this stack's
 */
export async function askHost(
  root: string,
  settings: Settings,
  clusterId: string | undefined,
  namespaces: ReadonlySet<string>,
): Promise<HostAccess> {
  const { existingCluster } = settings;
  const flags = existingCluster === undefined ? await azureFlags(clusterId) : clusterFlags(root, existingCluster);
  if ("host" in flags) return flags;
  const revisions = await helmRevisions(flags);
  if (!Array.isArray(revisions)) {
    const { reason, installed } = revisions;
    // Azure has it, or the API server says that one may not ask.
    const isThere = existingCluster === undefined || /\((Forbidden|Unauthorized)\)/.test(reason);
    return silent(`kubectl: ${reason}`, { asked: installed, isThere });
  }
  return { flags, host: { answers: true, revisions: revisions.filter((one) => namespaces.has(one.namespace)) } };
}

const silent = (why: string, { asked = false, isThere = false } = {}): HostAccess => ({
  host: { answers: false, asked, isThere, why },
});

/** The flags for a stack's AKS cluster, where Azure has it and kubectl's context is it. */
async function azureFlags(clusterId: string | undefined): Promise<readonly string[] | HostAccess> {
  if (clusterId === undefined) return silent("the state has no cluster yet");
  const reply = await ask("az", ["aks", "show", "--ids", clusterId, "--output", "json"]);
  const cluster = json<{ readonly fqdn?: string; readonly privateFqdn?: string }>(reply);
  if (cluster === undefined) {
    const gone = goneBy(reply);
    return gone === undefined ? silent(`az: ${reply.reason}`) : { host: { answers: false, gone } };
  }
  const flags = await ownContext(cluster.privateFqdn || cluster.fqdn || "");
  return flags ?? silent("kubectl's context is another cluster: az aks get-credentials", { isThere: true });
}

/**
 * What there is no more, where Azure says of a cluster that there is none. Anything else, such as a sign-in that is over, says
 * nothing.
 */
export function goneBy({ ok, stderr }: Pick<Reply, "ok" | "stderr">): "cluster" | "group" | undefined {
  if (ok) return undefined;
  if (/\bResourceGroupNotFound\b/.test(stderr)) return "group";
  return /\bResourceNotFound\b/.test(stderr) ? "cluster" : undefined;
}

const objectSchema = z.object({ metadata: z.object({ labels: z.record(z.string(), z.string()).default({}) }) });
const namespacesSchema = z.object({
  items: z.array(z.object({ metadata: z.object({ name: z.string() }) })),
});

/** What of these resources the cluster has, as far as they are Kubernetes'. */
export async function existingOnHost(
  { host, flags }: HostAccess,
  creations: readonly StateRecord[],
): Promise<Existing[]> {
  if (!host.answers || flags === undefined) return [];
  const list = namespacesSchema.safeParse(
    json(await ask("kubectl", [...flags, "get", "namespaces", "--output", "json"])),
  );
  const namespaces = new Set(list.data?.items.map(({ metadata }) => metadata.name));
  const releases = newest(host.revisions);
  const found: Existing[] = [];
  for (const record of creations) {
    const id = record.type.startsWith("kubernetes:") ? idOf(record, undefined) : undefined;
    if (id === undefined) continue;
    if (record.type === releaseType) {
      const status = releases.get(id)?.status;
      if (status !== undefined && !status.startsWith("uninstall")) found.push({ record, id });
      continue;
    }
    const [name = "", namespace] = id.split("/").reverse();
    if (namespace !== undefined && !namespaces.has(namespace)) continue;
    const target = [kindOf(record), name, ...(namespace === undefined ? [] : ["--namespace", namespace])];
    const reply = await ask("kubectl", [...flags, "get", ...target, "--ignore-not-found", "--output", "json"]);
    const object = objectSchema.safeParse(json(reply)).data;
    if (object !== undefined) found.push({ record, id, labels: object.metadata.labels });
  }
  return found;
}

/** "rolebinding.v1.rbac.authorization.k8s.io" of "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding". */
function kindOf({ type }: StateRecord): string {
  const [, group = "", version = "", kind = ""] = /^kubernetes:([^/]+)\/([^:]+):(.+)$/.exec(type) ?? [];
  return `${kind.toLowerCase()}.${version}.${group === "core" ? "" : group}`;
}

/**
 * Has Helm forget a revision that was cut off, where its record still says so.
 *
 * @throws Refusal where kubectl may not
 */
export async function forgetRevision(flags: readonly string[], revision: Revision): Promise<void> {
  const { namespace, name, status } = revision;
  const selector = `owner=helm,name=${name},version=${revision.revision},status=${status}`;
  const reply = await ask("kubectl", [...flags, "delete", "secret", "--namespace", namespace, "--selector", selector]);
  if (!reply.ok) throw new Refusal(`Helm's record ${recordName(revision)} stays: ${reply.reason}`);
}

const revisionSchema = z.object({
  chart: z.object({ metadata: z.object({ version: z.string() }) }),
  config: z.record(z.string(), z.unknown()).default({}),
});

/**
 * The chart and values of a revision, from Helm's record of it.
 *
 * @throws Refusal where it cannot be read
 */
export async function revisionContent(flags: readonly string[], revision: Revision): Promise<RevisionContent> {
  const record = recordName(revision);
  const question = ["get", "secret", record, "--namespace", revision.namespace, "--output", "jsonpath={.data.release}"];
  const reply = await ask("kubectl", [...flags, ...question]);
  try {
    const decoded = (text: string) => Buffer.from(text, "base64");
    const text = gunzipSync(decoded(decoded(reply.stdout).toString())).toString();
    const { chart, config } = revisionSchema.parse(JSON.parse(text));
    return { chart: chart.metadata.version, values: config };
  } catch {
    throw new Refusal(`Helm's record ${record} cannot be read${reply.ok ? "" : `: ${reply.reason}`}`);
  }
}
