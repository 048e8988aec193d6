import { h } from "preact";
import type { Change, FailureProblem, Gates, StackPlan, TenantPlan, ValueChange } from "../../model/plan/plan.ts";
import { counted, type Words } from "../../model/plan/words.ts";
import { billWords } from "../plan/amounts.ts";
import { clusterPeopleLines } from "../plan/clusterPeople.ts";
import {
  findingWords,
  problemLines,
  resourcesLine,
  sharedLines,
  tenantFacts,
  valueLines,
  waivedWords,
  waiverAdvice,
} from "../plan/phrases.ts";
import { type Content, definitions, said, section, table, value } from "./html.ts";

/** Lines of chart values that stand on the page of one tenant; of more, how many there are. */
const mostLines = 400;

/** What a change does to a stack, beside its tenants: these stand in their rows. */
export function changeParts(plan: StackPlan): Content {
  const { alarms, failures, gates, settings, shared, people } = plan;
  return [
    failures.map(({ side, problems }) =>
      callout("bad", [
        h(
          "strong",
          null,
          `${side === "base" ? "The base" : "This change"} cannot be deployed; what follows is told by the files alone.`,
        ),
        problemList(problems),
      ]),
    ),
    gateParts(gates),
    alarms.map(({ level, text }) => callout(level === "danger" ? "bad" : "warn", said(text))),
    section("Settings that change", settings.length === 0 ? [] : [changeTable(settings)]),
    section(
      "What all tenants share",
      sharedLines(shared).map(({ line, values }) =>
        h("div", { class: "shared" }, said(line), valuesFolded(values, "value")),
      ),
    ),
    section(
      "People of the cluster that change",
      clusterPeopleLines(people).map((words) => h("div", { class: "shared" }, said(words))),
    ),
  ];
}

/** What needs a waiver, with the lines of one; what has one; and what is wrong with waivers. */
function gateParts(gates: Gates): Content {
  const { needed, waived, problems, notes } = gates;
  const lines = needed.flatMap((finding) => finding.lines);
  return [
    needed.length > 0 &&
      callout("bad", [
        h("strong", null, "Needs a waiver:"),
        listOf(needed.map(findingWords)),
        said(waiverAdvice(gates)),
        h(
          "pre",
          { tabindex: 0 },
          lines.slice(0, mostLines).map((line) => [value(line), "\n"]),
        ),
        lines.length > mostLines && `and ${lines.length - mostLines} more lines`,
      ]),
    problems.length > 0 && callout("bad", [h("strong", null, "Waivers to mend:"), problemList(problems)]),
    section("Let through", waived.length === 0 ? [] : [listOf(waived.map(waivedWords))]),
    notes.map((words) => callout("warn", said(words))),
  ];
}

function listOf(all: readonly Words[]): Content {
  return h(
    "ul",
    null,
    all.map((words) => h("li", null, said(words))),
  );
}

/** Something that a reader must not miss; the word stands beside the colour. */
export function callout(look: "bad" | "warn", content: Content): Content {
  return h(
    "div",
    { class: `callout ${look}` },
    h("span", { class: "badge" }, look === "bad" ? "danger" : "attention"),
    h("div", null, content),
  );
}

/** Problems with their places, each told to its end. */
export function problemList(problems: readonly FailureProblem[]): Content {
  return h(
    "ul",
    { class: "problems" },
    problems.map((problem) =>
      h(
        "li",
        null,
        problemLines(problem).map((words, i) => [i > 0 && h("br", null), said(words)]),
      ),
    ),
  );
}

function changeTable(changes: readonly Change[]): Content {
  // Of what is new, there is nothing before.
  const isNew = changes.every(({ from }) => from === undefined);
  const cell = (text: string | undefined) => (text === undefined ? "" : value(text));
  return table(
    "What changes, and what comes of it",
    ["what", ...(isNew ? [] : ["from"]), "to", "what comes of it"],
    changes.map(({ path, from, to, consequences }) => [
      value(path),
      ...(isNew ? [] : [cell(from)]),
      cell(to),
      consequences.length === 0 ? "" : listOf(consequences),
    ]),
    isNew ? "plain changes new" : "plain changes",
  );
}

/** What a change does to one tenant. */
export function tenantChanges(tenant: TenantPlan, { rehearsed }: StackPlan): Content {
  const { fields, values, controlPlane, cause } = tenant;
  // Its cost stands in its row.
  const facts = tenantFacts(tenant, undefined).map(([what, words]) => [what, said(words)] as const);
  const engine = rehearsed && controlPlane !== "anew" ? [["engine", said(resourcesLine(tenant))] as const] : [];
  return h(
    "section",
    { class: "change" },
    h("h4", null, "What changes"),
    cause === "stack" && h("p", { class: "note" }, "By the stack's settings or the program: its own file is the same."),
    fields.length > 0 && changeTable(fields),
    definitions([...facts, ...engine]),
    valuesFolded(values, "chart value"),
  );
}

/** Values as a difference that is folded away: few read it, and nobody should have to look elsewhere. */
function valuesFolded(values: readonly ValueChange[], what: string): Content {
  if (values.length === 0) return null;
  const lines = values.flatMap(valueLines);
  const shown = lines.slice(0, mostLines);
  return h(
    "details",
    { class: "more" },
    h("summary", null, counted(values.length, what)),
    h(
      "pre",
      { tabindex: 0 },
      shown.map(([sign, words]) => [
        h("span", { class: sign === "+" ? "plus" : "minus" }, `${sign} `, said(words)),
        "\n",
      ]),
      lines.length > shown.length && `and ${lines.length - shown.length} more lines`,
    ),
  );
}

/** What a change does to the bill. */
export function billChange({ cost }: StackPlan): Content {
  return cost === undefined ? null : section("The bill", [h("p", null, said(billWords(cost)))]);
}
