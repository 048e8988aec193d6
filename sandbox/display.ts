import { stripVTControlCharacters } from "node:util";
import { table } from "../console/table.ts";
import { columns, paint, type Style } from "../console/terminal.ts";
import { tenantType } from "../model/deploy/tenantUrns.ts";
import { oneLine, printable } from "../model/text/printable.ts";
import type { Severity } from "./engine/monitor.ts";
import type { Command, RunResult } from "./engine/run.ts";
import type { Op, StepEvent } from "./engine/types.ts";
import { parseUrn, providerType, type UrnParts } from "./engine/urn.ts";
import type { Properties } from "./engine/values.ts";

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
export function stepLine({ op, urn, changed, retained }: StepEvent): string | undefined {
  const parsed = parseUrn(urn);
  const { type, name } = parsed;
  if (op === "same" || isGrouping(parsed)) return undefined;
  const { sign, style } = signs[op];
  const [kind = type] = type.split(":").slice(-1);
  // A changed size changes a dozen values: their common beginnings say enough.
  const parts = [...new Set(changed.map((path) => path.split(".").slice(0, 3).join(".")))];
  const stays = retained === true ? "  [retain]: it stays in the cloud, with its data" : "";
  const detail = parts.length === 0 ? stays : `  (${parts.slice(0, 4).join(", ")}${parts.length > 4 ? ", …" : ""})`;
  return `  ${paint(style, `${sign} ${op.padEnd(7)}`)} ${kind.padEnd(15)} ${oneLine(`${name}${detail}`)}`;
}

/** Components only group what they contain; Azure and Kubernetes do not know them. Default providers nobody has asked for. */
function isGrouping({ type, name }: UrnParts): boolean {
  if (type.startsWith(providerType)) return /^default(_|$)/.test(name);
  return type.startsWith("virtual-clusters:") || type.startsWith("pulumi:");
}

function listed(steps: readonly StepEvent[]): StepEvent[] {
  return steps.filter(({ urn }) => !isGrouping(parseUrn(urn)));
}

/** "26 created, 4 unchanged": what is listed, and what would be listed if it had changed. */
function summary(steps: readonly StepEvent[], tense: "planned" | "done"): string {
  const parts = (["create", "update", "replace", "delete", "same"] as const)
    .map((op) => ({ word: signs[op][tense], count: listed(steps).filter((step) => step.op === op).length }))
    .filter(({ count }) => count > 0)
    .map(({ word, count }) => `${count} ${word}`);
  return parts.length === 0 ? "nothing to do" : parts.join(", ");
}

type Message = RunResult["messages"][number];

/** Something that a run says while it goes on. What colours it has of its own are left out. */
export function remark(text: string, urn: string): string {
  return `  ${about(urn)}${printable(stripVTControlCharacters(text).trimEnd())}`;
}

/** The errors or warnings of a run: each once, with the resources that it is about. */
export function messageLines(messages: readonly Message[]): string[] {
  const urns = new Map<string, string[]>();
  for (const { severity, message, urn } of messages) {
    const key = JSON.stringify([severity, printable(message.trimEnd())]);
    urns.set(key, [...(urns.get(key) ?? []), ...(urn === "" ? [] : [urn])]);
  }
  return [...urns].map(([key, of]) => {
    const [severity, text] = JSON.parse(key) as [Severity, string];
    const word = paint(severity === "error" ? "red" : "yellow", `${severity}:`);
    const [first, ...others] = new Set(of);
    if (others.length === 0) return `${word} ${about(first ?? "")}${text}`;
    return [`${word} ${others.length + 1} resources: ${text}`, ...[first, ...others].map(resource)].join("\n");
  });
}

/** Who is left by a run that failed, where the rest is done; undefined where that is nobody in particular. */
export function leftLine(command: Command, left: readonly string[]): string | undefined {
  const tenants = left.map(parseUrn).filter(({ type }) => type === tenantType);
  if (tenants.length === 0) return undefined;
  const names = [...new Set(tenants.map(({ name }) => name))].sort();
  const rest = command === "preview" ? "would be deployed" : "went on; mend what failed, and run it again to finish";
  return `  left: ${names.map(oneLine).join(", ")}. What does not depend on that ${rest}`;
}

function resource(urn = ""): string {
  const { type, name } = parseUrn(urn);
  return `  ${(type.split(":").at(-1) ?? type).padEnd(15)} ${oneLine(name)}`;
}

function about(urn: string): string {
  if (urn === "") return "";
  const { type, name } = parseUrn(urn);
  return `${type.split(":").at(-1)} ${oneLine(name)}: `;
}

/** What the stack's outputs say of a tenant. */
export interface TenantOutput extends Readonly<Record<string, unknown>> {
  readonly effective?: Readonly<Record<string, string>>;
}

/** The tenants of a stack's outputs. */
export function tenantsOf(outputs: Properties): [name: string, tenant: TenantOutput][] {
  return Object.entries((outputs.tenants ?? {}) as Record<string, TenantOutput>);
}

/** The tenants of a stack's outputs: what each is, and what its people can really do inside. */
export function tenantsTable(outputs: Properties): string {
  const tenants = tenantsOf(outputs);
  if (tenants.length === 0) return "  no tenants: add a file to the stack's folder in tenants/";
  const head = [
    { name: "tenant" },
    { name: "lifecycle" },
    { name: "size" },
    { name: "kubernetes" },
    { name: "namespace", optional: true },
    { name: "store", optional: true },
    { name: "people inside" },
  ];
  const rows = tenants.map(([name, tenant]) => {
    const fields = head.slice(1, -1).map((column) => String(tenant[column.name] ?? ""));
    const people = Object.entries(tenant.effective ?? {}).map(([list, right]) => `${list}: ${right}`);
    return [name, ...fields, people.join("\n") || "nobody listed"];
  });
  return table(head, rows, columns() - 2).replaceAll(/^/gm, "  ");
}

/** What was done, or in a preview would be, in one line. */
export function verdict(
  command: Command,
  { ok, steps, drift = [] }: Pick<RunResult, "ok" | "steps"> & Partial<Pick<RunResult, "drift">>,
  { seconds, interrupted }: { readonly seconds: number; readonly interrupted: boolean },
): string {
  const nothing = listed(steps).every(({ op }) => op === "same");
  const gone = drift.filter(({ after }) => after === undefined).length;
  const taken = [
    ...(drift.length > gone ? [`${drift.length - gone} as the cloud has them`] : []),
    ...(gone > 0 ? [`${gone} gone`] : []),
  ];
  const refreshed = taken.length === 0 ? "nothing to take over" : `in the state: ${taken.join(", ")}`;
  const done =
    command === "refresh" && ok
      ? refreshed
      : !ok && nothing
        ? "nothing was changed"
        : summary(steps, command === "preview" ? "planned" : "done");
  const text = `${done} (${seconds.toFixed(1)} s)`;
  if (ok) return paint("green", text);
  return interrupted ? paint("yellow", `interrupted: ${text}; run it again to go on`) : paint("red", `failed: ${text}`);
}
