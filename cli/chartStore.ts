import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { list, type ReadEntry } from "tar";
import { parse } from "yaml";
import { chartFolder, chartName, localChart } from "../model/chart/chart.ts";
import { type ChartVersion, chartDigests } from "../model/facts/chartVersions.ts";
import { messageOf, Refusal } from "../model/text/problems.ts";

/** Where the chart's authors publish it. */
const download = (version: string) => `https://charts.loft.sh/charts/${chartName}-${version}.tgz`;

/**
 * Puts a checked copy of a chart version where the program looks for it.
 *
 * @param root the project's root
 * @param source a file to take the chart from; its authors' site where it is left out
 * @returns the path of the copy
 * @throws Refusal where the chart cannot be had, or is not the one whose digest is pinned.
 */
export async function storeChart(root: string, version: ChartVersion, source?: string): Promise<string> {
  const archive = source === undefined ? await fetchChart(version) : await readArchiveFile(source);
  await mkdir(join(root, chartFolder), { recursive: true });
  const folder = await mkdtemp(join(root, chartFolder, "incoming-"));
  try {
    const file = join(folder, "chart.tgz");
    await writeFile(file, archive);
    checkChart(readArchive(file, source ?? download(version)), version);
    await rename(file, join(root, localChart(version)));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return localChart(version);
}

/** True where the local copy is there. */
export function hasChart(root: string, version: ChartVersion): boolean {
  return existsSync(join(root, localChart(version)));
}

/** What is wrong with the local copy of a chart version; undefined where it is the pinned one. */
export function checkStoredChart(root: string, version: ChartVersion): string | undefined {
  if (!hasChart(root, version)) return `${localChart(version)} is not there`;
  try {
    checkChart(readArchive(join(root, localChart(version)), localChart(version)), version);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

async function readArchiveFile(path: string): Promise<Buffer> {
  return readFile(path).catch(() => {
    throw new Refusal(`${path} cannot be read as a file`);
  });
}

async function fetchChart(version: string): Promise<Buffer> {
  const url = download(version);
  const advice = "Get the archive on a machine that reaches it, then: npm run chart -- --from <file>";
  const response = await fetch(url).catch((error: Error) => {
    const cause = error.cause instanceof Error ? error.cause.message : error.message;
    throw new Refusal(`the chart could not be downloaded from ${url}: ${cause}. ${advice}`);
  });
  if (!response.ok) throw new Refusal(`${url} answered ${response.status} ${response.statusText}. ${advice}`);
  return Buffer.from(await response.arrayBuffer());
}

function checkChart(files: ReadonlyMap<string, Buffer>, version: ChartVersion): void {
  const about = parse(files.get(`${chartName}/Chart.yaml`)?.toString("utf8") ?? "{}") as {
    name?: string;
    version?: string;
  };
  if (about.name !== chartName || about.version !== version) {
    throw new Refusal(`the archive holds chart '${about.name}' ${about.version}, not ${chartName} ${version}`);
  }
  const digest = digestOf(files);
  if (digest !== chartDigests[version]) {
    throw new Refusal(
      `chart ${version} is not the one this program is made for: its files have digest ${digest}, expected ${chartDigests[version]} (model/facts/chartVersions.ts)`,
    );
  }
}

/** Files of a chart that install nothing: how it was packed, its readme, its authors' tests. */
const inert = /^[^/]+\/(Chart\.yaml|README\.md|\.helmignore|tests\/.*)$/;

/**
 * A digest of what the chart installs, whoever packed it: paths and contents in order. `Chart.yaml` is written anew
 * by every packing, so that its name and version are compared instead.
 */
export function digestOf(files: ReadonlyMap<string, Buffer>): string {
  const sha256 = (data: string | Buffer) => createHash("sha256").update(data).digest("hex");
  const lines = [...files]
    .filter(([path]) => !inert.test(path))
    .map(([path, content]) => `${path} ${sha256(content)}\n`);
  return sha256(lines.sort().join(""));
}

/** @throws Refusal that names `origin` where the file is no archive. */
function readArchive(file: string, origin: string): Map<string, Buffer> {
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
