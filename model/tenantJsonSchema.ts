import { z } from "zod";
import { tenantFileSchema } from "./tenantSchema.ts";

/** Where the JSON Schema of tenant files is committed; their first line names it for editors. */
export const tenantSchemaFile = "tenants/schema.json";

/**
 * The JSON Schema of tenant files, as editors use it to complete and check: the text of {@link tenantSchemaFile}.
 *
 * @param sizes the names of all sizes that any stack has
 */
export function tenantJsonSchema(sizes: readonly [string, ...string[]]): string {
  const schema = z.toJSONSchema(tenantFileSchema(sizes), {
    io: "input",
    target: "draft-7",
    // Left out by zod where a value is changed on reading, as the entries of access lists are.
    override: ({ zodSchema, jsonSchema }) => {
      const { examples } = z.globalRegistry.get(zodSchema) ?? {};
      if (Array.isArray(examples)) jsonSchema.examples = examples;
    },
  });
  return `${JSON.stringify(schema, undefined, 2)}\n`;
}
