import { existsSync, globSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect } from "vitest";
import { repository } from "./project.ts";

/** Where what is expected is committed. */
const expected = join(repository, "test/expected");

/**
 * Holds texts against the committed files of a folder below `test/expected/`; under `npm run golden` it writes them.
 * A file that is missing, differs or is there without need fails.
 *
 * @param files by their paths in the folder
 */
export function expectGolden(folder: string, files: ReadonlyMap<string, string>): void {
  const root = join(expected, folder);
  if (process.env.GOLDEN === "write") {
    rmSync(root, { recursive: true, force: true });
    for (const [path, text] of files) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
  }
  const advice = "test/expected/ is not what is made now; if that is meant: npm run golden, and read the difference";
  const committed = existsSync(root) ? globSync("**", { cwd: root }) : [];
  const paths = committed.filter((path) => statSync(join(root, path)).isFile());
  expect(paths.sort(), advice).toEqual([...files.keys()].sort());
  for (const [path, text] of files) expect(readFileSync(join(root, path), "utf8"), advice).toBe(text);
}
