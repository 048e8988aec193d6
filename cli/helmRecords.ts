import { gunzipSync } from "node:zlib";
import { z } from "zod";
import type { Revision, RevisionContent } from "../model/recovery/releases.ts";
import { ask, type Reply } from "./doctor/ask.ts";

/**
 * What Helm's records of a cluster say of its releases. Names and labels alone are asked for, never what the Secrets hold.
 *
 * @param cluster kubectl's flags for the host
 * @param environment what kubectl is started with
 * @returns the revisions, or the answer of a kubectl that could not ask
 */
export async function helmRevisions(
  cluster: readonly string[],
  environment: NodeJS.ProcessEnv = process.env,
): Promise<Revision[] | Reply> {
  // A table is made by the API server, from the objects' metadata.
  const columns = ["--label-columns", "name,status,version", "--no-headers"];
  const question = [...cluster, "--request-timeout", "15s", "get", "secrets", "--all-namespaces"];
  const reply = await ask("kubectl", [...question, "--selector", "owner=helm", ...columns], environment);
  if (!reply.ok) return reply;
  return reply.stdout.split("\n").flatMap((line) => {
    const [namespace = "", , , , age = "", name = "", status = "", version] = line.trim().split(/\s+/);
    return version === undefined ? [] : [{ namespace, name, revision: Number(version), status, age }];
  });
}

const values = z
  .record(z.string(), z.unknown())
  .nullish()
  .transform((said) => said ?? {});

/** Source: Helm, pkg/release, Release. */
const recordSchema = z.object({
  manifest: z.string(),
  chart: z.object({ metadata: z.object({ version: z.string() }), values }),
  config: values,
});

/** What Helm's record of a revision holds. */
export interface HelmRecord {
  /** What the revision was made of. */
  readonly content: RevisionContent;
  /** What the chart says by itself. */
  readonly defaults: RevisionContent["values"];
  /** What the chart has rendered. */
  readonly manifest: string;
}

/**
 * Reads a record, as its Secret has it.
 *
 * @throws Error where it is something else
 */
export function readRecord(record: string): HelmRecord {
  const decoded = (text: string) => Buffer.from(text, "base64");
  const text = gunzipSync(decoded(decoded(record).toString())).toString();
  const { manifest, chart, config } = recordSchema.parse(JSON.parse(text));
  return { manifest, content: { chart: chart.metadata.version, values: config }, defaults: chart.values };
}
