import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileOfProject } from "../model/settings/project.ts";
import { Refusal } from "../model/text/problems.ts";

/** A file that was deleted at some time, as it was last. */
export interface DeletedFile {
  /** The path below the project's root. */
  readonly path: string;
  readonly content: Buffer;
}

/** The project as it is in another commit. */
export interface GitTree {
  /** A folder with its files. */
  readonly root: string;
  /** Tenant files that were deleted on the way to that commit, the latest of each name. */
  readonly deleted: readonly DeletedFile[];
}

/** A tree that is there until it is given back. */
export interface CheckedOut extends GitTree {
  /** Deletes the tree. */
  readonly remove: () => void;
}

/**
 * Puts the project as it is in another commit into a folder of its own: the one that a branch began at, where the ref has gone
 * on since. Attributes and the index of the repository play no part.
 *
 * @param root the project's folder in the repository
 * @param ref a branch, tag or commit, such as origin/main
 * @throws Refusal where git does not know the ref, or nothing that both come from.
 */
export function checkOut(root: string, ref: string): CheckedOut {
  if (git(root, ["rev-parse", "--git-dir"]) === undefined) throw new Refusal(`${root} is in no Git repository`);
  const isShallow = git(root, ["rev-parse", "--is-shallow-repository"])?.toString().trim() === "true";
  const fetch = isShallow
    ? "This clone is shallow, and may have one branch alone: git remote set-branches origin '*' && git fetch --unshallow (in GitHub Actions: actions/checkout with fetch-depth: 0)"
    : "Fetch it first (in GitHub Actions: actions/checkout with fetch-depth: 0)";
  const commit = git(root, ["rev-parse", "--verify", "--quiet", "--end-of-options", `${ref}^{commit}`]);
  if (commit === undefined) throw new Refusal(`git does not know '${ref}' here. ${fetch}`);
  const start = git(root, ["merge-base", text(commit), "HEAD"]);
  if (start === undefined) throw new Refusal(`git knows no commit that '${ref}' and HEAD both come from. ${fetch}`);
  const folder = mkdtempSync(join(tmpdir(), "tenants-"));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    const index = { GIT_INDEX_FILE: join(folder, "index") };
    must(root, ["read-tree", text(start)], index);
    must(root, ["checkout-index", "--all", `--prefix=${folder}/tree/`], index);
    const below = text(must(root, ["rev-parse", "--show-prefix"]));
    return { root: join(folder, "tree", below), deleted: deletedFiles(root, text(start)), remove };
  } catch (error) {
    remove();
    throw error;
  }
}

/** Does some work on such a tree, which is deleted afterwards. */
export function withTreeOf<T>(root: string, ref: string, work: (tree: GitTree) => T): T {
  const tree = checkOut(root, ref);
  try {
    return work(tree);
  } finally {
    tree.remove();
  }
}

/** The project's folder as a path below its repository's root, with a "/" at its end; empty where it is the root, or in none. */
export function folderInRepository(root: string): string {
  try {
    return text(git(root, ["rev-parse", "--show-prefix"]) ?? Buffer.alloc(0));
  } catch {
    return "";
  }
}

/**
 * The way from a project's folder up to its repository's root, with a "/" at its end; empty where it is that.
 *
 * @param below the folder, as {@link folderInRepository} has it
 */
export function wayUp(below: string): string {
  return "../".repeat(below.split("/").length - 1);
}

/**
 * A file as the last commit has it; undefined where it has none. Where there is no repository, it is the file as it is.
 *
 * @param path from the project's root
 */
export function committedFile(root: string, path: string): Uint8Array | undefined {
  try {
    if (git(root, ["rev-parse", "--verify", "--quiet", "HEAD"]) !== undefined)
      return git(root, ["show", `HEAD:./${path}`]);
  } catch {
    // Without git, there is nothing to ask.
  }
  return fileOfProject(root, path);
}

/** Only files with the ending of tenant files count; one that came back is not told from its latest deletion here. */
function deletedFiles(root: string, commit: string): DeletedFile[] {
  const log = [
    "log",
    "--diff-filter=D",
    "--name-only",
    "--relative",
    "--no-renames",
    "--format=:%H",
    commit,
    "--",
    "tenants",
  ];
  let at = "";
  const latest = new Map<string, string>();
  for (const line of text(must(root, log)).split("\n")) {
    if (line.startsWith(":")) at = line.slice(1);
    else if (line.endsWith(".yaml") && !latest.has(line)) latest.set(line, at);
  }
  return [...latest].flatMap(([path, deletion]) => {
    const content = git(root, ["show", `${deletion}^:./${path}`]);
    return content === undefined ? [] : [{ path, content }];
  });
}

function text(output: Buffer): string {
  return output.toString("utf8").trim();
}

function must(cwd: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}): Buffer {
  const output = git(cwd, args, environment);
  if (output === undefined)
    throw new Refusal(`git could not read the repository of ${cwd}: git ${args.join(" ")} failed`);
  return output;
}

/** What a git command prints; undefined where it fails. */
function git(cwd: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}): Buffer | undefined {
  const env = { ...process.env, ...environment };
  const { status, stdout, error } = spawnSync("git", args, {
    cwd,
    env,
    maxBuffer: 2 ** 30,
    stdio: ["ignore", "pipe", "ignore"],
  });
  if (error !== undefined) throw new Refusal(`git could not be started (${error.message}); --base needs it`);
  return status === 0 ? stdout : undefined;
}
