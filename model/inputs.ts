import { InputError, type Problem } from "./problems.ts";
import { loadSettings, type SettingsSource } from "./settings.ts";
import { type Settings, tenantDefaultsSchema } from "./settingsSchema.ts";
import { loadTenants } from "./tenantFiles.ts";
import type { Tenant } from "./tenantSchema.ts";
import type { FieldLocation } from "./transitions.ts";

/** Everything that a person wrote for a stack, checked and with every default filled in. */
export interface Inputs {
  readonly settings: Settings;
  readonly tenants: readonly Tenant[];
  /** Where a field of a tenant is written. */
  readonly locate: FieldLocation;
}

/**
 * Reads the settings and the tenant files of a stack.
 *
 * @throws InputError with every problem of both at once.
 */
export function loadInputs(source: SettingsSource): Inputs {
  const problems: Problem[] = [];
  const attempt = <T>(load: () => T): T | undefined => {
    try {
      return load();
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      problems.push(...error.problems);
      return undefined;
    }
  };
  const settings = attempt(() => loadSettings(source));
  const defaults = settings?.tenantDefaults ?? tenantDefaultsSchema.parse({});
  const tenants = attempt(() => loadTenants(source.root, source.stack, defaults));
  if (settings === undefined || tenants === undefined) throw new InputError(problems);
  return { settings, ...tenants };
}
