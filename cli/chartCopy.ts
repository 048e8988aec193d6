import { chmodSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { create } from "tar";
import { chartFolder, localChart, schemaFile } from "../model/chart/chart.ts";
import { messageOf } from "../model/text/problems.ts";
import { type ChartFiles, readArchive } from "./chartArchive.ts";

/**
 * The files that releases install: all but the schema of the values, which the provider would compile and apply anew for each
 * release of each preview. What it refuses, `check` and the program refuse before anything is registered.
 */
export function copiedFiles(published: ChartFiles): ChartFiles {
  return new Map([...published].filter(([path]) => path !== schemaFile).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** What is wrong with the copy of a chart version that releases install; undefined where it is what is made of these files. */
export function copyProblem(root: string, version: string, published: ChartFiles): string | undefined {
  const path = localChart(version);
  if (!existsSync(join(root, path))) return `${path} is not there`;
  try {
    const [found, wanted] = [readArchive(join(root, path), path), copiedFiles(published)];
    const same = found.size === wanted.size && [...wanted].every(([name, bytes]) => found.get(name)?.equals(bytes));
    return same ? undefined : `${path} is not what is made of the published archive`;
  } catch (error) {
    return messageOf(error);
  }
}

/** Makes the copy that releases install, of files that were checked: the same bytes on every machine. */
export function makeCopy(root: string, version: string, published: ChartFiles): void {
  const folder = mkdtempSync(join(root, chartFolder, "incoming-"));
  try {
    const files = copiedFiles(published);
    for (const [path, bytes] of files) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), bytes);
      chmodSync(join(folder, path), 0o644);
    }
    const file = join(folder, "chart.tgz");
    // Stored and not compressed: compression differs between machines, and each release would undo it.
    create({ file, cwd: folder, gzip: { level: 0 }, portable: true, mtime: new Date(0), sync: true }, [
      ...files.keys(),
    ]);
    renameSync(file, join(root, localChart(version)));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
