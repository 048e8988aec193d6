import type { Change, Gates, Plan, StackPlan, TenantPlan, ValueChange } from "../../model/plan/plan.ts";
import { counted, list, ours, type Part, say, type Words } from "../../model/plan/words.ts";
import { billWords, roomLines } from "./amounts.ts";
import { clusterPeopleLines } from "./clusterPeople.ts";
import { code } from "./codeSpan.ts";
import { harmless } from "./harmless.ts";
import {
  driftHeading,
  driftLines,
  findingWords,
  fromTo,
  headlineOf,
  mendLines,
  originWords,
  problemLines,
  programLines,
  resourcesLine,
  sharedLines,
  tenantFacts,
  tenantHeading,
  toldStacks,
  valueLines,
  waivedWords,
  waiverAdvice,
} from "./phrases.ts";

/** Characters of a comment on GitHub; a job's summary takes more. Source: GitHub, "body is too long (maximum is 65536 characters)". */
export const maxComment = 65_536;

/** How much is told where all of it would be too long. */
interface Detail {
  /** Chart values and other values of resources. */
  readonly values: boolean;
  /** What is told of each tenant, beside its heading. */
  readonly fields: boolean;
  /** Tenants that are told of each by itself; of more, how many there are. */
  readonly tenants: number;
}

/** From everything to what is always short enough. */
const details: readonly Detail[] = [
  { values: true, fields: true, tenants: Number.POSITIVE_INFINITY },
  { values: false, fields: true, tenants: Number.POSITIVE_INFINITY },
  { values: false, fields: true, tenants: 50 },
  { values: false, fields: false, tenants: 200 },
  { values: false, fields: false, tenants: 20 },
  { values: false, fields: false, tenants: 0 },
];

/**
 * A plan as a comment on a pull request, or as a job's summary. Whatever somebody wrote stands in code spans, in which nothing
 * has a meaning: no mark-up, no HTML, nobody's name that would be notified.
 *
 * @param most characters; what would be longer is told in less detail, and counted
 */
export function planMarkdown(plan: Plan, most = maxComment): string {
  const texts = details.map((detail) => () => page(plan, detail));
  for (const make of texts) {
    const text = make();
    if (text.length <= most) return text;
  }
  const short = `**${prose(headlineOf(plan))}**\n\nThe plan is too long to be shown here: \`--format json\` has all of it.`;
  return short.length <= most ? short : short.slice(0, most);
}

function page(plan: Plan, detail: Detail): string {
  const stacks = toldStacks(plan);
  const less = detail.values ? [] : ["_Told in less detail, for it would be too long: `--format json` has all of it._"];
  return [
    `**${prose(headlineOf(plan))}**`,
    ...programLines(plan).map((words) => `> [!IMPORTANT]\n> ${prose(words)}`),
    ...less,
    ...stacks.flatMap((stack) => stackParts(stack, detail)),
    `<sub>${prose(originWords(plan))}</sub>`,
  ].join("\n\n");
}

function stackParts(stack: StackPlan, detail: Detail): string[] {
  const { failures, notes = [], drift = [], alarms, settings, shared, people, tenants, warnings, room, cost } = stack;
  const resourceLines = (resources: StackPlan["shared"]) =>
    sharedLines(resources).map(({ line, values }) => `- ${prose(line)}${detail.values ? valuesBelow(values) : ""}`);
  const shown = tenants.slice(0, detail.tenants);
  const rest = tenants.slice(detail.tenants).flatMap(({ name, alike }) => [name, ...alike]);
  const bill = cost === undefined ? [] : [billWords(cost)];
  return [
    `### ${prose(say`Stack ${stack.stack}`)}`,
    ...failures.map(({ side, problems }) =>
      [
        "> [!CAUTION]",
        `> **${side === "base" ? "The base" : "This change"} cannot be deployed**; what follows is told by the files alone.`,
        ...bounded(problems, 20).flatMap((problem) => {
          if (typeof problem === "number") return [`> - and ${problem} more`];
          const [first = [], ...others] = problemLines(problem);
          return [`> - ${prose(first)}`, ...others.map((words) => `>   <br>${prose(words)}`)];
        }),
      ].join("\n"),
    ),
    ...notes.map((words) => `> [!NOTE]\n> ${prose(words)}`),
    ...alarms.map(({ level, text }) => `> [!${level === "danger" ? "CAUTION" : "WARNING"}]\n> **${prose(text)}**`),
    ...gateParts(stack.gates),
    ...section("Settings", settings.length > 0 ? [changeTable(settings)] : []),
    ...section("Shared by all tenants", resourceLines(shared), "\n"),
    ...shown.flatMap((tenant) => tenantParts(tenant, stack, detail)),
    ...(rest.length === 0 ? [] : [prose(say`And ${ours(counted(rest.length, "other tenant"))}: ${list(rest, 30)}.`)]),
    ...section(
      "People of the cluster",
      clusterPeopleLines(people).map((words) => `- ${prose(words)}`),
      "\n",
    ),
    ...section(
      capital(driftHeading),
      [
        ...driftLines(drift).map(({ line, values, consequence }) => {
          const comes = consequence.length > 0 ? `: ${prose(consequence)}` : "";
          return `- ${prose(line)}${comes}${detail.values ? valuesBelow(values) : ""}`;
        }),
        ...mendLines(drift).map((words) => `\n${prose(words)}`),
      ],
      "\n",
    ),
    ...section(
      "New warnings",
      bounded(warnings, 30).map((problem) =>
        typeof problem === "number" ? `- and ${problem} more` : `- ${prose(problemLines(problem).flat())}`,
      ),
      "\n",
    ),
    ...section(
      "Room left, and the bill",
      [...roomLines(room), ...bill].map((words) => `- ${prose(words)}`),
      "\n",
    ),
  ];
}

