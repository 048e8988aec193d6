import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readProjectName } from "../model/settings/project.ts";
import { stackJsonSchema, stackSchemaFile } from "../model/settings/stackJsonSchema.ts";
import { tenantJsonSchema, tenantSchemaFile } from "../model/tenant/tenantJsonSchema.ts";
import { InputError, type Problem } from "../model/text/problems.ts";
import { isRead, readStack, type StackReading, sizeNamesOf, stacksOf } from "./stacks.ts";

/** The JSON Schemas that editors complete and check by: the text of each, by its file below the project's root. */
function schemaFiles(root: string, stacks: readonly StackReading[]): Readonly<Record<string, string>> {
  return {
    [tenantSchemaFile]: tenantJsonSchema(sizeNamesOf(stacks)),
    [stackSchemaFile]: stackJsonSchema(readProjectName(root)),
  };
}

/**
 * Writes the schemas, with the sizes of every stack of the project.
 *
 * @throws InputError where a stack's settings cannot be read, so that its sizes are not known.
 */
export function writeSchemas(root: string): void {
  const stacks = stacksOf(root).map((stack) => readStack(root, stack));
  const unreadable = stacks.flatMap((reading) => (isRead(reading) ? [] : reading));
  if (unreadable.length > 0) throw new InputError(unreadable);
  for (const [file, text] of Object.entries(schemaFiles(root, stacks))) writeFileSync(join(root, file), text);
}

/** A warning for each of the project's copies that is not what `tenants schema` would write. */
export function schemaProblems(root: string, stacks: readonly StackReading[]): Problem[] {
  // A stack that cannot be read may have sizes of its own.
  if (!stacks.every(isRead)) return [];
  const stale = Object.entries(schemaFiles(root, stacks)).filter(
    ([file, text]) => existsSync(join(root, file)) && readFileSync(join(root, file), "utf8") !== text,
  );
  const message = "editors would complete and check files by what is no longer so: npm run tenants -- schema";
  return stale.map(([file]) => ({ severity: "warning", location: { file, line: 1, column: 1 }, message }));
}
