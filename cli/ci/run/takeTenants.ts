import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, lstatSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

/**
 * Puts the tenant files of a change into another tree, in place of those that are there: the program and the settings of that
 * tree stay as they are, so that a preview with an identity runs nothing that the change brings. Links and whatever else is no
 * plain file are left out, for they could point at something that the change may not read.
 *
 * @param from the change's project
 * @param to the project whose program runs
 * @returns the files taken, from the project's folder
 */
export function takeTenants(from: string, to: string): string[] {
  const taken = foldersIn(join(from, "tenants")).flatMap((stack) =>
    filesIn(join(from, "tenants", stack)).map((file) => join("tenants", stack, file)),
  );
  for (const stack of foldersIn(join(to, "tenants"))) {
    for (const file of filesIn(join(to, "tenants", stack))) rmSync(join(to, "tenants", stack, file));
  }
  for (const file of taken) {
    mkdirSync(join(to, file, ".."), { recursive: true });
    copyFileSync(join(from, file), join(to, file));
  }
  return taken;
}

/**
 * Makes sure that a tree is the merge of a certain commit: GitHub makes that some time after a push, and none at all where the
 * branches conflict. Until then its reference leads to the one before.
 *
 * @param from the folder of the tree, in a repository that has the merge with its parents
 * @throws Error where it is another one's.
 */
export function requireMergeOf(commit: string, from: string): void {
  const { stdout } = spawnSync("git", ["-C", from, "rev-parse", "--verify", "--quiet", "HEAD^2"], { encoding: "utf8" });
  const of = stdout.trim();
  if (of === commit) return;
  if (of === "") throw new Error(`${from} is not at a merge: it cannot be told whose tenant files it has`);
  throw new Error(
    `GitHub has not merged ${commit.slice(0, 8)} yet: its merge is of ${of.slice(0, 8)}, and a preview of that would mislead. Run this job again; where the branch has conflicts, resolve those first`,
  );
}

function foldersIn(folder: string): string[] {
  return isA("directory", folder) ? namesIn(folder).filter((name) => isA("directory", join(folder, name))) : [];
}

function filesIn(folder: string): string[] {
  return namesIn(folder).filter((name) => /^[^.].*\.ya?ml$/.test(name) && isA("file", join(folder, name)));
}

function namesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).sort() : [];
}

/** Links are neither. */
function isA(what: "file" | "directory", path: string): boolean {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  return (what === "file" ? stat?.isFile() : stat?.isDirectory()) ?? false;
}
