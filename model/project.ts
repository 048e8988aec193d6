import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

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
 * Reads `Pulumi.yaml` and `Pulumi.<stack>.yaml`, and gives settings their defaults, as the Pulumi CLI does.
 *
 * @throws Error where the stack has no settings file, or where it holds secrets, which only the CLI can open.
 */
export function readProject(root: string, stack: string): Project {
  const project = parse(readFileSync(join(root, "Pulumi.yaml"), "utf8")) as ProjectFile;
  const file = join(root, `Pulumi.${stack}.yaml`);
  if (!existsSync(file)) throw new Error(`stack '${stack}' has no settings: ${file} is not there`);
  const settings = (parse(readFileSync(file, "utf8")) as { config?: Record<string, unknown> } | null)?.config ?? {};
  const defaults = Object.entries(project.config ?? {}).flatMap(([key, { default: value }]) =>
    value === undefined ? [] : [[key.includes(":") ? key : `${project.name}:${key}`, value] as const],
  );
  const config = Object.entries({ ...Object.fromEntries(defaults), ...settings }).map(([key, value]) => {
    if (typeof value === "object" && value !== null && "secure" in value) {
      throw new Error(`setting '${key}' of stack '${stack}' is encrypted: the sandbox cannot open it`);
    }
    return [key, typeof value === "object" ? JSON.stringify(value) : String(value)] as const;
  });
  return {
    root,
    name: project.name,
    stack,
    main: project.main ?? ".",
    nodeArguments: project.runtime?.options?.nodeargs?.split(" ") ?? [],
    config: Object.fromEntries(config),
  };
}
