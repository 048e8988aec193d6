import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import ts from "typescript";
import { expect, test } from "vitest";
import { repository } from "../../support/project.ts";

/** All files that a file imports, and theirs; what is not one of the project's own is a name. */
function allImports(file: string, found = new Set<string>()): Set<string> {
  if (found.has(file)) return found;
  found.add(file);
  for (const { fileName } of ts.preProcessFile(readFileSync(join(repository, file), "utf8")).importedFiles) {
    if (fileName.startsWith(".")) allImports(relative(repository, join(repository, dirname(file), fileName)), found);
    else found.add(fileName);
  }
  return found;
}

test("what runs with a token that may write needs no package", () => {
  const packages = [...allImports("cli/ci/run/main.ts")].filter(
    (name) => !name.endsWith(".ts") && !name.startsWith("node:"),
  );
  expect(packages).toEqual([]);
  expect([...allImports("cli/tenants.ts")]).toContain("zod");
});
