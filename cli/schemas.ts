import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { readProjectName } from "../model/settings/project.ts";
import { stackJsonSchema, stackSchemaFile } from "../model/settings/stackJsonSchema.ts";
import { tenantJsonSchema, tenantSchemaFile } from "../model/tenant/tenantJsonSchema.ts";
import { sizeNamesOf } from "./stacks.ts";

/**
 * The JSON Schemas that editors complete and check by: the text of each, by its file below the project's root.
 *
 * @throws InputError where a stack's settings cannot be read, so that its sizes are not known.
 */
export function schemaFiles(root: string): Readonly<Record<string, string>> {
  return {
    [tenantSchemaFile]: tenantJsonSchema(sizeNamesOf(root)),
    [stackSchemaFile]: stackJsonSchema(readProjectName(root)),
  };
}

/** Writes them. */
export function writeSchemas(root: string): void {
  for (const [file, text] of Object.entries(schemaFiles(root))) writeFileSync(join(root, file), text);
}
