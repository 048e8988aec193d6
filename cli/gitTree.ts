import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { extract } from "tar";

/**
 * Does some work on the settings and tenant files as they are in another commit: the one that a branch began at, where
 * the ref has gone on since.
 *
 * @param root a folder of the repository
 * @param ref a branch, tag or commit, such as origin/main
 * @param work gets a folder with those files, which is deleted afterwards
 * @throws Error where git does not know the ref.
 */
export async function withTreeOf<T>(root: string, ref: string, work: (folder: string) => T): Promise<T> {
  const commit = await git(root, ["rev-parse", "--verify", "--quiet", "--end-of-options", `${ref}^{commit}`]);
  if (commit === undefined) {
    throw new Error(
      `git does not know '${ref}' here. Fetch it first (in GitHub Actions: actions/checkout with fetch-depth: 0)`,
    );
  }
  const start = (await git(root, ["merge-base", commit, "HEAD"])) ?? commit;
  const folder = mkdtempSync(join(tmpdir(), "tenants-"));
  try {
    const archive = spawn("git", ["archive", "--format=tar", start], {
      cwd: root,
      stdio: ["ignore", "pipe", "inherit"],
    });
    const filter = (path: string) => /^(tenants(\/|$)|Pulumi\.([^/]+\.)?yaml$)/.test(path.replace(/^\.\//, ""));
    await pipeline(archive.stdout, extract({ cwd: folder, filter }));
    return work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What a git command prints; undefined where it fails. */
async function git(cwd: string, args: readonly string[]): Promise<string | undefined> {
  const child = spawn("git", args, { cwd, stdio: ["ignore", "pipe", "ignore"] });
  const [output, code] = await Promise.all([
    text(child.stdout),
    new Promise<number | null>((resolve, reject) => child.on("close", resolve).on("error", reject)),
  ]);
  return code === 0 ? output.trim() : undefined;
}
