import { z } from "zod";

/**
 * What Azure takes as tags of a resource: up to 50; names up to 512 characters without those below, in which case does not
 * count, values up to 256.
 * Source: Azure Resource Manager, "Use tags to organize your Azure resources", Limitations; its API's "Tags" for the
 * beginnings of names that it keeps for itself.
 */
const limits = { tags: 50, name: 512, value: 256 } as const;

const name = z
  .string()
  .min(1, "a tag needs a name")
  .max(limits.name, `the name of a tag has at most ${limits.name} characters`)
  .regex(/^[^<>%&\\?/]*$/, "the name of a tag has none of < > % & \\ ? /")
  .regex(/^(?!microsoft|azure|windows)/i, "names of tags that begin with microsoft, azure or windows are Azure's own");

function namesTwice(tags: Readonly<Record<string, string>>): boolean {
  const names = Object.keys(tags).map((key) => key.toLowerCase());
  return new Set(names).size < names.length;
}

/** Tags on every Azure resource that a stack makes (setting `azure.tags`). */
export const tagsSchema = z
  .record(name, z.string().max(limits.value))
  .refine((tags) => Object.keys(tags).length <= limits.tags, `a resource of Azure has at most ${limits.tags} tags`)
  .refine(
    (tags) => !namesTwice(tags),
    "two names differ in upper and lower case alone, which is the same tag to Azure",
  );
