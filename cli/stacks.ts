import { existsSync, globSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { readInputs, type StackInputs } from "../model/rules/inputs.ts";
import { readProject, requireProject } from "../model/settings/project.ts";
import { builtInSizes } from "../model/tenant/sizes.ts";
import { InputError, type Problem } from "../model/text/problems.ts";

/** A stack as far as it can be read, or what keeps it from being read at all. */
export type StackReading = StackInputs | readonly Problem[];

/** Every stack that has settings or tenants. */
export function stacksOf(root: string): string[] {
  const settings = globSync("Pulumi.?*.yaml", { cwd: root, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map(({ name }) => name.slice("Pulumi.".length, -".yaml".length));
  const folder = join(root, "tenants");
  const folders = existsSync(folder) ? readdirSync(folder, { withFileTypes: true }) : [];
  return [...new Set([...settings, ...folders.filter((entry) => entry.isDirectory()).map(({ name }) => name)])].sort();
}

/**
 * A stack's settings and tenants; where they cannot be read at all, what is wrong with them.
 *
 * @param unsaved texts of tenant files that are not there yet, by the tenant's name
 */
export function readStack(root: string, stack: string, unsaved: Readonly<Record<string, string>> = {}): StackReading {
  const file = `Pulumi.${stack}.yaml`;
  if (!existsSync(join(root, file))) {
    const location = { file, line: 1, column: 1 };
    return [{ location, message: `tenants/${stack}/ has no settings: add this file, or remove the folder` }];
  }
  try {
    const project = readProject(root, stack);
    return readInputs({ root, project: project.name, stack, config: project.config }, unsaved);
  } catch (error) {
    if (error instanceof InputError) return error.problems;
    throw error;
  }
}

/** True where there is something to work with, however much is wrong with it. */
export function isRead(stack: StackReading): stack is StackInputs {
  return "tenants" in stack;
}

/**
 * The stacks of a project.
 *
 * @throws Error where the folder is no project, or has no stack: checking nothing is no success.
 */
export function projectStacks(root: string): string[] {
  requireProject(root);
  const stacks = stacksOf(root);
  if (stacks.length === 0) throw new Error(`${root} has no stack: there is no Pulumi.<stack>.yaml`);
  return stacks;
}

/**
 * Makes sure that there is such a stack.
 *
 * @throws Error with those that there are.
 */
export function requireStack(root: string, stack: string): void {
  const stacks = projectStacks(root);
  if (!stacks.includes(stack)) throw new Error(`no stack '${stack}': there are ${stacks.join(", ")}`);
}

/** The names of all sizes that any of the stacks has, also one with a mistake in it. */
export function sizeNamesOf(stacks: readonly StackReading[]): [string, ...string[]] {
  const own = stacks.flatMap((stack) => (isRead(stack) ? Object.keys(stack.tenantDefaults.sizes) : []));
  const [first, ...rest] = builtInSizes;
  return [first, ...new Set([...rest, ...own].filter((name) => name !== first))];
}
