import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { InputError, type Problem } from "./problems.ts";
import { parseYaml, type YamlSource } from "./yamlSource.ts";

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

interface ProjectFile {
  readonly name: string;
  readonly main?: string;
  readonly runtime?: { readonly options?: { readonly nodeargs?: string } };
  readonly config?: Readonly<Record<string, { readonly default?: unknown }>>;
}

/**
 * Reads `Pulumi.yaml` and `Pulumi.<stack>.yaml`, and gives settings their defaults, as the Pulumi CLI does. Encrypted
 * values of other namespaces, such as a provider's, are left out.
 *
 * @throws InputError where a file cannot be parsed, or a key is one that the CLI would not take.
 * @throws Error where a file is not there.
 */
export function readProject(root: string, stack: string): Project {
  const project = read(root, "Pulumi.yaml").value as ProjectFile;
  const file = `Pulumi.${stack}.yaml`;
  if (!existsSync(join(root, file))) {
    throw new Error(`stack '${stack}' has no settings: ${join(root, file)} is not there`);
  }
  const source = read(root, file);
  const settings = (source.value as { config?: unknown } | null)?.config ?? {};
  const problems = configProblems(project.name, settings, source);
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

/** @throws InputError where the file cannot be parsed. */
function read(root: string, file: string): YamlSource {
  const source = parseYaml(file, readFileSync(join(root, file), "utf8"));
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
