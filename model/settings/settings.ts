import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { distance } from "fastest-levenshtein";
import { valuesChecks } from "../chart/chartSchema.ts";
import { sizes } from "../tenant/sizes.ts";
import type { TenantDefaults } from "../tenant/tenantSchema.ts";
import type { Problem } from "../text/problems.ts";
import { type Locate, validate } from "../text/validate.ts";
import { type Path, parseYaml, type YamlSource } from "../text/yamlSource.ts";
import { settingsRuleProblems, valid } from "./settingsRules.ts";
import { type Settings, settingsSchema, tenantDefaultsSchema } from "./settingsSchema.ts";

/** Where the settings of a run come from. */
export interface SettingsSource {
  /** The folder of `Pulumi.yaml`. */
  readonly root: string;
  readonly project: string;
  readonly stack: string;
  /** The engine's configuration: `<project>:<key>` to a string, JSON where the value is structured. */
  readonly config: Readonly<Record<string, string>>;
}

/** A stack's settings as far as they are right, and everything that is wrong with them. */
export interface LoadedSettings {
  /** Left out where anything is wrong. */
  readonly settings?: Settings;
  /** What a tenant gets that does not say otherwise; the schema's own where the stack's are wrong. */
  readonly tenantDefaults: TenantDefaults;
  readonly problems: readonly Problem[];
  readonly locate: Locate;
}

/**
 * Reads and checks every setting of a stack. Values come from the engine, so that environments and `--config` count;
 * positions come from `Pulumi.<stack>.yaml` where the setting stands there. Rules between settings are checked for
 * those that are right by themselves, so that one run tells everything.
 */
export function loadSettings(source: SettingsSource): LoadedSettings {
  const locate = settingLocator(source);
  const raw = rawSettings(source);
  const result = validate(settingsSchema, raw, locate);
  const problems = [
    ...result.problems,
    ...namespaceProblems(source),
    ...hostProblems(raw, locate),
    ...settingsRuleProblems(raw, locate, valuesChecks(source.root)),
  ];
  const right = valid(settingsSchema, raw);
  // A size with a mistake in it still has a name; nothing is deployed with what stands in for it.
  const own = Object.keys((raw.sizes as object | undefined) ?? {});
  const all = { ...sizes, ...Object.fromEntries(own.map((name) => [name, right.sizes?.[name] ?? sizes.small])) };
  const tenantDefaults = right.tenantDefaults ?? tenantDefaultsSchema.parse({});
  const size = Object.hasOwn(all, tenantDefaults.size) ? tenantDefaults.size : "small";
  return {
    ...("value" in result && problems.length === 0 && { settings: result.value }),
    tenantDefaults: { ...tenantDefaults, size, sizes: all },
    problems,
    locate,
  };
}

/** Settings that are mappings, for which `Pulumi.yaml` has no other word for "not set". */
const mappings = new Set(["azure", "existingCluster", "tenantDefaults", "sizes", "signIn", "vcluster"]);

/** The project's own keys; an empty mapping is what `Pulumi.yaml` gives to one that is not set. */
function rawSettings({ project, config }: SettingsSource): Record<string, unknown> {
  const own = Object.entries(config).filter(([key]) => key.startsWith(`${project}:`));
  const values = own.map(([key, text]) => [key.slice(project.length + 1), parseValue(text)] as const);
  return Object.fromEntries(values.filter(([key, value]) => !(mappings.has(key) && isEmptyMapping(value))));
}

/** The engine hands over every value as text: a mapping or a boolean is JSON, anything else is the text itself. */
function parseValue(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" || typeof value === "boolean" ? value : text;
  } catch {
    return text;
  }
}

function isEmptyMapping(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value) && Object.keys(value).length === 0;
}

/** Keys of a namespace that is all but the project's: they would be ignored. */
function namespaceProblems({ root, project, stack, config }: SettingsSource): Problem[] {
  const near = (namespace: string) => namespace !== project && distance(namespace, project) <= 3;
  return Object.keys(config).flatMap((key) => {
    const [namespace = "", name = ""] = key.split(":");
    if (!near(namespace)) return [];
    const location = stackFile(root, stack)?.locateKey(["config", key]) ?? {
      file: `Pulumi.${stack}.yaml`,
      line: 1,
      column: 1,
    };
    return [
      {
        location,
        message: `'${key}' is of another namespace and would be ignored; did you mean '${project}:${name}'?`,
      },
    ];
  });
}

/** The stack's settings file, parsed; undefined where there is none. */
function stackFile(root: string, stack: string): YamlSource | undefined {
  const file = `Pulumi.${stack}.yaml`;
  return existsSync(join(root, file)) ? parseYaml(file, readFileSync(join(root, file), "utf8")) : undefined;
}

/** Finds where a setting stands in `Pulumi.<stack>.yaml`, or what it would stand under. */
function settingLocator({ root, project, stack }: SettingsSource): Locate {
  const source = stackFile(root, stack);
  return (path, key) => {
    if (source === undefined) return { file: `Pulumi.${stack}.yaml`, line: 1, column: 1 };
    const [first, ...rest] = path;
    const where: Path = first === undefined ? ["config"] : ["config", `${project}:${first}`, ...rest];
    return key ? source.locateKey(where) : source.locate(where);
  };
}

/** Exactly one host: it is said even where other settings are wrong. */
function hostProblems(raw: Readonly<Record<string, unknown>>, locate: Locate): Problem[] {
  const { azure, existingCluster } = raw;
  if (azure !== undefined && existingCluster !== undefined) {
    const message = "'azure' and 'existingCluster' are both set; keep the one that is the host of this stack's tenants";
    return [{ location: locate(["existingCluster"], true), message }];
  }
  if (azure !== undefined || existingCluster !== undefined) return [];
  const message = "no host cluster: set 'azure' (a cluster to create) or 'existingCluster' (one to use as it is)";
  return [{ location: locate([]), message }];
}
