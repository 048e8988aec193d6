import { existsSync, globSync } from "node:fs";
import { join } from "node:path";
import { readWritten } from "../text/files.ts";
import { oneLine } from "../text/printable.ts";
import { InputError, type Problem, Refusal } from "../text/problems.ts";
import { didYouMean, show, unknownKey } from "../text/validate.ts";
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
  /** Settings by `<namespace>:<key>`, with their defaults. */
  readonly values: Readonly<Record<string, unknown>>;
  /** The same as an engine hands them to the program: every value as text. */
  readonly config: Readonly<Record<string, string>>;
  /** The stack's file: where a setting stands. */
  readonly file: YamlSource;
}

/**
 * What a file of a project holds; undefined where it is not there.
 *
 * @param path from the project's root
 * @throws InputError where it cannot be read.
 */
export function fileOfProject(root: string, path: string): Uint8Array | undefined {
  return existsSync(join(root, path)) ? readWritten(root, path) : undefined;
}

interface ProjectFile {
  readonly name: string;
  readonly main?: string;
  readonly runtime?: { readonly options?: { readonly nodeargs?: string } };
  readonly config?: Readonly<Record<string, unknown>>;
}

/**
 * Reads `Pulumi.yaml` and `Pulumi.<stack>.yaml`, and gives settings their defaults, as the Pulumi CLI does. Encrypted
 * values of other namespaces, such as a provider's, are left out.
 *
 * @throws InputError where a file cannot be read or parsed, or a key is one that the CLI would not take.
 * @throws Refusal where the folder is no project, or has no such stack.
 */
export function readProject(root: string, stack: string): Project {
  const project = readProjectFile(root);
  requireStack(stack, stackNames(root));
  const source = read(root, stackFile(stack));
  const settings = (source.value as { config?: unknown } | null)?.config ?? {};
  const problems = [...fileProblems(source), ...configProblems(project.name, settings, source)];
  if (problems.length > 0) throw new InputError(problems);
  const defaults = Object.entries(project.config ?? {}).flatMap(([key, said]) => {
    const value = defaultIn(said);
    return value === undefined ? [] : [[key.includes(":") ? key : `${project.name}:${key}`, value] as const];
  });
  const values = Object.entries({ ...Object.fromEntries(defaults), ...(settings as object) }).filter(
    ([, value]) => !isEncrypted(value),
  );
  const text = (value: unknown) => (typeof value === "object" ? JSON.stringify(value, sorted) : String(value));
  return {
    root,
    name: project.name,
    stack,
    main: project.main ?? ".",
    nodeArguments: project.runtime?.options?.nodeargs?.split(" ") ?? [],
    values: Object.fromEntries(values),
    config: Object.fromEntries(values.map(([key, value]) => [key, text(value)])),
    file: source,
  };
}

/** What a setting of `Pulumi.yaml` is where a stack does not say it; other namespaces have values there, and no types. */
function defaultIn(said: unknown): unknown {
  if (typeof said !== "object" || said === null || Array.isArray(said)) return said;
  const { value, default: other } = said as { readonly value?: unknown; readonly default?: unknown };
  return value ?? other;
}

/** @throws InputError where the file cannot be parsed, or has no name in it. */
function readProjectFile(root: string): ProjectFile {
  requireProject(root);
  const source = read(root, "Pulumi.yaml");
  const project = (source.value ?? {}) as Partial<ProjectFile>;
  const { name } = project;
  if (typeof name === "string") return { ...project, name };
  throw new InputError([{ location: source.locate([]), message: "'name' is missing: the project's name" }]);
}

/** The project's name, which stands before each of its settings. */
export function readProjectName(root: string): string {
  return readProjectFile(root).name;
}

/** @throws Refusal where a folder is no Pulumi project. */
export function requireProject(root: string): void {
  if (!existsSync(join(root, "Pulumi.yaml"))) {
    throw new Refusal(`${root} is no Pulumi project: Pulumi.yaml is not there`);
  }
}

/**
 * Makes sure that there is such a stack.
 *
 * @throws Refusal with those that there are.
 */
export function requireStack(stack: string, stacks: readonly string[]): void {
  if (stacks.includes(stack)) return;
  const known = stacks.length === 0 ? "there is no Pulumi.<stack>.yaml" : `there are ${stacks.join(", ")}`;
  throw new Refusal(`no stack '${oneLine(stack)}'${didYouMean(stack, stacks) || ":"} ${known}`);
}

/** Where the sandbox keeps a stack: its state and its cloud, apart from each other and from every other stack. */
export interface SandboxFiles {
  readonly folder: string;
  readonly state: string;
  readonly cloud: string;
  /** The page about it that `npm start` writes. */
  readonly report: string;
  /** What a run locks. Not in the folder: it outlives the stack. */
  readonly lock: string;
}

/** The sandbox's files of a stack below the project's root; git ignores them. */
export function sandboxFiles(root: string, stack: string): SandboxFiles {
  const all = join(root, ".sandbox");
  const folder = join(all, stack);
  // No stack's name begins with a full stop.
  const lock = join(all, ".locks", stack);
  const file = (name: string) => join(folder, name);
  return { folder, state: file("state.json"), cloud: file("cloud.json"), report: file("report.html"), lock };
}

/**
 * A stack's name as the project's files have it, and its program and its URNs: the last part of how the CLI knows it, where an
 * organization may stand before it, and a project.
 *
 * @example stackOfFiles("acme/dev") // "dev": Pulumi.dev.yaml, tenants/dev/; as stackOfFiles("acme/project/dev") and ("dev")
 */
export function stackOfFiles(name: string): string {
  return name.slice(name.lastIndexOf("/") + 1);
}

/** The file of a stack's settings, below the project's root. */
export function stackFile(stack: string): string {
  return `Pulumi.${stack}.yaml`;
}

/** Every stack that has settings. */
export function stackNames(root: string): string[] {
  return globSync("Pulumi.?*.yaml", { cwd: root, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map(({ name }) => name.slice("Pulumi.".length, -".yaml".length))
    .sort();
}

/**
 * The stack's file for whoever gets the values from elsewhere and needs to know where they stand; undefined where it is not
 * there or cannot be parsed.
 */
export function readStackFile(root: string, stack: string): YamlSource | undefined {
  const file = stackFile(stack);
  if (!existsSync(join(root, file))) return undefined;
  const source = readYaml(file, readWritten(root, file), maxSettingsBytes);
  return source.problems.length === 0 ? source : undefined;
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

/** @throws InputError where the file cannot be read, or not be parsed. */
function read(root: string, file: string): YamlSource {
  const source = readYaml(file, readWritten(root, file), maxSettingsBytes);
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
      return [{ location, message: `'${oneLine(key)}' lacks its namespace: write '${project}:${key}'` }];
    }
    return key.startsWith(`${project}:`) && isEncrypted(value) ? [encryptedProblem(key, location)] : [];
  });
}

/** What is wrong with a setting of the project's own that is encrypted: the state would have it in the clear. */
export function encryptedProblem(key: string, location: Problem["location"]): Problem {
  return {
    location,
    message: `'${oneLine(key)}' is encrypted; no setting of this program is a secret, so write it out`,
  };
}

/** Keys in the order in which Pulumi's CLI hands a value on: it would be another text otherwise, wherever it is kept. */
function sorted(_: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** True for a value as `pulumi config set --secret` writes it, and for one with such a value in it. */
function isEncrypted(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return "secure" in value || Object.values(value).some(isEncrypted);
}
