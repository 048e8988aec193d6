import { join } from "node:path";
import { otherSettings, ownSettings } from "../settings/deployedFiles.ts";
import { programDigest } from "../settings/programDigest.ts";
import type { Project } from "../settings/project.ts";
import { loadSettings, settingsOfEngine } from "../settings/settings.ts";
import { parseTenant, readTexts, tenantFile } from "../tenant/tenantFiles.ts";
import type { Head } from "./changedOnly.ts";

/** Reads what is to be deployed of a stack, as far as it decides which tenants may differ. */
export function headOf({ root, name, stack, config }: Project): Head {
  const { settings, tenantDefaults } = loadSettings(settingsOfEngine({ root, project: name, stack, config }));
  return {
    project: name,
    stack,
    program: programDigest(join(root, "index.ts")),
    recorded: ownSettings(name, config),
    others: otherSettings(name, config),
    settings,
    texts: readTexts(root, stack),
    read: (tenant, text) => parseTenant(tenantFile(stack, tenant), Buffer.from(text), tenantDefaults).tenant,
  };
}
