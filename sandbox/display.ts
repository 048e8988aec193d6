import { styleText } from "node:util";
import Table from "cli-table3";
import type { Severity } from "./engine/monitor.ts";
import type { Command, RunResult } from "./engine/run.ts";
import type { Op, StepEvent } from "./engine/types.ts";
import { parseUrn, providerType } from "./engine/urn.ts";
import type { Properties } from "./engine/values.ts";

type Style = "green" | "yellow" | "red" | "magenta" | "dim" | "bold";

/** Colours a text where the stream is a terminal that shows colours, and NO_COLOR does not forbid it. */
function paint(style: Style, text: string): string {
  return styleText(style, text, { stream: process.stdout });
}

interface Sign {
  readonly sign: string;
  readonly planned: string;
  readonly done: string;
  readonly style: Style;
}

const signs: Readonly<Record<Op, Sign>> = {
  same: { sign: " ", planned: "unchanged", done: "unchanged", style: "dim" },
  create: { sign: "+", planned: "to create", done: "created", style: "green" },
  update: { sign: "~", planned: "to update", done: "updated", style: "yellow" },
  replace: { sign: "±", planned: "to replace", done: "replaced", style: "magenta" },
  delete: { sign: "-", planned: "to delete", done: "deleted", style: "red" },
};

export function heading(text: string): string {
  return paint("bold", `\n${text}`);
}

/** One line for a step, or nothing for one that a reader of a plan need not see: what is unchanged, and components. */
export function stepLine({ op, urn, changed }: StepEvent): string | undefined {
  const { type, name } = parseUrn(urn);
  if (op === "same" || isGrouping(type)) return undefined;
  const { sign, style } = signs[op];
  const [kind = type] = type.split(":").slice(-1);
  // A changed size changes a dozen values: their common beginnings say enough.
  const parts = [...new Set(changed.map((path) => path.split(".").slice(0, 3).join(".")))];
  const detail = parts.length === 0 ? "" : `  (${parts.slice(0, 4).join(", ")}${parts.length > 4 ? ", …" : ""})`;
  return `  ${paint(style, `${sign} ${op.padEnd(7)}`)} ${kind.padEnd(15)} ${name}${detail}`;
}

/** Components only group what they contain; Azure and Kubernetes do not know them. */
function isGrouping(type: string): boolean {
  return type.startsWith("virtual-clusters:") || (type.startsWith("pulumi:") && !type.startsWith(providerType));
}

/** "26 created, 4 unchanged": what is listed, and what would be listed if it had changed. */
function summary(steps: readonly StepEvent[], tense: "planned" | "done"): string {
  const listed = steps.filter(({ urn }) => !isGrouping(parseUrn(urn).type));
  const parts = (["create", "update", "replace", "delete", "same"] as const)
    .map((op) => ({ word: signs[op][tense], count: listed.filter((step) => step.op === op).length }))
    .filter(({ count }) => count > 0)
    .map(({ word, count }) => `${count} ${word}`);
  return parts.length === 0 ? "nothing to do" : parts.join(", ");
}

/** A message of the run; an error says which resource it is about. */
export function message(severity: Severity, text: string, urn: string): string {
  const { type, name } = parseUrn(urn);
  const about = urn === "" ? "" : `${type.split(":").at(-1)} ${name}: `;
  if (severity === "info") return `  ${about}${text.trimEnd()}`;
  return `${paint(severity === "error" ? "red" : "yellow", `${severity}:`)} ${about}${text.trimEnd()}`;
}

/** The tenants of a stack's outputs, one line each. */
export function tenantsTable(outputs: Properties): string {
  const tenants = Object.entries((outputs.tenants ?? {}) as Record<string, Record<string, string>>);
  if (tenants.length === 0) return "  no tenants: add a file to the stack's folder in tenants/";
  const columns = ["namespace", "size", "kubernetes", "store", "lifecycle", "connect"];
  const table = new Table({
    head: ["tenant", ...columns],
    style: { head: [], border: [], compact: true },
  });
  table.push(...tenants.map(([name, tenant]) => [name, ...columns.map((column) => tenant[column] ?? "")]));
  return table.toString();
}

/** What was done, or in a preview would be, in one line. */
export function verdict(command: Command, { ok, steps }: RunResult, seconds: number): string {
  const time = `(${seconds.toFixed(1)} s)`;
  if (!ok && steps.every(({ op }) => op === "same")) return paint("red", `failed: nothing was changed ${time}`);
  const text = `${summary(steps, command === "preview" ? "planned" : "done")} ${time}`;
  return ok ? paint("green", text) : paint("red", `failed: ${text}`);
}
