import { distance } from "fastest-levenshtein";
import { valuesChecks } from "../chart/chartSchema.ts";
import { sizes } from "../tenant/sizes.ts";
import type { TenantDefaults } from "../tenant/tenantSchema.ts";
import { isMapping } from "../text/mapping.ts";
import { oneLine } from "../text/printable.ts";
import { InputError, type Problem } from "../text/problems.ts";
import { type Locate, rightFields, validate } from "../text/validate.ts";
import type { Path, YamlSource } from "../text/yamlSource.ts";
import { encryptedProblem, type Project, readStackFile, stackFile } from "./project.ts";
import { settingsRuleProblems } from "./settingsRules.ts";
import { type Settings, settingsSchema, tenantDefaultsSchema } from "./settingsSchema.ts";

/** The settings of a run, read once. */
export interface SettingsSource {
  /** The folder of `Pulumi.yaml`. */
  readonly root: string;
  readonly project: string;
  readonly stack: string;
  /** Settings by `<namespace>:<key>`, with their defaults. */
  readonly values: Readonly<Record<string, unknown>>;
  /** The stack's file, where it can be read: it says where a setting stands. */
  readonly file: YamlSource | undefined;
}

/** What an engine tells the program. */
export interface EngineConfig extends Pick<SettingsSource, "root" | "project" | "stack"> {
  /** Settings by `<namespace>:<key>`, every value as text: JSON where it is structured. */
  readonly config: Readonly<Record<string, string>>;
}

/** Settings as the program gets them from the engine, so that environments and `--config` count; the file tells positions. */
export function settingsOfEngine({ config, ...where }: EngineConfig): SettingsSource {
  const values = Object.entries(config).map(([key, text]) => [key, parseValue(text)] as const);
  return { ...where, values: Object.fromEntries(values), file: readStackFile(where.root, where.stack) };
}

/**
 * Refuses settings of the project's own that are encrypted: the program gets them in the clear, and says in outputs what was deployed.
 * Before anything else is told of them, for other messages name the value.
 *
 * @param encrypted the names of all settings that are, from the stack's file, its environments or the command line
 * @throws InputError with each of them
 */
export function requirePlain(
  { root, project, stack }: Omit<EngineConfig, "config">,
  encrypted: readonly string[],
): void {
  const own = encrypted.filter((key) => key.startsWith(`${project}:`));
  if (own.length === 0) return;
  const file = readStackFile(root, stack);
  throw new InputError(own.map((key) => encryptedProblem(key, file?.locateKey(["config", key]) ?? startOf(stack))));
}

/**
 * Settings as the stack's file says them. A plain text means what it would mean to the program: `pulumi config set` writes
 * true as "true".
 */
export function settingsOfProject({ name, values, ...project }: Project): SettingsSource {
  const meant = Object.entries(values).map(
    ([key, value]) => [key, typeof value === "object" ? value : parseValue(String(value))] as const,
  );
  return { ...project, project: name, values: Object.fromEntries(meant) };
}

/** A stack's settings as far as they are right, and everything that is wrong with them. */
export interface LoadedSettings {
  /** Left out where anything is wrong. */
  readonly settings?: Settings;
  /** The same, though rules between settings refuse it: for telling what somebody has changed. Left out where a value is wrong. */
  readonly written?: Settings;
  /** What a tenant gets that does not say otherwise; the schema's own where the stack's are wrong. */
  readonly tenantDefaults: TenantDefaults;
  /** True where the stack itself says how tenants are exposed that do not say it. */
  readonly saysExpose: boolean;
  readonly problems: readonly Problem[];
  readonly locate: Locate;
}

/**
 * Checks every setting of a stack. Rules between settings are checked for those that are right by themselves, so that one run
 * tells everything.
 */
export function loadSettings(source: SettingsSource): LoadedSettings {
  const locate = settingLocator(source);
  const raw = rawSettings(source);
  const result = validate(settingsSchema, raw, locate);
  const right: Partial<Settings> = "value" in result ? result.value : rightFields(settingsSchema, raw);
  const problems = [
    ...result.problems,
    ...namespaceProblems(source),
    ...hostProblems(raw, locate),
    ...settingsRuleProblems(raw, right, locate, valuesChecks(source.root)),
  ];
  // A size with a mistake in it still has a name; nothing is deployed with what stands in for it.
  const own = Object.keys((raw.sizes as object | undefined) ?? {});
  const all = { ...sizes, ...Object.fromEntries(own.map((name) => [name, right.sizes?.[name] ?? sizes.small])) };
  const tenantDefaults = right.tenantDefaults ?? tenantDefaultsSchema.parse({});
  const size = Object.hasOwn(all, tenantDefaults.size) ? tenantDefaults.size : "small";
  return {
    ...("value" in result && problems.length === 0 && { settings: result.value }),
    ...("value" in result && { written: result.value }),
    tenantDefaults: { ...tenantDefaults, size, sizes: all },
    saysExpose: (raw.tenantDefaults as { expose?: unknown } | undefined)?.expose !== undefined,
    problems,
    locate,
  };
}

/** Settings that are mappings, for which `Pulumi.yaml` has no other word for "not set". */
const mappings = new Set([
  "azure",
  "existingCluster",
  "tenantDefaults",
  "sizes",
  "signIn",
  "vcluster",
  "prices",
  "gates",
]);

/** The project's own keys; an empty mapping is what `Pulumi.yaml` gives to one that is not set. */
function rawSettings({ project, values }: SettingsSource): Record<string, unknown> {
  const own = Object.entries(values).filter(([key]) => key.startsWith(`${project}:`));
  const settings = own.map(([key, value]) => [key.slice(project.length + 1), value] as const);
  return Object.fromEntries(settings.filter(([key, value]) => !(mappings.has(key) && isEmptyMapping(value))));
}

/** The engine hands over every value as text: a mapping or a boolean is JSON, anything else is the text itself. */
function parseValue(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text, (_, one: unknown) => (typeof one === "string" ? dayOf(one) : one));
    return typeof value === "object" || typeof value === "boolean" ? value : text;
  } catch {
    return text;
  }
}

/** The Pulumi CLI reads a day that stands without quotes as a time, and hands it over as Go writes one. */
function dayOf(text: string): string {
  return text.replace(/^(\d{4}-\d\d-\d\d) 00:00:00 \+0000 UTC$/, "$1");
}

function isEmptyMapping(value: unknown): boolean {
  return isMapping(value) && Object.keys(value).length === 0;
}

/** Keys of a namespace that is all but the project's: they would be ignored. */
function namespaceProblems({ project, stack, values, file }: SettingsSource): Problem[] {
  const near = (namespace: string) => namespace !== project && distance(namespace, project) <= 3;
  return Object.keys(values).flatMap((key) => {
    const [namespace = "", name = ""] = key.split(":");
    if (!near(namespace)) return [];
    const location = file?.locateKey(["config", key]) ?? startOf(stack);
    return [
      {
        location,
        message: `'${oneLine(key)}' is of another namespace and would be ignored; did you mean '${project}:${oneLine(name)}'?`,
      },
    ];
  });
}

/** Finds where a setting stands in `Pulumi.<stack>.yaml`, or what it would stand under. */
function settingLocator({ project, stack, file }: SettingsSource): Locate {
  return (path, key) => {
    if (file === undefined) return startOf(stack);
    const [first, ...rest] = path;
    const where: Path = first === undefined ? ["config"] : ["config", `${project}:${first}`, ...rest];
    return key ? file.locateKey(where) : file.locate(where);
  };
}

function startOf(stack: string) {
  return { file: stackFile(stack), line: 1, column: 1 };
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
