import { readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseDocument, visit } from "yaml";

/** The repository's own folder. */
export const repository = join(import.meta.dirname, "..", "..");

/** Settings and tenants of three stacks, as an adopter's repository holds them in its root. */
export const fixtureStacks = join(repository, "test/fixtures/stacks");

/** What each release of this program left of the fixture stacks: `<version>/<stack>/`. */
export const releases = join(repository, "test/fixtures/releases");

let kept: string | undefined;

/** `Pulumi.yaml` without what it tells people of each setting: every run reads it. Made once, when the first project asks. */
function projectFile(): string {
  if (kept !== undefined) return kept;
  const document = parseDocument(readFileSync(join(repository, "Pulumi.yaml"), "utf8"));
  visit(document, { Pair: (_, { key }) => (String(key) === "description" ? visit.REMOVE : undefined) });
  kept = document.toString();
  return kept;
}

/** Puts the project's frame around the repository's own program into a folder: its stacks are whoever's who asks. */
export function layFrame(root: string): void {
  for (const name of ["index.ts", "package.json", "node_modules"])
    symlinkSync(join(repository, name), join(root, name));
  writeFileSync(join(root, "Pulumi.yaml"), projectFile());
}
