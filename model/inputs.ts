import { InputError, isError, type Problem, sortProblems } from "./problems.ts";
import { ruleProblems } from "./rules.ts";
import { loadSettings, type SettingsSource, settingLocator } from "./settings.ts";
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
  /** What is worth knowing and stops nothing. */
  readonly warnings: readonly Problem[];
}

/**
 * Reads the settings and the tenant files of a stack, and checks them each and together.
 *
 * @param today the day that expiry is compared with, as 2027-03-31
 * @throws InputError with every problem of both at once.
 */
export function loadInputs(source: SettingsSource, today = new Date().toISOString().slice(0, 10)): Inputs {
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
  const found = ruleProblems({ settings, ...tenants, locateSetting: settingLocator(source), today });
  if (found.some(isError)) throw new InputError(found.filter(isError));
  return { settings, ...tenants, warnings: sortProblems(found) };
}
