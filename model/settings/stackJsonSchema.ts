import { z } from "zod";
import { settingsSchema } from "./settingsSchema.ts";

/** Where the JSON Schema of `Pulumi.<stack>.yaml` is committed; the first line of such a file names it for editors. */
export const stackSchemaFile = "stack.schema.json";

/**
 * The JSON Schema of a stack's file, as editors use it to complete and check: the text of {@link stackSchemaFile}. Keys of
 * other namespaces, such as a provider's, are left alone; the project's own are all of its settings.
 *
 * @param project the project's name, which stands before every setting
 */
export function stackJsonSchema(project: string): string {
  const names = Object.keys(settingsSchema.shape);
  const settings = Object.entries(settingsSchema.shape).map(([name, field]) => [
    `${project}:${name}`,
    field.optional(),
  ]);
  const config = z
    .looseObject(Object.fromEntries(settings))
    .describe(`settings; exactly one of ${project}:azure and ${project}:existingCluster is the host`)
    // A name that none of the settings has.
    .meta({ patternProperties: { [`^${project}:(?!(${names.join("|")})$)`]: false } });
  const text = z.string();
  const file = z
    .strictObject({
      config,
      environment: z.json().optional().describe("environments of Pulumi ESC"),
      encryptionsalt: text.optional().describe("written by the Pulumi CLI"),
      encryptedkey: text.optional().describe("written by the Pulumi CLI"),
      secretsprovider: text.optional().describe("written by the Pulumi CLI"),
    })
    .meta({ title: "A stack: one host cluster and its settings" });
  return `${JSON.stringify(z.toJSONSchema(file, { io: "input", target: "draft-7" }), undefined, 2)}\n`;
}
