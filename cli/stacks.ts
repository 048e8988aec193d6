import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { readInputs, type StackInputs } from "../model/rules/inputs.ts";
import {
  readProject,
  readProjectName,
  requireProject,
  requireStack,
  stackFile,
  stackNames,
} from "../model/settings/project.ts";
import { settingsOfEngine, settingsOfProject } from "../model/settings/settings.ts";
import { builtInSizes } from "../model/tenant/sizes.ts";
import { InputError, type Problem, Refusal } from "../model/text/problems.ts";

/** A stack as far as it can be read, or what keeps it from being read at all. */
export type StackReading = StackInputs | readonly Problem[];

/** Every stack that has settings or tenants. */
export function stacksOf(root: string): string[] {
  const folder = join(root, "tenants");
  const folders = existsSync(folder) ? readdirSync(folder, { withFileTypes: true }) : [];
  const named = folders.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  return [...new Set([...stackNames(root), ...named])].sort();
}

/**
 * A stack's settings and tenants; where they cannot be read at all, what is wrong with them.
 *
 * @param unsaved texts of tenant files that are not there yet, by the tenant's name
 * @param config the settings as an engine has them, every value as text; those of the stack's file where it is left out
 */
export function readStack(
  root: string,
  stack: string,
  unsaved: Readonly<Record<string, string>> = {},
  config?: Readonly<Record<string, string>>,
): StackReading {
  const file = stackFile(stack);
  if (!existsSync(join(root, file))) {
    const location = { file, line: 1, column: 1 };
    return [{ location, message: `tenants/${stack}/ has no settings: add this file, or remove the folder` }];
  }
  try {
    const source =
      config === undefined
        ? settingsOfProject(readProject(root, stack))
        : settingsOfEngine({ root, project: readProjectName(root), stack, config });
    return readInputs(source, unsaved);
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
 * @throws Refusal where the folder is no project, or has no stack: checking nothing is no success.
 */
export function projectStacks(root: string): string[] {
  requireProject(root);
  const stacks = stacksOf(root);
  if (stacks.length === 0) throw new Refusal(`${root} has no stack: there is no Pulumi.<stack>.yaml`);
  return stacks;
}

/**
 * A stack that is there.
 *
 * @throws Refusal with those that there are, where it is not.
 */
export function requireStackOf(root: string, stack: string): void {
  requireStack(stack, projectStacks(root));
}

/** The names of all sizes that any of the stacks has, also one with a mistake in it. */
export function sizeNamesOf(stacks: readonly StackReading[]): [string, ...string[]] {
  const own = stacks.flatMap((stack) => (isRead(stack) ? Object.keys(stack.tenantDefaults.sizes) : []));
  const [first, ...rest] = builtInSizes;
  return [first, ...new Set([...rest, ...own].filter((name) => name !== first))];
}
