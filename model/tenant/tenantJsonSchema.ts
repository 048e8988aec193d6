import { z } from "zod";
import { builtInSizes } from "./sizes.ts";
import { tenantFileSchema } from "./tenantSchema.ts";

/** Where the JSON Schema of tenant files is committed; their first line names it for editors. */
export const tenantSchemaFile = "tenants/schema.json";

/**
 * The JSON Schema of tenant files, as editors use it to complete and check: the text of {@link tenantSchemaFile}.
 *
 * @param sizes the names of all sizes that any stack has
 */
export function tenantJsonSchema(sizes: readonly [string, ...string[]]): string {
  return `${JSON.stringify(jsonSchema(sizes), undefined, 2)}\n`;
}

/** Each field of a tenant file, in the schema's order, with what it is and an example. */
export function tenantFields(): readonly { name: string; description?: string; example?: unknown }[] {
  return Object.entries(jsonSchema(builtInSizes).properties ?? {}).map(([name, field]) => {
    const { description, examples } = field as { description?: string; examples?: unknown[] };
    return { name, ...(description !== undefined && { description }), example: examples?.[0] };
  });
}

function jsonSchema(sizes: readonly [string, ...string[]]) {
  return z.toJSONSchema(tenantFileSchema(sizes), {
    io: "input",
    target: "draft-7",
    // Left out by zod where a value is changed on reading, as the entries of access lists are.
    override: ({ zodSchema, jsonSchema }) => {
      const { examples } = z.globalRegistry.get(zodSchema) ?? {};
      if (Array.isArray(examples)) jsonSchema.examples = examples;
    },
  });
}
