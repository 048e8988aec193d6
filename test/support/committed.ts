import { execFileSync } from "node:child_process";
import type { TestProject } from "./project.ts";

/** Makes a project a Git repository, and commits what it holds. Gives git, for what comes after it. */
export function committed(project: TestProject): (...args: string[]) => string {
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=test", "-c", "user.email=test@contoso.com", ...args], {
      cwd: project.root,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  project.write(".gitignore", "node_modules\n.backend\ncloud.json*\n");
  git("init", "--quiet");
  git("add", ".");
  git("commit", "--quiet", "--message", "base");
  return git;
}
