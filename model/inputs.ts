import type { Mention } from "./principals.ts";
import { InputError, isError, type Problem, sortProblems } from "./problems.ts";
import { ruleProblems } from "./rules.ts";
import { loadSettings, type SettingsSource } from "./settings.ts";
import type { Settings } from "./settingsSchema.ts";
import { loadTenants } from "./tenantFiles.ts";
import type { Tenant } from "./tenantSchema.ts";
import type { FieldLocation } from "./transitions.ts";

/** Everything that a person wrote for a stack, checked and with every default filled in. */
export interface Inputs {
  readonly settings: Settings;
  readonly tenants: readonly Tenant[];
  /** Where a part of a tenant is written. */
  readonly locate: FieldLocation;
  /** Everyone who is named anywhere, and where. */
  readonly people: readonly Mention[];
  /** What is worth knowing and stops nothing. */
  readonly warnings: readonly Problem[];
}

/**
 * Reads the settings and the tenant files of a stack, and checks them each and together. Tenants that are right are
 * checked together even where others, or the settings, are not.
 *
 * @param today the day that expiry is compared with, as 2027-03-31
 * @throws InputError with every problem at once.
 */
export function loadInputs(source: SettingsSource, today = new Date().toISOString().slice(0, 10)): Inputs {
  const { settings, tenantDefaults, problems, locate: locateSetting } = loadSettings(source);
  const { tenants, locate, problems: ofFiles } = loadTenants(source.root, source.stack, tenantDefaults);
  const rules = ruleProblems({ settings, tenants, locate, locateSetting, today });
  const found = [...problems, ...ofFiles, ...rules];
  if (settings === undefined || found.some(isError)) throw new InputError(found.filter(isError));
  const admins = settings.azure?.clusterAdmins ?? [];
  const people = [
    ...admins.map((principal, i) => ({ principal, location: locateSetting(["azure", "clusterAdmins", i]) })),
    ...tenants.flatMap(({ name, access }) =>
      Object.entries(access).flatMap(([list, principals]) =>
        principals.map((principal, i) => ({ principal, location: locate(name, "access", list, i) })),
      ),
    ),
  ];
  return { settings, tenants, locate, people, warnings: sortProblems(found) };
}
