import { resolve } from "node:path";
import { table } from "../console/table.ts";
import { columns, paint } from "../console/terminal.ts";
import { tenantFile } from "../model/tenant/tenantFiles.ts";
import { oneLine, printable } from "../model/text/printable.ts";
import { formatProblem, isError, Refusal } from "../model/text/problems.ts";
import { today } from "../model/text/today.ts";
import type { ExpiringTenant } from "./ci/run/expiryIssues.ts";
import { isRead, projectStacks, readStack } from "./stacks.ts";

export interface ExpiringOptions {
  /** How many days before its date a tenant is told of, such as "30". */
  readonly days: string;
  readonly format: "table" | "json";
  readonly cwd: string;
}

/**
 * Prints the tenants whose date (`expires`) is near or past, the nearest first. One that is offboarding is none of them: what
 * the date reminds of is done.
 *
 * Files that are not right are told on the error stream, and the exit code is 1: who is missing from the list may be in one.
 */
export async function expiring({ days, format, cwd }: ExpiringOptions): Promise<void> {
  if (!/^\d{1,4}$/.test(days))
    throw new Refusal(`--days is '${oneLine(days)}': a number of days, such as 30, is needed`);
  const root = resolve(cwd);
  const readings = projectStacks(root).map((stack) => [stack, readStack(root, stack)] as const);
  const until = dayAfter(today(), Number(days));
  const found = readings.flatMap(([stack, reading]): ExpiringTenant[] =>
    (isRead(reading) ? reading.tenants : []).flatMap(({ name, owner, expires, lifecycle }) =>
      expires === undefined || expires > until || lifecycle === "offboarding"
        ? []
        : [{ stack, name, file: tenantFile(stack, name), owner, expires }],
    ),
  );
  found.sort((a, b) => a.expires.localeCompare(b.expires) || a.file.localeCompare(b.file));
  console.log(format === "json" ? printable(JSON.stringify(found, undefined, 2)) : asTable(found, days));
  const errors = readings.flatMap(([, reading]) => (isRead(reading) ? reading.problems : reading)).filter(isError);
  for (const error of errors) console.error(`${paint("red", "error:", process.stderr)} ${formatProblem(error)}`);
  if (errors.length > 0) process.exitCode = 1;
}

/** A day some days after another. */
function dayAfter(day: string, days: number): string {
  return new Date(Date.parse(day) + days * 86_400_000).toISOString().slice(0, 10);
}

function asTable(tenants: readonly ExpiringTenant[], days: string): string {
  if (tenants.length === 0) return `no tenant's date is within ${days} days`;
  const head = ["expires", "stack", "tenant", "owner"].map((name) => ({ name }));
  const rows = tenants.map(({ stack, name, owner, expires }) => [expires, stack, name, oneLine(owner)]);
  return table(head, rows, columns());
}
