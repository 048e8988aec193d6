import { internalReach } from "../settings/reach.ts";
import { loadSettings, type SettingsSource } from "../settings/settings.ts";
import type { Settings } from "../settings/settingsSchema.ts";
import type { Mention } from "../tenant/principals.ts";
import type { FieldLocation } from "../tenant/tenantFiles.ts";
import { loadTenants } from "../tenant/tenantFiles.ts";
import type { Tenant, TenantDefaults } from "../tenant/tenantSchema.ts";
import { InputError, isError, type Problem, sortProblems } from "../text/problems.ts";
import { today } from "../text/today.ts";
import type { Locate } from "../text/validate.ts";
import { ruleProblems } from "./rules.ts";
import type { ExposureDefault } from "./tenantChanges.ts";

/** Everything that a person wrote for a stack, as far as it is right, and all that is to say of it. */
export interface StackInputs {
  /** With every default filled in; left out where anything in them is wrong. */
  readonly settings?: Settings;
  /** The same, though rules between settings refuse it; left out where a value is wrong. */
  readonly written?: Settings;
  /** What a tenant gets that does not say otherwise. */
  readonly tenantDefaults: TenantDefaults;
  /** How tenants are exposed that do not say it themselves: for the comparison with what is deployed. */
  readonly exposure: ExposureDefault;
  /** Those whose files are right by themselves. */
  readonly tenants: readonly Tenant[];
  /** Tenants whose files are there, but not right. */
  readonly unread: readonly string[];
  /** What each tenant's file holds, right or not, by the tenant's name. */
  readonly texts: ReadonlyMap<string, string>;
  /** Where a part of a tenant is written. */
  readonly locate: FieldLocation;
  /** Where a setting is written. */
  readonly locateSetting: Locate;
  /** Everyone who is named anywhere, and where. */
  readonly people: readonly Mention[];
  /** Errors and warnings. */
  readonly problems: readonly Problem[];
}

/** Everything that a person wrote for a stack, without an error in it. */
export interface Inputs extends StackInputs {
  readonly settings: Settings;
}

/**
 * Reads the settings and the tenant files of a stack, and checks them each and together. Tenants that are right are
 * checked together even where others, or the settings, are not.
 *
 * @param unsaved texts of tenant files that are not there yet, by the tenant's name
 */
export function readInputs(source: SettingsSource, unsaved: Readonly<Record<string, string>> = {}): StackInputs {
  const { settings, written, tenantDefaults, saysExpose, problems, locate: locateSetting } = loadSettings(source);
  const {
    tenants,
    drafts,
    unread,
    texts,
    locate,
    problems: ofFiles,
  } = loadTenants(source.root, source.stack, tenantDefaults, unsaved);
  const rules = ruleProblems({ settings, tenants, drafts, locate, locateSetting, today: today() });
  const admins = settings?.azure?.clusterAdmins ?? [];
  const people = [
    ...admins.map((principal, i) => ({ principal, location: locateSetting(["azure", "clusterAdmins", i]) })),
    ...tenants.flatMap(({ name, access }) =>
      Object.entries(access).flatMap(([list, principals]) =>
        principals.map((principal, i) => ({
          principal,
          location: locate(name, "access", list, i),
          tenant: name,
        })),
      ),
    ),
  ];
  return {
    ...(settings !== undefined && { settings }),
    ...(written !== undefined && { written }),
    tenantDefaults,
    exposure: {
      isSaid: saysExpose,
      location: locateSetting(["tenantDefaults", "expose"]),
      reach: internalReach(settings ?? {}),
    },
    tenants,
    unread,
    texts,
    locate,
    locateSetting,
    people,
    problems: sortProblems([...problems, ...ofFiles, ...rules]),
  };
}

/**
 * The same for a deployment, which begins only where nothing is wrong.
 *
 * @throws InputError with every problem at once.
 */
export function loadInputs(source: SettingsSource): Inputs {
  const inputs = readInputs(source);
  const { settings, problems } = inputs;
  if (settings === undefined || problems.some(isError)) throw new InputError(problems.filter(isError));
  return { ...inputs, settings };
}
