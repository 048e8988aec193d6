import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { chartFolder, chartName, localChart } from "../model/chart/chart.ts";
import type { PinnedChart } from "../model/settings/stackCharts.ts";
import { messageOf, Refusal } from "../model/text/problems.ts";
import {
  aboutChart,
  type ChartArchive,
  type ChartFiles,
  type ChartSource,
  digestOf,
  getArchive,
  readArchive,
} from "./chartArchive.ts";

/**
 * Puts a checked copy of a chart version where the program looks for it.
 *
 * @param root the project's root
 * @returns the path of the copy
 * @throws Refusal where the chart cannot be had, or is not the one whose digest is pinned.
 */
export async function storeChart(root: string, chart: PinnedChart, source: ChartSource = {}): Promise<string> {
  const archive = await getArchive(chart.version, source);
  return storeArchive(root, archive, chart.version, (files) => requirePinned(files, chart));
}

/**
 * The same for an archive that is at hand.
 *
 * @param check looks at its files, and throws where they are not the right ones: nothing is kept of them then
 */
export async function storeArchive(
  root: string,
  { bytes, origin }: ChartArchive,
  version: string,
  check: (files: ChartFiles) => void,
): Promise<string> {
  await mkdir(join(root, chartFolder), { recursive: true });
  const folder = await mkdtemp(join(root, chartFolder, "incoming-"));
  try {
    const file = join(folder, "chart.tgz");
    await writeFile(file, bytes);
    const files = readArchive(file, origin);
    requireVersion(files, version);
    check(files);
    await rename(file, join(root, localChart(version)));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return localChart(version);
}

/** True where the local copy is there. */
export function hasChart(root: string, version: string): boolean {
  return existsSync(join(root, localChart(version)));
}

/** What is wrong with the local copy of a chart version; undefined where it is the pinned one. */
export function checkStoredChart(root: string, chart: PinnedChart): string | undefined {
  const path = localChart(chart.version);
  if (!hasChart(root, chart.version)) return `${path} is not there`;
  try {
    const files = readArchive(join(root, path), path);
    requireVersion(files, chart.version);
    requirePinned(files, chart);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

function requireVersion(files: ChartFiles, version: string): void {
  const about = aboutChart(files);
  if (about.name === chartName && about.version === version) return;
  throw new Refusal(`the archive holds chart '${about.name}' ${about.version}, not ${chartName} ${version}`);
}

/** @throws Refusal where the files are not those whose digest is pinned. */
export function requirePinned(files: ChartFiles, { version, digest: expected, where }: PinnedChart): void {
  const digest = digestOf(files);
  if (digest === expected) return;
  throw new Refusal(
    `chart ${version} is not the pinned one: its files have digest ${digest}, expected ${expected} (${where})`,
  );
}
