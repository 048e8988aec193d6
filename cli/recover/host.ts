import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { stackLabel } from "../../model/deploy/namespace.ts";
import { type Checkpoint, clusterIdIn, kubeconfigIn, type StateRecord } from "../../model/recovery/checkpoint.ts";
import { idOf, releaseType } from "../../model/recovery/ids.ts";
import { newest, type Revision, type RevisionContent, recordName } from "../../model/recovery/releases.ts";
import type { Existing, Host, Looked } from "../../model/recovery/situation.ts";
import type { Settings } from "../../model/settings/settingsSchema.ts";
import { Refusal } from "../../model/text/problems.ts";
import { ask, json, type Reply } from "../doctor/ask.ts";
import { ownContext } from "../doctor/releases.ts";
import { helmRevisions, readRecord } from "../helmRecords.ts";
import { clusterFlags, withoutHelms } from "../kubectl.ts";
import { pulumiEnvironment } from "../pulumiCli.ts";

/** A host cluster, as kubectl finds it. */
export interface HostAccess {
  readonly host: Host;
  /** kubectl's flags; undefined where it does not answer. */
  readonly flags?: readonly string[];
}

/** The host cluster of a stack. */
export interface HostQuestion {
  /** The project's folder. */
  readonly root: string;
  /** Undefined where they are not right: then nobody knows which cluster is meant. */
  readonly settings: Settings | undefined;
  readonly state: Checkpoint;
  /** The namespaces that the stack's tenants have, by their files and by the state. */
  readonly namespaces: ReadonlySet<string>;
  /** How the stack marks its own: see guardName. */
  readonly guard: string;
}

/** Asks the host cluster for its Helm releases, and gives the answer to some work that may ask it further. */
export async function withHost<T>(question: HostQuestion, work: (access: HostAccess) => Promise<T>): Promise<T> {
  const { root, settings, state } = question;
  if (settings === undefined) return work(silent("the settings are not right"));
  if (settings.existingCluster !== undefined) {
    return work(await answerOf(clusterFlags(root, settings.existingCluster), question));
  }
  const folder = mkdtempSync(join(tmpdir(), "recover-"));
  try {
    const flags = await azureFlags(state, folder);
    return await work("host" in flags ? flags : await answerOf(flags, question));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function answerOf(flags: readonly string[], { settings, namespaces, guard }: HostQuestion): Promise<HostAccess> {
  const [revisions, stacks] = await Promise.all([helmRevisions(flags, pulumiEnvironment()), stacksOfNamespaces(flags)]);
  const failed = [revisions, stacks].find((one) => "reason" in one);
  if (failed !== undefined || "reason" in revisions || "reason" in stacks) {
    const { reason = "", installed = true } = failed ?? {};
    // Azure has it, or the API server says that one may not ask.
    const isThere = settings?.azure !== undefined || /\((Forbidden|Unauthorized)\)/.test(reason);
    return silent(`kubectl: ${reason}`, { asked: installed, isThere });
  }
  // Another stack can have tenants of the same names, on a cluster that kubectl's context means by mistake. Before releases
  // marked them, namespaces said nothing.
  const own = new Set([...stacks].flatMap(([name, stack]) => (stack === undefined || stack === guard ? [name] : [])));
  const ours = revisions.filter(({ namespace }) => namespaces.has(namespace) && own.has(namespace));
  return { flags, host: { answers: true, revisions: ours, namespaces: own } };
}

const namespacesSchema = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string(), labels: z.record(z.string(), z.string()).default({}) }),
    }),
  ),
});

/** Which stack each namespace of a cluster says that it is of, or why that cannot be asked. */
async function stacksOfNamespaces(flags: readonly string[]): Promise<Map<string, string | undefined> | Reply> {
  const reply = await askOnHost(flags, "kubectl", ["get", "namespaces", "--output", "json"]);
  const list = namespacesSchema.safeParse(json(reply)).data;
  if (list === undefined) return reply;
  return new Map(list.items.map(({ metadata }) => [metadata.name, metadata.labels[stackLabel]]));
}

