import type { AzureSettings } from "../settings/settingsSchema.ts";

/**
 * The tags of an Azure resource, to be spread among its inputs: every resource that takes tags has them, for policies and
 * bills ask for tags on each. Nothing where the stack sets none.
 */
export function azureTags({ tags }: Pick<AzureSettings, "tags">): { tags?: Record<string, string> } {
  return Object.keys(tags).length === 0 ? {} : { tags: { ...tags } };
}
