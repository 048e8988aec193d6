import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, globSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { chartFolder } from "../../model/chart/chart.ts";
import type { ProgramChange } from "../../model/plan/plan.ts";
import { programFiles } from "../../model/settings/programDigest.ts";
import { fileOfProject } from "../../model/settings/project.ts";
import { Refusal } from "../../model/text/problems.ts";

/** True where anything of a program is in a tree: what adds the first one changes none. */
export function hasProgram(root: string): boolean {
  return programFiles.some((pattern) => globSync(pattern, { cwd: root }).length > 0);
}

/** The files of two trees' programs that differ, or that only one of them has. */
export function changedProgramFiles(base: string, head: string): string[] {
  const files = [base, head].flatMap((root) => globSync(programFiles, { cwd: root }));
  const text = (root: string, file: string) => {
    const path = join(root, file);
    return statSync(path, { throwIfNoEntry: false })?.isFile() ? readFileSync(path, "utf8") : undefined;
  };
  return [...new Set(files)].filter((file) => text(base, file) !== text(head, file)).sort();
}

/** The program of the base, ready to be run. */
export interface BaseProgram extends Omit<ProgramChange, "ruling"> {
  /** Its own Node.js, where it has packages of its own. */
  readonly node?: string;
  /** Why it cannot be run. */
  readonly problem?: Refusal;
}

/** This program's own folder. */
const here = join(import.meta.dirname, "../..");

/**
 * Gives a project packages to be planned with, where nobody has installed any: those of this program, or where the lock files
 * differ its own, as for a base.
 *
 * @returns takes them away again
 * @throws Refusal where they cannot be installed.
 */
export function lendPackages(root: string): () => void {
  const packages = join(root, "node_modules");
  if (existsSync(packages)) return () => undefined;
  const isSame = isDeepStrictEqual(fileOfProject(root, "package-lock.json"), fileOfProject(here, "package-lock.json"));
  symlinkSync(isSame ? join(here, "node_modules") : install(root, here), packages);
  return () => rmSync(packages);
}

/**
 * Makes the base's program ready to run in its tree: with the head's packages, or where the lock files differ with its own.
 * Those are installed once, into a cache below the head's `node_modules`, without any script of theirs but that of the Node.js
 * that is pinned.
 */
export function prepareBase(base: string, head: string): BaseProgram {
  // Where there was no program, none was changed.
  const files = hasProgram(base) ? changedProgramFiles(base, head) : [];
  const ownPackages = files.includes("package-lock.json") && existsSync(join(base, "package-lock.json"));
  // There may have been no such folder yet.
  mkdirSync(base, { recursive: true });
  link(join(head, chartFolder), join(base, chartFolder));
  try {
    const packages = ownPackages ? install(base, head) : join(head, "node_modules");
    link(packages, join(base, "node_modules"));
    const node = join(packages, "node", "bin", "node");
    return { files, ownPackages, ...(ownPackages && existsSync(node) && { node }) };
  } catch (error) {
    if (error instanceof Refusal) return { files, ownPackages, problem: error };
    throw error;
  }
}

function link(from: string, to: string): void {
  if (existsSync(from) && !existsSync(to)) symlinkSync(from, to);
}

/** Installs what a lock file names, unless it is there from before. Returns the folder of the packages. */
function install(base: string, head: string): string {
  const names = ["package.json", "package-lock.json", ".npmrc"].filter((name) => existsSync(join(base, name)));
  const hash = createHash("sha256");
  for (const name of names) hash.update(`${name}\0`).update(readFileSync(join(base, name)));
  const folder = join(head, "node_modules", ".cache", "plan", hash.digest("hex").slice(0, 16));
  const packages = join(folder, "node_modules");
  // What npm writes at the end of an installation.
  if (existsSync(join(packages, ".package-lock.json"))) return packages;
  mkdirSync(folder, { recursive: true });
  for (const name of names) copyFileSync(join(base, name), join(folder, name));
  try {
    npm(folder, ["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
    if (existsSync(join(packages, "node"))) npm(folder, ["rebuild", "node", "--ignore-scripts=false"]);
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  return packages;
}

function npm(cwd: string, args: readonly string[]): void {
  const { status, stderr, error } = spawnSync("npm", args, {
    cwd,
    encoding: "utf8",
    stdio: ["ignore", "ignore", "pipe"],
  });
  if (status === 0) return;
  const why =
    error?.message ??
    stderr
      .trim()
      .split("\n")
      .find((line) => /ERR!|error/.test(line)) ??
    "it failed";
  throw new Refusal(
    `the base's own packages, which its package-lock.json names, cannot be installed: npm ${args.join(" ")}: ${why}`,
  );
}