const silent = (why: string, { asked = false, isThere = false } = {}): HostAccess => ({
  host: { answers: false, asked, isThere, why },
});

/**
 * The flags for a stack's AKS cluster, where Azure has it: kubectl's context where that is it, or else the kubeconfig that the
 * state has.
 *
 * @param folder where that kubeconfig is written: it names the program that signs in, and holds no credential
 */
async function azureFlags(state: Checkpoint, folder: string): Promise<readonly string[] | HostAccess> {
  const clusterId = clusterIdIn(state);
  if (clusterId === undefined) return silent("the state has no cluster yet");
  const reply = await ask("az", ["aks", "show", "--ids", clusterId, "--output", "json"]);
  const cluster = json<{ readonly fqdn?: string; readonly privateFqdn?: string }>(reply);
  if (cluster === undefined) {
    const gone = goneBy(reply);
    return gone === undefined ? silent(`az: ${reply.reason}`) : { host: { answers: false, gone } };
  }
  const server = cluster.privateFqdn || cluster.fqdn;
  if (!server) return silent("Azure tells no name of its API server yet", { isThere: true });
  const own = await ownContext(server);
  if (own !== undefined) return own;
  const kubeconfig = kubeconfigIn(state);
  if (kubeconfig === undefined) {
    return silent("kubectl's context is another cluster: az aks get-credentials", { isThere: true });
  }
  const file = join(folder, "config");
  writeFileSync(file, kubeconfig, { mode: 0o600 });
  return clusterFlags(folder, { kubeconfig: file });
}

/** As whoever Pulumi's providers sign in as, where kubelogin asks who that is. */
export function askOnHost(flags: readonly string[], command: "kubectl" | "helm", args: readonly string[]) {
  const environment = pulumiEnvironment();
  return ask(command, [...flags, ...args], command === "helm" ? withoutHelms(environment) : environment);
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

const texts = z.record(z.string(), z.string()).default({});
const objectSchema = z.object({ metadata: z.object({ labels: texts, annotations: texts }) });

/** What of these resources the cluster has, as far as they are Kubernetes'. */
export async function existingOnHost({ host, flags }: HostAccess, creations: readonly StateRecord[]): Promise<Looked> {
  if (!host.answers || flags === undefined) return { existing: [] };
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
    if (namespace !== undefined && !host.namespaces.has(namespace)) continue;
    const target = [kindOf(record), name, ...(namespace === undefined ? [] : ["--namespace", namespace])];
    const question = ["get", ...target, "--ignore-not-found", "--output", "json"];
    const reply = await askOnHost(flags, "kubectl", question);
    if (!reply.ok) return { existing: found, silence: `kubectl: ${reply.reason}` };
    const object = objectSchema.safeParse(json(reply)).data;
    if (object !== undefined) found.push({ record, id, marks: object.metadata });
  }
  return { existing: found };
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
  const words = ["delete", "secret", "--namespace", namespace, "--selector", selector];
  const reply = await askOnHost(flags, "kubectl", words);
  if (!reply.ok) throw new Refusal(`Helm's record ${recordName(revision)} stays: ${reply.reason}`);
}

/**
 * The chart and values of a revision, from Helm's record of it.
 *
 * @throws Refusal where it cannot be read
 */
export async function revisionContent(flags: readonly string[], revision: Revision): Promise<RevisionContent> {
  const record = recordName(revision);
  const question = ["get", "secret", record, "--namespace", revision.namespace, "--output", "jsonpath={.data.release}"];
  const reply = await askOnHost(flags, "kubectl", question);
  try {
    return readRecord(reply.stdout).content;
  } catch {
    throw new Refusal(`Helm's record ${record} cannot be read${reply.ok ? "" : `: ${reply.reason}`}`);
  }
}
