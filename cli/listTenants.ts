import { resolve } from "node:path";
import Table from "cli-table3";
import type { Tenant } from "../model/tenant/tenantSchema.ts";
import { formatProblem, isError } from "../model/text/problems.ts";
import { isRead, projectStacks, readStack, requireStack } from "./stacks.ts";

export interface ListOptions {
  readonly format: "table" | "json";
  readonly cwd: string;
  /** One stack only. */
  readonly stack?: string;
}

const columns = ["namespace", "size", "kubernetes", "store", "lifecycle", "hostRole", "expose", "owner", "expires"];

/**
 * Prints the tenants of the stacks as their files say. Files that are not right are told on the error stream, and the
 * exit code is 1.
 *
 * @throws Error where there is no such stack.
 */
export async function listTenants({ format, cwd, stack: only }: ListOptions): Promise<void> {
  const root = resolve(cwd);
  if (only !== undefined) requireStack(root, only);
  const readings = projectStacks(root)
    .filter((stack) => only === undefined || stack === only)
    .map((stack) => [stack, readStack(root, stack)] as const);
  const tenants = readings.flatMap(([stack, reading]) =>
    (isRead(reading) ? reading.tenants : []).map((tenant) => ({ stack, tenant })),
  );
  const errors = readings.flatMap(([, reading]) => (isRead(reading) ? reading.problems : reading)).filter(isError);
  console.log(format === "json" ? json(tenants) : table(tenants));
  for (const error of errors) console.error(`error: ${formatProblem(error)}`);
  if (errors.length > 0) process.exitCode = 1;
}

type Row = { readonly stack: string; readonly tenant: Tenant };

function json(rows: readonly Row[]): string {
  const flat = rows.map(({ stack, tenant: { name, resources: _, ...rest } }) => ({ stack, name, ...rest }));
  return JSON.stringify(flat, undefined, 2);
}

function table(rows: readonly Row[]): string {
  if (rows.length === 0) return "no tenants: add a file to the stack's folder in tenants/";
  const table = new Table({ head: ["stack", "tenant", ...columns], style: { head: [], border: [], compact: true } });
  for (const { stack, tenant } of rows) {
    table.push([stack, tenant.name, ...columns.map((column) => String(tenant[column as keyof Tenant] ?? ""))]);
  }
  return table.toString();
}
