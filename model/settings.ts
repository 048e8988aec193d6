import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { distance } from "fastest-levenshtein";
import { z } from "zod";
import { cidrContains, cidrsOverlap, firstAddresses, prefixLength } from "./cidr.ts";
import { nodeSizes } from "./nodeSizes.ts";
import type { Location, Problem } from "./problems.ts";
import { refusedValues } from "./protectedValues.ts";
import { azureSchema, type Settings, settingsSchema, tenantDefaultsSchema } from "./settingsSchema.ts";
import { didYouMean, validate } from "./validate.ts";
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

/** A stack's settings as far as they are right, and everything that is wrong with them. */
export interface LoadedSettings {
  /** Left out where anything is wrong. */
  readonly settings?: Settings;
  /** What a tenant gets that does not say otherwise; the schema's own where the stack's are wrong. */
  readonly tenantDefaults: Settings["tenantDefaults"];
  readonly problems: readonly Problem[];
  readonly locate: Locator;
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
    ...crossProblems(raw, locate),
  ];
  const tenantDefaults = valid(settingsSchema, raw).tenantDefaults ?? tenantDefaultsSchema.parse({});
  return {
    ...("value" in result && problems.length === 0 && { settings: result.value }),
    tenantDefaults,
    problems,
    locate,
  };
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

/** Finds where a setting stands; with `key`, where its name does. */
type Locator = (path: Path, key?: boolean) => Location;

/** The fields of a value that are right by themselves, with their defaults. */
function valid<S extends z.ZodObject>(schema: S, value: unknown): Partial<z.output<S>> {
  const fields = Object.entries(schema.shape).flatMap(([key, field]) => {
    const result = z.safeParse(field, (value as Record<string, unknown> | undefined)?.[key]);
    return result.success && result.data !== undefined ? [[key, result.data] as const] : [];
  });
  return Object.fromEntries(fields) as Partial<z.output<S>>;
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
function settingLocator({ root, project, stack }: SettingsSource): Locator {
  const source = stackFile(root, stack);
  return (path, key) => {
    if (source === undefined) return { file: `Pulumi.${stack}.yaml`, line: 1, column: 1 };
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

/** What is wrong between settings that are each right. */
function crossProblems(raw: Readonly<Record<string, unknown>>, locate: Locator): Problem[] {
  const { environment, protect } = valid(settingsSchema, raw);
  const production = environment === "production";
  const { helmValues = {} } = valid(settingsSchema.shape.vcluster.unwrap(), raw.vcluster);
  const problems: Problem[] = refusedValues(helmValues).map(({ path, reason }) => ({
    location: locate(["vcluster", "helmValues", ...path], true),
    message: `'${path.join(".")}' cannot be set for every tenant: ${reason}`,
  }));
  if (production && protect === false) {
    problems.push({
      location: locate(["protect"]),
      message: "'protect' is false: a production stack cannot switch it off",
    });
  }
  if (raw.azure === undefined) return problems;
  const found = [
    ...networkProblems(raw.azure),
    ...nodePoolProblems(raw.azure),
    ...accessProblems(raw.azure, production),
  ];
  return [...problems, ...found.map(([path, message]) => ({ location: locate(["azure", ...path]), message }))];
}

/** Ranges that AKS uses itself. Source: AKS, prerequisites of its networking options. */
const reservedRanges = ["169.254.0.0/16", "172.30.0.0/16", "172.31.0.0/16", "192.0.2.0/24"];
/** Prefix length that a service range must be longer than. Source: AKS, "IP address planning". */
const largestServiceRange = 12;
/** Prefix length of the range that each node of an overlay network takes. Source: AKS, "IP address planning". */
const rangeOfNode = 24;

function* networkProblems(azure: unknown): Generator<[Path, string]> {
  const { network, nodePool } = azure as { network?: unknown; nodePool?: unknown };
  const { podCidr, serviceCidr, dnsServiceIp } = valid(azureSchema.shape.network.unwrap(), network);
  const { count } = valid(azureSchema.shape.nodePool.unwrap(), nodePool);
  for (const [key, range] of Object.entries({ podCidr, serviceCidr })) {
    const reserved = range && reservedRanges.find((other) => cidrsOverlap(range, other));
    if (reserved)
      yield [["network", key], `'azure.network.${key}' is '${range}': it overlaps ${reserved}, which AKS uses itself`];
  }
  if (podCidr && serviceCidr && cidrsOverlap(podCidr, serviceCidr)) {
    yield [["network", "podCidr"], `'azure.network.podCidr' is '${podCidr}': it overlaps serviceCidr '${serviceCidr}'`];
  }
  if (podCidr && count && 2 ** (rangeOfNode - prefixLength(podCidr)) < count + 1) {
    yield [
      ["network", "podCidr"],
      `'azure.network.podCidr' is '${podCidr}': each of ${count} nodes, and one more during upgrades, takes a /${rangeOfNode} of it; choose a larger range`,
    ];
  }
  if (serviceCidr && prefixLength(serviceCidr) <= largestServiceRange) {
    yield [
      ["network", "serviceCidr"],
      `'azure.network.serviceCidr' is '${serviceCidr}': AKS takes a range smaller than /${largestServiceRange}`,
    ];
  }
  if (!serviceCidr || !dnsServiceIp) return;
  if (!cidrContains(serviceCidr, dnsServiceIp)) {
    yield [
      ["network", "dnsServiceIp"],
      `'azure.network.dnsServiceIp' is '${dnsServiceIp}': it must lie in serviceCidr '${serviceCidr}'`,
    ];
  } else if (firstAddresses(serviceCidr).includes(dnsServiceIp)) {
    yield [
      ["network", "dnsServiceIp"],
      `'azure.network.dnsServiceIp' is '${dnsServiceIp}': the first addresses of serviceCidr are the network's and the API server's; take a later one, such as the tenth`,
    ];
  }
}

function* nodePoolProblems(azure: unknown): Generator<[Path, string]> {
  const { nodePool: raw } = azure as { nodePool?: Record<string, unknown> };
  const { vmSize } = valid(azureSchema.shape.nodePool.unwrap(), raw);
  if (vmSize === undefined || nodeSizes.has(vmSize) || raw?.capacity !== undefined) return;
  const guess = didYouMean(vmSize, [...nodeSizes.keys()]) || ":";
  yield [
    ["nodePool", "vmSize"],
    `'azure.nodePool.vmSize' is '${vmSize}'${guess} not a size known here (Standard_DS2_v2 to Standard_DS5_v2, and the D, E and F series such as Standard_D4s_v5). For another one give nodePool.capacity: { vCpus, memoryGiB, dataDisks }`,
  ];
}

function* accessProblems(azure: unknown, production: boolean): Generator<[Path, string]> {
  const { tier, privateCluster, authorizedIpRanges } = valid(azureSchema, azure);
  if (privateCluster && authorizedIpRanges && authorizedIpRanges.length > 0) {
    yield [
      ["authorizedIpRanges"],
      "'azure.authorizedIpRanges' has no meaning with privateCluster; remove one of the two",
    ];
  }
  if (!production) return;
  if (tier === "Free") yield [["tier"], "'azure.tier' is 'Free': production needs Standard, which has an SLA"];
  if (privateCluster === false && authorizedIpRanges?.length === 0) {
    yield [
      ["authorizedIpRanges"],
      "'azure.authorizedIpRanges' is empty: production needs ranges here, or privateCluster: true",
    ];
  }
}
