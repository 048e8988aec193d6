import { spawnSync } from "node:child_process";

/**
 * How a file left the repository, for whoever looks for it: "removed in commit 1a2b3c4 of Ada, 2027-03-31: tidy up".
 *
 * @param root the project's folder
 * @param file a path below it
 * @returns undefined where git is not there, or does not know of the removal.
 */
export function removalOf(root: string, file: string): string | undefined {
  const format = "--format=removed in commit %h of %an, %as: %s";
  const { status, stdout } = spawnSync("git", ["log", "-1", "--diff-filter=D", "--no-renames", format, "--", file], {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  const text = status === 0 ? stdout.trim() : "";
  return text === "" ? undefined : text;
}
