import { basename } from "node:path";
import { parseTenant, tenantFile } from "../model/tenant/tenantFiles.ts";
import type { TenantDefaults } from "../model/tenant/tenantSchema.ts";
import type { DeletedFile } from "./gitTree.ts";

/** Tenants of a stack whose files were removed once, with their data kept: name to the namespace that holds it. */
export function retainedOf(
  deleted: readonly DeletedFile[],
  stack: string,
  defaults: TenantDefaults,
): Record<string, string> {
  const files = deleted.filter(({ path }) => path === tenantFile(stack, basename(path, ".yaml")));
  const removed = files.flatMap(({ path, content }) => parseTenant(path, content, defaults).tenant ?? []);
  const kept = removed.filter(({ dataOnRemoval }) => dataOnRemoval === "keep");
  return Object.fromEntries(kept.map(({ name, namespace }) => [name, namespace]));
}
