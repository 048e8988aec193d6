import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { InputError, type Problem } from "../text/problems.ts";
import { show, unknownKey } from "../text/validate.ts";
import { readYaml, type YamlSource } from "../text/yamlSource.ts";

/** What the engine needs to know of a Pulumi project and one of its stacks. */
export interface Project {
  /** The folder of `Pulumi.yaml`. */
  readonly root: string;
  readonly name: string;
  readonly stack: string;
  /** The program, relative to the root. */
  readonly main: string;
  readonly nodeArguments: readonly string[];
  /** Settings as the program gets them: `<namespace>:<key>` to text. */
  readonly config: Readonly<Record<string, string>>;
}

/** Where Node.js keeps what it has compiled of the SDK: loading that is most of a small run's time. */
export function compileCache(root: string): string {
  return join(root, "node_modules", ".cache", "compile");
}

interface ProjectFile {
  readonly name: string;
  readonly main?: string;
  readonly runtime?: { readonly options?: { readonly nodeargs?: string } };
  readonly config?: Readonly<Record<string, { readonly default?: unknown }>>;
}

/** @throws Error where a folder is no Pulumi project, or is not there. */
export function requireProject(root: string): void {
  if (!existsSync(join(root, "Pulumi.yaml"))) throw new Error(`${root} is no Pulumi project: Pulumi.yaml is not there`);
}

/**
 * Reads `Pulumi.yaml` and `Pulumi.<stack>.yaml`, and gives settings their defaults, as the Pulumi CLI does. Encrypted
 * values of other namespaces, such as a provider's, are left out.
 *
 * @throws InputError where a file cannot be parsed, or a key is one that the CLI would not take.
 * @throws Error where a file is not there.
 */
export function readProject(root: string, stack: string): Project {
  requireProject(root);
  const projectFile = read(root, "Pulumi.yaml");
  const project = (projectFile.value ?? {}) as Partial<ProjectFile>;
  if (typeof project.name !== "string") {
    throw new InputError([{ location: projectFile.locate([]), message: "'name' is missing: the project's name" }]);
  }
  const file = `Pulumi.${stack}.yaml`;
  if (!existsSync(join(root, file))) {
    throw new Error(`stack '${stack}' has no settings: ${join(root, file)} is not there`);
  }
  const source = read(root, file);
  const settings = (source.value as { config?: unknown } | null)?.config ?? {};
  const problems = [...fileProblems(source), ...configProblems(project.name, settings, source)];
  if (problems.length > 0) throw new InputError(problems);
  const defaults = Object.entries(project.config ?? {}).flatMap(([key, { default: value }]) =>
    value === undefined ? [] : [[key.includes(":") ? key : `${project.name}:${key}`, value] as const],
  );
  const config = Object.entries({ ...Object.fromEntries(defaults), ...(settings as object) })
    .filter(([, value]) => !isEncrypted(value))
    .map(([key, value]) => [key, typeof value === "object" ? JSON.stringify(value) : String(value)] as const);
  return {
    root,
    name: project.name,
    stack,
    main: project.main ?? ".",
    nodeArguments: project.runtime?.options?.nodeargs?.split(" ") ?? [],
    config: Object.fromEntries(config),
  };
}

/** What the Pulumi CLI takes at the top of a stack's file. Source: Pulumi, "Pulumi stack settings file reference". */
const stackFileKeys = ["config", "encryptedkey", "encryptionsalt", "environment", "secretsprovider"];

function fileProblems(source: YamlSource): Problem[] {
  const { value } = source;
  if (value === null || value === undefined) return [];
  if (typeof value !== "object" || Array.isArray(value)) {
    return [
      { location: source.locate([]), message: `the file holds ${show(value)}: expected a mapping with 'config'` },
    ];
  }
  const unknown = Object.keys(value).filter((key) => !stackFileKeys.includes(key));
  return unknown.map((key) => ({ location: source.locateKey([key]), message: unknownKey(key, [], stackFileKeys) }));
}

/** Most bytes of a settings file; those of Pulumi itself are far smaller. */
const maxSettingsBytes = 256 * 1024;

/** @throws InputError where the file cannot be parsed. */
function read(root: string, file: string): YamlSource {
  const source = readYaml(file, readFileSync(join(root, file)), maxSettingsBytes);
  if (source.problems.length > 0) throw new InputError(source.problems);
  return source;
}

function configProblems(project: string, settings: unknown, source: YamlSource): Problem[] {
  if (typeof settings !== "object" || settings === null || Array.isArray(settings)) {
    return [{ location: source.locate(["config"]), message: "'config' is not a mapping of settings" }];
  }
  return Object.entries(settings).flatMap(([key, value]): Problem[] => {
    const location = source.locateKey(["config", key]);
    if (!key.includes(":")) {
      return [{ location, message: `'${key}' lacks its namespace: write '${project}:${key}'` }];
    }
    if (!key.startsWith(`${project}:`) || !isEncrypted(value)) return [];
    return [{ location, message: `'${key}' is encrypted; no setting of this program is a secret, so write it out` }];
  });
}

/** True for a value as `pulumi config set --secret` writes it. */
function isEncrypted(value: unknown): boolean {
  return typeof value === "object" && value !== null && "secure" in value;
}
