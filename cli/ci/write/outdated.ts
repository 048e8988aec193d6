import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Problem } from "../../../model/text/problems.ts";
import { folderInRepository, wayUp } from "../../gitTree.ts";
import { headerOf } from "./ciFile.ts";
import { ciFiles } from "./ciFiles.ts";

/** Where `tenants ci init` writes, in the repository. */
const places = [".github/workflows/*.yml", ".github/CODEOWNERS.example", ".azuredevops/*.yml"];

/**
 * A warning for each pipeline that `tenants ci init` has written, nobody has changed since, and it would write otherwise by now:
 * another release of this program did. What somebody has changed is their own.
 */
export function outdatedPipelines(root: string): Problem[] {
  const below = folderInRepository(root);
  const up = wayUp(below);
  return globSync(places, { cwd: join(root, up) }).flatMap((path): Problem[] => {
    const text = readFileSync(join(root, up, path), "utf8");
    const { options, untouched } = headerOf(text) ?? { options: "", untouched: false };
    if (!untouched) return [];
    const words = options.split(" ");
    const valuesOf = (name: string) => words.flatMap((word, i) => (words[i - 1] === name ? [word] : []));
    const now = ciFiles(
      { stacks: valuesOf("--stack"), branch: valuesOf("--branch")[0] ?? "main", below },
      words.includes("--azure-pipelines") ? "azure-pipelines" : "github",
    );
    if (now.some((file) => file.path === path && file.text === text)) return [];
    const message = `another release of this program has written it: npm run tenants -- ci init ${options}`;
    return [{ severity: "warning", location: { file: `${up}${path}`, line: 1, column: 1 }, message }];
  });
}
