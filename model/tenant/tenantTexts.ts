import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { maxBytes } from "../text/yamlSource.ts";

/** The texts of a stack's tenant files, by the tenants' names. */
export function tenantTexts(root: string, stack: string): Map<string, string> {
  const folder = join(root, "tenants", stack);
  const names = existsSync(folder) && statSync(folder).isDirectory() ? readdirSync(folder).sort() : [];
  const files = names.filter((name) => name.endsWith(".yaml") && !name.startsWith("."));
  return new Map(
    files.flatMap((name) =>
      readText(join(folder, name)).map((text) => [name.slice(0, -".yaml".length), text] as const),
    ),
  );
}

/** A file's text in a list; an empty one where it cannot be read, or is no file that anybody would write. */
function readText(path: string): string[] {
  const info = statSync(path, { throwIfNoEntry: false });
  return info?.isFile() && info.size <= maxBytes ? [readFileSync(path, "utf8")] : [];
}
