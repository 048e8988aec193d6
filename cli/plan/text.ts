import type { Style } from "../../console/terminal.ts";
import type {
  Alarm,
  Change,
  Drift,
  FailureProblem,
  Gates,
  Plan,
  StackPlan,
  TenantPlan,
  ValueChange,
} from "../../model/plan/plan.ts";
import { ours, say, type Words } from "../../model/plan/words.ts";
import type { Problem } from "../../model/text/problems.ts";
import { billWords, roomLines } from "./amounts.ts";
import { clusterPeopleLines } from "./clusterPeople.ts";
import { harmless } from "./harmless.ts";
import {
  driftHeading,
  driftLines,
  findingWords,
  fromTo,
  hasLines,
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

/** How a plan is printed as text. */
export interface TextOptions {
  /** Characters in a line. */
  readonly width: number;
  /** Colours a text, or leaves it as it is. */
  readonly paint: (style: Style, text: string) => string;
}

/** Chart values that are listed of a tenant; of more, how many there are. */
const mostValues = 12;

/** A plan for a terminal, or for a job's log. */
export function planText(plan: Plan, options: TextOptions): string {
  const page = new Page(options);
  page.add(0, headlineOf(plan), "bold");
  for (const words of programLines(plan)) page.add(0, words, "yellow");
  for (const stack of toldStacks(plan)) addStack(page, stack);
  page.gap();
  page.add(0, originWords(plan), "dim");
  return page.text();
}

/** Lines as they come, each broken where it is too long. */
class Page {
  readonly #lines: string[] = [];
  readonly #options: TextOptions;

  constructor(options: TextOptions) {
    this.#options = options;
  }

  gap(): void {
    if (this.#lines.at(-1) !== "") this.#lines.push("");
  }

  /** @param indent characters before the first line; those after it stand two further in */
  add(indent: number, words: Words, style?: Style): void {
    const text = words.map((part) => (typeof part === "string" ? part : harmless(part))).join("");
    const lines = wrap(text, this.#options.width - indent);
    for (const [i, line] of lines.entries()) {
      const full = `${" ".repeat(indent)}${i === 0 ? "" : "  "}${line}`;
      this.#lines.push(style === undefined ? full : this.#options.paint(style, full));
    }
  }

  text(): string {
    return this.#lines.join("\n");
  }
}

/** A text in lines of at most a width; those after the first leave room for their indentation. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  const room = () => (lines.length === 0 ? width : width - 2);
  for (const word of text.split("\n").join(" ").split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if ([...longer].length <= room()) {
      line = longer;
      continue;
    }
    if (line !== "") lines.push(line);
    let rest = [...word];
    while (rest.length > room()) {
      const size = room();
      lines.push(rest.slice(0, size).join(""));
      rest = rest.slice(size);
    }
    line = rest.join("");
  }
  return [...lines, line];
}

function addStack(page: Page, stack: StackPlan): void {
  page.gap();
  page.add(0, say`stack ${stack.stack}`, "bold");
  for (const { side, problems } of stack.failures) {
    const where = side === "base" ? "The base" : "This change";
    page.add(2, ours(`${where} cannot be deployed; what follows is told by the files alone:`), "red");
    for (const problem of problems) addProblem(page, problem);
  }
  for (const words of stack.notes ?? []) page.add(2, words, "yellow");
  for (const alarm of stack.alarms) page.add(2, alarmWords(alarm), alarm.level === "danger" ? "red" : "yellow");
  addGates(page, stack.gates);
  section(page, stack.settings, "settings", (change) => addChange(page, change));
  section(page, sharedLines(stack.shared), "shared by all tenants", ({ line, values }) => {
    page.add(4, line);
    addValues(page, values);
  });
  for (const tenant of stack.tenants) addTenant(page, tenant, stack);
  section(page, clusterPeopleLines(stack.people), "people of the cluster", (words) => page.add(4, words));
  addDrift(page, stack.drift ?? [], driftHeading);
  section(page, stack.warnings, "new warnings", (problem) => addProblem(page, problem));
  section(page, roomLines(stack.room), "room left", (words) => page.add(4, words));
  section(page, stack.cost === undefined ? [] : [billWords(stack.cost)], "the bill", (words) => page.add(4, words));
}

/** What is otherwise in the cloud than it was deployed, for a terminal; empty where nothing is. */
export function driftText(drift: readonly Drift[], options: TextOptions): string {
  const page = new Page(options);
  addDrift(page, drift, "drift: changed in the cloud since the last deployment");
  return page.text();
}

function addDrift(page: Page, drift: readonly Drift[], heading: string): void {
  section(page, driftLines(drift), heading, ({ line, values, consequence }) => {
    page.add(4, line);
    addValues(page, values);
    if (consequence.length > 0) page.add(6, consequence, "yellow");
  });
  for (const words of mendLines(drift)) page.add(4, words);
}

/** Findings whose waivers are written out; of more, how many there are. */
const mostWaivers = 10;

function addGates(page: Page, gates: Gates): void {
  const { needed, waived, problems, notes } = gates;
  section(page, needed, "needs a waiver", (finding) => page.add(4, findingWords(finding), "red"));
  if (needed.length > 0) {
    page.add(4, waiverAdvice(gates));
    for (const { lines } of needed.slice(0, mostWaivers)) {
      for (const line of lines) page.add(line.startsWith("- ") ? 6 : 8, [{ value: line.trim() }]);
    }
    if (needed.length > mostWaivers) page.add(6, more(needed.length - mostWaivers));
  }
  section(page, problems, "waivers to mend", (problem) => addProblem(page, problem));
  section(page, waived, "let through", (finding) => page.add(4, waivedWords(finding)));
  section(page, notes, "gates", (note) => page.add(4, note));
}

function section<T>(page: Page, items: readonly T[], heading: string, add: (item: T) => void): void {
  if (items.length === 0) return;
  page.gap();
  page.add(2, ours(heading), "bold");
  for (const item of items) add(item);
}

function alarmWords({ level, text }: Alarm): Words {
  return [level === "danger" ? "!! " : "! ", ...text];
}

/** A problem is told to its end, line by line: somebody has to mend it. */
function addProblem(page: Page, problem: FailureProblem | Problem): void {
  for (const [i, words] of problemLines(problem).entries()) page.add(i === 0 ? 4 : 6, words);
}

function addChange(page: Page, { consequences, ...change }: Change): void {
  page.add(4, fromTo(change));
  for (const words of consequences) page.add(6, words);
}

const styles = {
  created: "green",
  deleted: "red",
  changed: "yellow",
  suspended: "yellow",
  resumed: "yellow",
  offboarding: "yellow",
} as const;

function addTenant(page: Page, tenant: TenantPlan, { cost, rehearsed }: StackPlan): void {
  page.gap();
  page.add(2, tenantHeading(tenant), styles[tenant.fate]);
  for (const change of tenant.fields) addChange(page, change);
  for (const [what, words] of tenantFacts(tenant, cost?.currency))
    page.add(4, [`${what}: `, ...words], what === "data" && tenant.data?.lost ? "red" : undefined);
  if (rehearsed && tenant.controlPlane !== "anew") page.add(4, ["engine: ", ...resourcesLine(tenant)]);
  const { values } = tenant;
  if (values.length === 0) return;
  page.add(4, ours("chart values:"), "dim");
  addValues(page, values);
}

function addValues(page: Page, values: readonly ValueChange[]): void {
  const shown = values.slice(0, mostValues);
  for (const value of shown) {
    if (hasLines(value)) {
      for (const [sign, words] of valueLines(value).slice(0, 2 * mostValues))
        page.add(6, [`${sign} `, ...words], "dim");
    } else page.add(6, fromTo(value), "dim");
  }
  if (values.length > shown.length) page.add(6, more(values.length - shown.length), "dim");
}

function more(count: number): Words {
  return ours(`… and ${count} more (--format json has them all)`);
}
