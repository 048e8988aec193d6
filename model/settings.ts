import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { cidrContains, cidrsOverlap } from "./cidr.ts";
import { InputError, type Location, type Problem } from "./problems.ts";
import { refusedValues } from "./protectedValues.ts";
import { type AzureSettings, type Settings, settingsSchema } from "./settingsSchema.ts";
import { validate } from "./validate.ts";
import { type Path, parseYaml, type YamlSource } from "./yamlSource.ts";

/** Where the settings of a run come from. */
export interface SettingsSource {
  /** The folder of `Pulumi.yaml`. */
  readonly root: string;
  readonly project: string;
  readonly stack: string;
  /** The engine's configuration: `<project>:<key>` to a string, JSON where the value is structured. */
  readonly config: Readonly<Record<string, string>>;
}

/**
 * Reads and checks every setting of a stack. Values come from the engine, so that environments and `--config` count;
 * positions come from `Pulumi.<stack>.yaml` where the setting stands there.
 *
 * @throws InputError with every problem at once.
 */
export function loadSettings(source: SettingsSource): Settings {
  const locate = settingLocator(source);
  const raw = rawSettings(source);
  const result = validate(settingsSchema, raw, locate);
  const problems =
    "value" in result ? crossProblems(result.value, locate) : [...result.problems, ...hostProblems(raw, locate)];
  if (problems.length > 0 || !("value" in result)) throw new InputError(problems);
  return result.value;
}

/** The project's own keys; an empty mapping is what `Pulumi.yaml` gives to one that is not set. */
function rawSettings({ project, config }: SettingsSource): Record<string, unknown> {
  const own = Object.entries(config).filter(([key]) => key.startsWith(`${project}:`));
  const values = own.map(([key, text]) => [key.slice(project.length + 1), parseValue(text)] as const);
  return Object.fromEntries(values.filter(([, value]) => !isEmptyMapping(value)));
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

type Locator = (path: Path, key?: boolean) => Location;

/** Finds where a setting stands in `Pulumi.<stack>.yaml`, or what it would stand under. */
export function settingLocator({ root, project, stack }: Omit<SettingsSource, "config">): Locator {
  const file = `Pulumi.${stack}.yaml`;
  const source: YamlSource | undefined = existsSync(join(root, file))
    ? parseYaml(file, readFileSync(join(root, file), "utf8"))
    : undefined;
  return (path, key) => {
    if (source === undefined) return { file, line: 1, column: 1 };
    const [first, ...rest] = path;
    const where: Path = first === undefined ? ["config"] : ["config", `${project}:${first}`, ...rest];
    return key ? source.locateKey(where) : source.locate(where);
  };
}

/** Exactly one host: it is said even where other settings are wrong. */
function hostProblems(raw: Readonly<Record<string, unknown>>, locate: Locator): Problem[] {
  const { azure, existingCluster } = raw;
  if (azure !== undefined && existingCluster !== undefined) {
    const message = "'azure' and 'existingCluster' are both set; keep the one that is the host of this stack's tenants";
    return [{ location: locate(["existingCluster"], true), message }];
  }
  if (azure !== undefined || existingCluster !== undefined) return [];
  const message = "no host cluster: set 'azure' (a cluster to create) or 'existingCluster' (one to use as it is)";
  return [{ location: locate([]), message }];
}

function crossProblems(settings: Settings, locate: Locator): Problem[] {
  const { azure, environment, protect, vcluster } = settings;
  const problem = (path: Path, message: string): Problem => ({ location: locate(path), message });
  const problems = hostProblems(settings, locate);
  if (environment === "production" && !protect) {
    problems.push(problem(["protect"], "'protect' is false: a production stack cannot switch it off"));
  }
  for (const { path, reason } of refusedValues(vcluster.helmValues)) {
    const message = `'${path.join(".")}' cannot be set for every tenant: ${reason}; remove it`;
    problems.push({ location: locate(["vcluster", "helmValues", ...path], true), message });
  }
  if (azure === undefined) return problems;
  for (const [path, message] of [
    ...networkProblems(azure),
    ...(environment === "production" ? productionProblems(azure) : []),
  ]) {
    problems.push(problem(["azure", ...path], message));
  }
  return problems;
}

function* networkProblems({ network, privateCluster, authorizedIpRanges }: AzureSettings): Generator<[Path, string]> {
  const { podCidr, serviceCidr, dnsServiceIp } = network;
  if (cidrsOverlap(podCidr, serviceCidr)) {
    yield [["network", "podCidr"], `'azure.network.podCidr' is '${podCidr}': it overlaps serviceCidr '${serviceCidr}'`];
  }
  if (!cidrContains(serviceCidr, dnsServiceIp)) {
    yield [
      ["network", "dnsServiceIp"],
      `'azure.network.dnsServiceIp' is '${dnsServiceIp}': it must lie in serviceCidr '${serviceCidr}'`,
    ];
  }
  if (privateCluster && authorizedIpRanges.length > 0) {
    yield [
      ["authorizedIpRanges"],
      "'azure.authorizedIpRanges' has no meaning with privateCluster; remove one of the two",
    ];
  }
}

function* productionProblems({ tier, privateCluster, authorizedIpRanges }: AzureSettings): Generator<[Path, string]> {
  if (tier !== "Standard") yield [["tier"], `'azure.tier' is '${tier}': production needs Standard, which has an SLA`];
  if (!privateCluster && authorizedIpRanges.length === 0) {
    yield [
      ["authorizedIpRanges"],
      "'azure.authorizedIpRanges' is empty: production needs ranges here, or privateCluster: true",
    ];
  }
}
