import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { list, type ReadEntry } from "tar";
import { parse } from "yaml";
import { chartName } from "../model/chart/chart.ts";
import { Refusal } from "../model/text/problems.ts";

/** Where archives are taken from: a file, another site than their authors', or else theirs. */
export interface ChartSource {
  /** The path of an archive. */
  readonly from?: string | undefined;
  /** The address of a folder that has `vcluster-<version>.tgz`, such as a mirror's. */
  readonly repository?: string | undefined;
}

/** Where the chart's authors publish it. */
const authors = "https://charts.loft.sh/charts";

/** An archive, and what to call it in a message. */
export interface ChartArchive {
  readonly bytes: Buffer;
  readonly origin: string;
}

/**
 * Gets the archive of a chart version.
 *
 * @throws Refusal where it cannot be had.
 */
export async function getArchive(version: string, { from, repository = authors }: ChartSource): Promise<ChartArchive> {
  if (from !== undefined) return { bytes: await readArchiveFile(from), origin: from };
  const url = `${requireSafe(repository).replace(/\/+$/, "")}/${chartName}-${version}.tgz`;
  return { bytes: await download(url), origin: url };
}

/** An archive that comes over the network in the clear could be anybody's; one that a first pin is taken from above all. */
function requireSafe(repository: string): string {
  const url = URL.parse(repository);
  const local = url?.protocol === "http:" && ["127.0.0.1", "[::1]", "localhost"].includes(url.hostname);
  if (url?.protocol === "https:" || local) return repository;
  throw new Refusal(`'${repository}' is not the https address of a folder of charts`);
}

export async function readArchiveFile(path: string): Promise<Buffer> {
  return readFile(path).catch(() => {
    throw new Refusal(`${path} cannot be read as a file`);
  });
}

async function download(url: string): Promise<Buffer> {
  const advice = "Get the archive on a machine that reaches it, then: npm run chart -- --from <file>";
  const response = await fetch(url).catch((error: Error) => {
    const cause = error.cause instanceof Error ? error.cause.message : error.message;
    throw new Refusal(`the chart could not be downloaded from ${url}: ${cause}. ${advice}`);
  });
  if (!response.ok) throw new Refusal(`${url} answered ${response.status} ${response.statusText}. ${advice}`);
  return Buffer.from(await response.arrayBuffer());
}

/** The files of a chart's archive: contents by path. */
export type ChartFiles = ReadonlyMap<string, Buffer>;

/** @throws Refusal that names `origin` where the file is no archive. */
export function readArchive(file: string, origin: string): ChartFiles {
  const files = new Map<string, Buffer>();
  const onReadEntry = (entry: ReadEntry) => {
    const parts: Buffer[] = [];
    entry.on("data", (part: Buffer) => parts.push(part));
    entry.on("end", () => files.set(entry.path, Buffer.concat(parts)));
  };
  try {
    list({ file, sync: true, strict: true, filter: (path) => !path.endsWith("/"), onReadEntry });
  } catch {
    files.clear();
  }
  if (files.size === 0) throw new Refusal(`${origin} is not a chart archive (a .tgz as Helm packs it)`);
  return files;
}

/** What an archive says that it holds. */
export function aboutChart(files: ChartFiles): { readonly name?: string; readonly version?: string } {
  return (parse(files.get(`${chartName}/Chart.yaml`)?.toString("utf8") ?? "{}") ?? {}) as {
    name?: string;
    version?: string;
  };
}

/** Files of a chart that install nothing: how it was packed, its readme, its authors' tests. */
const inert = /^[^/]+\/(Chart\.yaml|README\.md|\.helmignore|tests\/.*)$/;

/**
 * A digest of what the chart installs, whoever packed it: paths and contents in order. `Chart.yaml` is written anew
 * by every packing, so that its name and version are compared instead.
 */
export function digestOf(files: ChartFiles): string {
  const sha256 = (data: string | Buffer) => createHash("sha256").update(data).digest("hex");
  const lines = [...files]
    .filter(([path]) => !inert.test(path))
    .map(([path, content]) => `${path} ${sha256(content)}\n`);
  return sha256(lines.sort().join(""));
}