/** Findings that are told one by one; of more, how many there are. */
const mostFindings = 20;

function gateParts(gates: Gates): string[] {
  const { needed, waived, problems, notes } = gates;
  const items = <T>(all: readonly T[], words: (one: T) => Words) =>
    bounded(all, mostFindings).map((one) => (typeof one === "number" ? `- and ${one} more` : `- ${prose(words(one))}`));
  const lines = needed.slice(0, mostFindings).flatMap((finding) => finding.lines);
  const waivers = [prose(waiverAdvice(gates)), "", "````yaml", ...lines.map((value) => harmless({ value })), "````"];
  return [
    ...section(
      "Needs a waiver",
      [...items(needed, findingWords), ...(needed.length > 0 ? ["", ...waivers] : [])],
      "\n",
    ),
    ...section(
      "Waivers to mend",
      items(problems, (problem) => problemLines(problem).flat()),
      "\n",
    ),
    ...section("Let through", items(waived, waivedWords), "\n"),
    ...notes.map((note) => `> [!NOTE]\n> ${prose(note)}`),
  ];
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

function section(heading: string, parts: readonly string[], between = "\n\n"): string[] {
  return parts.length === 0 ? [] : [`#### ${heading}`, parts.join(between)];
}

/** The first of many, and how many more there are. */
function bounded<T>(all: readonly T[], most: number): (T | number)[] {
  return all.length <= most ? [...all] : [...all.slice(0, most), all.length - most];
}

function tenantParts(tenant: TenantPlan, { cost, rehearsed }: StackPlan, detail: Detail): string[] {
  const heading = `#### ${prose(tenantHeading(tenant))}`;
  if (!detail.fields) return [heading];
  const facts = tenantFacts(tenant, cost?.currency).map(([what, words]) => `- ${what}: ${prose(words)}`);
  const engine = rehearsed && tenant.controlPlane !== "anew" ? [`- engine: ${prose(resourcesLine(tenant))}`] : [];
  return [
    heading,
    ...(tenant.fields.length === 0 ? [] : [changeTable(tenant.fields)]),
    ...(facts.length + engine.length === 0 ? [] : [[...facts, ...engine].join("\n")]),
    ...(detail.values && tenant.values.length > 0 ? [folded(tenant.values)] : []),
  ];
}

function changeTable(changes: readonly Change[]): string {
  const rows = changes.map(({ path, from, to, consequences }) => {
    const value = (text: string | undefined) => (text === undefined ? "" : code({ value: text }));
    return [code({ value: path }), value(from), value(to), consequences.map(prose).join("<br>")].map(cell);
  });
  return [
    "| | from | to | what comes of it |",
    "| --- | --- | --- | --- |",
    ...rows.map((cells) => `| ${cells.join(" | ")} |`),
  ].join("\n");
}

/** In a table, a bar ends a cell even in a code span. */
function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}

/** Chart values as a difference that is folded away: few read it, and nobody should have to look elsewhere. */
function folded(values: readonly ValueChange[]): string {
  const lines = bounded(values.flatMap(valueLines), 400).map((line) => {
    if (typeof line === "number") return `# and ${line} more lines`;
    const [sign, words] = line;
    return `${sign} ${words.map((part) => (typeof part === "string" ? part : harmless(part))).join("")}`;
  });
  return [
    `<details><summary>${counted(values.length, "chart value")}</summary>`,
    "",
    "````diff",
    ...lines,
    "````",
    "",
    "</details>",
  ].join("\n");
}

function valuesBelow(values: readonly ValueChange[]): string {
  return bounded(values, 20)
    .map((value) => (typeof value === "number" ? `\n  - and ${value} more` : `\n  - ${prose(fromTo(value))}`))
    .join("");
}

/** A sentence: ours with its punctuation kept from being mark-up, what somebody wrote as code. */
function prose(words: Words): string {
  const text = words.map((part: Part) => (typeof part === "string" ? ourText(part) : code(part))).join("");
  // At the beginning of an item, a sign would begin a list of its own.
  return text.replace(/^[-+]/, "\\$&");
}

function ourText(text: string): string {
  return text.replaceAll("->", "→").replaceAll(/[\\`*_~<>[\]#|]/g, "\\$&");
}
