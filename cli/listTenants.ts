import { resolve } from "node:path";
import { table } from "../console/table.ts";
import { columns, paint } from "../console/terminal.ts";
import type { Tenant } from "../model/tenant/tenantSchema.ts";
import { oneLine, printable } from "../model/text/printable.ts";
import { formatProblem, isError } from "../model/text/problems.ts";
import { isRead, projectStacks, readStack, requireStackOf } from "./stacks.ts";

export interface ListOptions {
  readonly format: "table" | "json";
  readonly cwd: string;
  /** One stack only. */
  readonly stack?: string;
}

/** The fields that a table shows: those that it can do without, the last of them first. */
const fields = [
  "lifecycle",
  "size",
  "kubernetes",
  "owner",
  "namespace",
  "hostRole",
  "expose",
  "store",
  "expires",
] as const;
const head = [{ name: "stack" }, { name: "tenant" }, ...fields.map((name) => ({ name, optional: true }))];

/**
 * Prints the tenants of the stacks as their files say. Files that are not right are told on the error stream, and the
 * exit code is 1.
 *
 * @throws Error where there is no such stack.
 */
export async function listTenants({ format, cwd, stack: only }: ListOptions): Promise<void> {
  const root = resolve(cwd);
  if (only !== undefined) requireStackOf(root, only);
  const readings = projectStacks(root)
    .filter((stack) => only === undefined || stack === only)
    .map((stack) => [stack, readStack(root, stack)] as const);
  const tenants = readings.flatMap(([stack, reading]) =>
    (isRead(reading) ? reading.tenants : []).map((tenant) => ({ stack, tenant })),
  );
  const errors = readings.flatMap(([, reading]) => (isRead(reading) ? reading.problems : reading)).filter(isError);
  console.log(format === "json" ? json(tenants) : asTable(tenants));
  for (const error of errors) console.error(`${paint("red", "error:", process.stderr)} ${formatProblem(error)}`);
  if (errors.length > 0) process.exitCode = 1;
}

type Row = { readonly stack: string; readonly tenant: Tenant };

function json(rows: readonly Row[]): string {
  const flat = rows.map(({ stack, tenant: { name, resources: _, ...rest } }) => ({ stack, name, ...rest }));
  return printable(JSON.stringify(flat, undefined, 2));
}

function asTable(rows: readonly Row[]): string {
  if (rows.length === 0) return "no tenants: add a file to the stack's folder in tenants/";
  const cells = rows.map(({ stack, tenant }) => [
    stack,
    tenant.name,
    ...fields.map((field) => oneLine(String(tenant[field] ?? ""))),
  ]);
  return table(head, cells, columns());
}
