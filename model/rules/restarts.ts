import { isDeepStrictEqual } from "node:util";
import { type Deployment, restartsControlPlane } from "../deploy/release.ts";
import type { Settings } from "../settings/settingsSchema.ts";
import type { FieldLocation } from "../tenant/tenantFiles.ts";
import type { Tenant } from "../tenant/tenantSchema.ts";
import { isMapping, type Mapping } from "../text/mapping.ts";
import { oneLine } from "../text/printable.ts";
import type { Problem } from "../text/problems.ts";
import type { Locate } from "../text/validate.ts";

/** A stack's settings and tenants, at one time. */
export interface Stand {
  readonly settings: Settings;
  readonly tenants: readonly Tenant[];
}

/** Where a stack's tenants and settings are written. */
export interface Places {
  readonly locate: FieldLocation;
  readonly locateSetting: Locate;
}

/** A change of one field or setting, and what would be deployed with it alone. */
interface Change {
  readonly text: string;
  readonly location: Problem["location"];
  readonly after: Deployment;
}

/**
 * Whatever changes control planes that run before and after it so that their pods are made anew. What does is listed
 * nowhere: each changed field and setting is tried alone, on what the release is made of.
 */
export function restartProblems(before: Stand, after: Stand, places: Places): Problem[] {
  const old = new Map(before.tenants.map((tenant) => [tenant.name, tenant]));
  const causes = after.tenants.flatMap((now) => {
    const was = old.get(now.name);
    if (was?.lifecycle !== "active" || now.lifecycle !== "active") return [];
    const deployed = { tenant: was, settings: before.settings };
    const changes = [...fieldChanges(deployed, now, places), ...settingChanges(deployed, after.settings, places)];
    return changes
      .filter((change) => restartsControlPlane(deployed, change.after))
      .map(({ text, location }) => ({ text, location, tenant: now }));
  });
  const byCause = Map.groupBy(causes, ({ text, location }) => JSON.stringify([text, location]));
  return [...byCause.values()].flatMap(([first, ...others]): Problem[] => {
    if (first === undefined) return [];
    const tenants = [first, ...others].map(({ tenant }) => tenant);
    const names = new Intl.ListFormat("en").format(tenants.map(({ name }) => `'${name}'`));
    const whom = `the control ${tenants.length === 1 ? "plane" : "planes"} of ${names}`;
    const message = `${first.text} restarts ${whom}: ${away(tenants)} (docs/upgrading.md, "What restarts a control plane")`;
    return [{ severity: "warning", location: first.location, message }];
  });
}

/** What the people of these tenants see of a restart. */
function away(tenants: readonly Tenant[]): string {
  const stores = new Set(tenants.map(({ store }) => store));
  if (!stores.has("etcd")) return "the API server is away for about a minute";
  if (!stores.has("sqlite")) return "the API servers restart one after the other, and open connections are cut";
  return "the API server is away for about a minute, or for nobody where the store is etcd";
}

/** Each changed field of a tenant; where its file does not say it, the setting that does. */
function fieldChanges({ tenant: was, settings }: Deployment, now: Tenant, places: Places): Change[] {
  const { locate, locateSetting } = places;
  const change = (tenant: Tenant, text: string, location: Problem["location"]) => ({
    text,
    location,
    after: { tenant, settings },
  });
  // What a size gives changes by its name in the file, or by what the stack says of that size.
  const { resources } = now;
  if (now.size === was.size && !isDeepStrictEqual(resources, was.resources)) {
    const path = ["sizes", now.size];
    return [
      change({ ...was, resources }, `'${path.join(".")}'`, locateSetting(path)),
      ...fieldChanges({ tenant: { ...was, resources }, settings }, now, places),
    ];
  }
  const fields = (Object.keys(now) as (keyof Tenant)[]).filter((field) => !isDeepStrictEqual(now[field], was[field]));
  return fields.flatMap((field) => {
    if (field === "resources") return [];
    const location = locate(now.name, field);
    const isWritten = !isDeepStrictEqual(location, locate(now.name));
    const name = isWritten ? field : `tenantDefaults.${field}`;
    return change(
      { ...was, [field]: now[field], ...(field === "size" && { resources }) },
      `'${name}'${steps(was[field], now[field])}`,
      isWritten ? location : locateSetting(["tenantDefaults", field]),
    );
  });
}

/** Each changed setting; of a mapping the parts that changed. */
function settingChanges({ tenant, settings }: Deployment, now: Settings, { locateSetting }: Places): Change[] {
  const before: Mapping = settings;
  return changedKeys(before, now).flatMap((key) => {
    const [old, value] = [before[key], (now as Mapping)[key]];
    const change = (path: readonly string[], to: unknown): Change => ({
      text: `'${path.join(".")}'`,
      location: locateSetting(path),
      after: { tenant, settings: { ...settings, [key]: to } },
    });
    if (!isMapping(old) || !isMapping(value)) return [change([key], value)];
    return changedKeys(old, value).map((part) => change([key, part], { ...old, [part]: value[part] }));
  });
}

function changedKeys(before: Mapping, after: Mapping): string[] {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].filter((key) => !isDeepStrictEqual(before[key], after[key]));
}

/** What changed into what, where that is a word. */
function steps(before: unknown, after: unknown): string {
  const words = [before, after].filter((value) => typeof value === "string").map(oneLine);
  return words.length === 2 ? ` ${words.join(" -> ")}` : "";
}
