import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tenantJsonSchema, tenantSchemaFile } from "../model/tenant/tenantJsonSchema.ts";
import type { Problem } from "../model/text/problems.ts";
import { isRead, readStack, type StackReading, sizeNamesOf, stacksOf } from "./stacks.ts";

/** Writes the schema that editors check tenant files with, with the sizes of every stack of the project. */
export function writeSchema(root: string): void {
  const stacks = stacksOf(root).map((stack) => readStack(root, stack));
  writeFileSync(join(root, tenantSchemaFile), tenantJsonSchema(sizeNamesOf(stacks)));
}

/** A warning where the project's copy of the schema is not what `tenants schema` would write. */
export function schemaProblems(root: string, stacks: readonly StackReading[]): Problem[] {
  const file = join(root, tenantSchemaFile);
  // A stack that cannot be read may have sizes of its own.
  if (!existsSync(file) || !stacks.every(isRead)) return [];
  if (readFileSync(file, "utf8") === tenantJsonSchema(sizeNamesOf(stacks))) return [];
  const message = "editors would complete and check tenant files by what is no longer so: npm run tenants -- schema";
  return [{ severity: "warning", location: { file: tenantSchemaFile, line: 1, column: 1 }, message }];
}
