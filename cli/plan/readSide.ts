import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Side } from "../../model/plan/stackPlan.ts";
import { stackFile } from "../../model/settings/project.ts";
import { tenantDefaultsSchema } from "../../model/settings/settingsSchema.ts";
import { isObjectId, labelSchema } from "../../model/tenant/principals.ts";
import { sizes } from "../../model/tenant/sizes.ts";
import { loadTenants } from "../../model/tenant/tenantFiles.ts";
import { readWritten } from "../../model/text/files.ts";
import { isError, type Problem } from "../../model/text/problems.ts";
import { readYaml } from "../../model/text/yamlSource.ts";
import { isRead, readStack } from "../stacks.ts";

/** A stack of one side, and what is wrong with its files. */
export interface Reading {
  readonly side: Side;
  /** What the stack's settings file holds. */
  readonly settingsText: string;
  readonly errors: readonly Problem[];
}

/**
 * Reads a stack as far as its files can be read; undefined where that side has no such stack.
 *
 * @param config the settings as an engine has them, every value as text; those of the stack's file where it is left out
 */
export function readSide(root: string, stack: string, config?: Readonly<Record<string, string>>): Reading | undefined {
  if (!existsSync(join(root, stackFile(stack)))) return undefined;
  const reading = readStack(root, stack, {}, config);
  const settingsText = textOf(root, stackFile(stack));
  const labelsOf = (texts: ReadonlyMap<string, string>) => new Map([settingsText, ...texts.values()].flatMap(labelsIn));
  if (!isRead(reading)) {
    const side = unreadSide(root, stack);
    return { side: { ...side, labels: labelsOf(side.texts) }, settingsText, errors: reading };
  }
  const { settings, written, tenantDefaults, tenants, unread, texts, problems } = reading;
  const labels = labelsOf(texts);
  const warnings = problems.filter((problem) => !isError(problem));
  const known = { ...(settings && { settings }), ...(written && { written }) };
  const side = { ...known, tenantDefaults, tenants, unread, texts, labels, warnings };
  return { side, settingsText, errors: problems.filter(isError) };
}

/** What a file holds; nothing where it cannot be read, which is among the errors. */
function textOf(root: string, file: string): string {
  try {
    return readWritten(root, file).toString("utf8");
  } catch {
    return "";
  }
}

/** A stack that has tenants and no settings, which nobody can deploy; undefined where there are none either. */
export function withoutSettings(root: string, stack: string): Reading | undefined {
  const side = unreadSide(root, stack);
  const reading = readStack(root, stack);
  return side.texts.size === 0 || isRead(reading) ? undefined : { side, settingsText: "", errors: reading };
}

/** A side whose settings cannot be read: of its tenants only the texts are known. */
function unreadSide(root: string, stack: string): Side {
  const tenantDefaults = { ...tenantDefaultsSchema.parse({}), sizes };
  const { texts } = loadTenants(root, stack, tenantDefaults);
  return { tenantDefaults, tenants: [], unread: [...texts.keys()], texts, labels: new Map(), warnings: [] };
}

/** The names that a file gives to people beside their object ids, which are for its readers alone. */
function labelsIn(text: string): [id: string, name: string][] {
  const found: [string, string][] = [];
  const look = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    const { user, group, servicePrincipal, name } = value as Record<string, unknown>;
    const id = user ?? group ?? servicePrincipal;
    const label = labelSchema.safeParse(name).data;
    if (typeof id === "string" && isObjectId(id) && label !== undefined) found.push([id.toLowerCase(), label]);
    for (const child of Object.values(value)) look(child);
  };
  const { value, problems } = readYaml("", Buffer.from(text));
  if (problems.length === 0) look(value);
  return found;
}
