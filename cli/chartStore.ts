import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { chartFolder, chartName, localChart, publishedChart } from "../model/chart/chart.ts";
import { type PinnedChart, projectCharts, stackCharts } from "../model/settings/stackCharts.ts";
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
import { copyProblem, makeCopy } from "./chartCopy.ts";

/**
 * Keeps a chart version: its archive once it is checked, and the copy of it where the program looks for it.
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
    await keep(root, version, file, files);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return localChart(version);
}

/**
 * Makes sure that the charts of a stack are at hand, each with its pinned digest.
 *
 * @param stack the stack; all of them where it is not named, for only the CLI knows which one is selected
 * @throws Refusal where a copy is not the pinned one: it is not installed.
 */
export async function provideCharts(root: string, stack: string | undefined): Promise<void> {
  const charts: PinnedChart[] = stack === undefined ? projectCharts(root) : stackCharts(root, stack);
  for (const chart of charts) await provideChart(root, chart, (text) => console.error(text));
}

/**
 * Makes sure that a chart version is at hand as it is pinned, and with it the copy that releases install: what is missing is
 * downloaded, and a copy that is missing or altered is made anew.
 *
 * @param warn is told where the chart cannot be had: the deployment says so, too, where it needs it
 * @throws Refusal where what is there is not the pinned chart: it is not installed.
 */
export async function provideChart(root: string, chart: PinnedChart, warn: (text: string) => void): Promise<void> {
  const { version } = chart;
  const [published, copy] = [publishedChart(version), localChart(version)];
  const has = (path: string) => existsSync(join(root, path));
  if (!has(published) && !has(copy)) {
    await storeChart(root, chart).catch((error: unknown) => warn(`warning: ${messageOf(error)}`));
    return;
  }
  // Earlier releases kept the published archive where the copy is now.
  const source = has(published) ? published : copy;
  const files = pinnedFiles(root, source, chart, `${source} is not installed: remove it, then npm run chart`);
  if (source === copy) return keep(root, version, join(root, copy), files);
  const problem = copyProblem(root, version, files);
  if (problem === undefined) return;
  if (has(copy)) warn(`${problem}: it was made anew`);
  makeCopy(root, version, files);
}

async function keep(root: string, version: string, archive: string, files: ChartFiles): Promise<void> {
  const published = join(root, publishedChart(version));
  await mkdir(dirname(published), { recursive: true });
  await rename(archive, published);
  makeCopy(root, version, files);
}

/** True where a chart version is at hand. */
export function hasChart(root: string, version: string): boolean {
  return [publishedChart(version), localChart(version)].some((path) => existsSync(join(root, path)));
}

/**
 * What is wrong with what is kept of a chart version; undefined where it is the pinned one. The copy that is made of it is not
 * asked for: a deployment makes it.
 */
export function checkStoredChart(root: string, chart: PinnedChart): string | undefined {
  if (!hasChart(root, chart.version)) return `${localChart(chart.version)} is not there`;
  const published = publishedChart(chart.version);
  try {
    pinnedFiles(root, existsSync(join(root, published)) ? published : localChart(chart.version), chart);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

/** @throws Refusal where an archive does not hold the pinned chart, with what is to be done. */
function pinnedFiles(root: string, path: string, chart: PinnedChart, advice?: string): ChartFiles {
  try {
    const files = readArchive(join(root, path), path);
    requireVersion(files, chart.version);
    requirePinned(files, chart);
    return files;
  } catch (error) {
    throw new Refusal([messageOf(error), ...(advice === undefined ? [] : [advice])].join(". "));
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
