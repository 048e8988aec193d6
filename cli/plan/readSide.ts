import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Side } from "../../model/plan/stackPlan.ts";
import { stackFile } from "../../model/settings/project.ts";
import { tenantDefaultsSchema } from "../../model/settings/settingsSchema.ts";
import { isObjectId } from "../../model/tenant/principals.ts";
import { sizes } from "../../model/tenant/sizes.ts";
import { isError, type Problem } from "../../model/text/problems.ts";
import { maxBytes, readYaml } from "../../model/text/yamlSource.ts";
import { isRead, readStack } from "../stacks.ts";

/** A stack of one side, and what is wrong with its files. */
export interface Reading {
  readonly side: Side;
  /** What the stack's settings file holds. */
  readonly settingsText: string;
  readonly errors: readonly Problem[];
}

/** Reads a stack as far as its files can be read; undefined where that side has no such stack. */
export function readSide(root: string, stack: string): Reading | undefined {
  if (!existsSync(join(root, stackFile(stack)))) return undefined;
  const reading = readStack(root, stack);
  const texts = tenantTexts(join(root, "tenants", stack));
  const settingsText = readFileSync(join(root, stackFile(stack)), "utf8");
  const labels = new Map([settingsText, ...texts.values()].flatMap(labelsIn));
  if (!isRead(reading)) {
    const tenantDefaults = { ...tenantDefaultsSchema.parse({}), sizes };
    const side = { tenantDefaults, tenants: [], unread: [...texts.keys()], texts, labels, warnings: [] };
    return { side, settingsText, errors: reading };
  }
  const { settings, tenantDefaults, tenants, unread, problems } = reading;
  const warnings = problems.filter((problem) => !isError(problem));
  const side = { ...(settings && { settings }), tenantDefaults, tenants, unread, texts, labels, warnings };
  return { side, settingsText, errors: problems.filter(isError) };
}

/** The texts of a stack's tenant files, by the tenants' names. */
function tenantTexts(folder: string): Map<string, string> {
  const names = existsSync(folder) && statSync(folder).isDirectory() ? readdirSync(folder).sort() : [];
  const files = names.filter((name) => name.endsWith(".yaml") && !name.startsWith("."));
  return new Map(
    files.flatMap((name) =>
      readText(join(folder, name)).map((text) => [name.slice(0, -".yaml".length), text] as const),
    ),
  );
}

/** A file's text in a list; an empty one where it cannot be read, or is no file that anybody would write. */
function readText(path: string): string[] {
  const info = statSync(path, { throwIfNoEntry: false });
  return info?.isFile() && info.size <= maxBytes ? [readFileSync(path, "utf8")] : [];
}

/** The names that a file gives to people beside their object ids, which are for its readers alone. */
function labelsIn(text: string): [id: string, name: string][] {
  const found: [string, string][] = [];
  const look = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    const { user, group, servicePrincipal, name } = value as Record<string, unknown>;
    const id = user ?? group ?? servicePrincipal;
    if (typeof id === "string" && isObjectId(id) && typeof name === "string") found.push([id.toLowerCase(), name]);
    for (const child of Object.values(value)) look(child);
  };
  const { value, problems } = readYaml("", Buffer.from(text));
  if (problems.length === 0) look(value);
  return found;
}
