import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { h } from "preact";
import { renderToString } from "preact-render-to-string";
import type { Plan } from "../../model/plan/plan.ts";
import { counted, list, ours, say } from "../../model/plan/words.ts";
import type { StackReport } from "../../model/report/report.ts";
import { sumText } from "../plan/amounts.ts";
import { headlineOf, originWords, programLines } from "../plan/phrases.ts";
import { billChange, callout, changeParts, problemList } from "./changes.ts";
import { hostPart, limitsPart } from "./host.ts";
import { type Content, said, section, value } from "./html.ts";
import { rowsOf, type StackPage } from "./rows.ts";
import { anchor, tenantParts } from "./tenants.ts";
import { tiles } from "./tiles.ts";

/** What stacks are, as one file of HTML: it needs no script, asks for nothing elsewhere, and prints. */
export function reportPage(reports: readonly StackReport[]): string {
  const [today = ""] = reports.map((report) => report.today);
  return pageOf({
    title: "Virtual clusters",
    lead: null,
    about: `As the files say on ${today}: what is really deployed was not looked at.`,
    stacks: reports.map((report) => ({ report })),
  });
}

/** What a change does, marked in the same picture. */
export function planPage(plan: Plan, stacks: readonly StackPage[]): string {
  const changed = stacks.filter((one) => one.plan?.changes);
  const headlines = plan.stacks.filter(({ changes }) => changes).map((one) => headlineOf({ ...plan, stacks: [one] }));
  return pageOf({
    title: "What this change does",
    lead: [
      h(
        "div",
        { class: "headline" },
        (headlines.length === 0 ? [headlineOf(plan)] : headlines).map((words) => h("div", null, said(words))),
      ),
      programLines(plan).map((words) => callout("warn", said(words))),
    ],
    about: said(originWords(plan)),
    stacks: changed,
  });
}

interface Page {
  readonly title: string;
  readonly lead: Content;
  /** How it came about. */
  readonly about: Content;
  readonly stacks: readonly StackPage[];
}

/** The style, in the order in which a later rule may overrule an earlier one. */
const styles = ["base", "blocks", "tables", "picture", "narrow", "print"] as const;

function pageOf({ title, lead, about, stacks }: Page): string {
  const style = styles.map((name) => readFileSync(new URL(`./style/${name}.css`, import.meta.url), "utf8")).join("\n");
  const hash = createHash("sha256").update(style).digest("base64");
  const html = h(
    "html",
    { lang: "en" },
    h(
      "head",
      null,
      h("meta", { charset: "utf-8" }),
      // Whatever stands on the page, a browser runs no script of it and asks nobody for anything.
      h("meta", { "http-equiv": "Content-Security-Policy", content: `default-src 'none'; style-src 'sha256-${hash}'` }),
      h("meta", { name: "viewport", content: "width=device-width, initial-scale=1" }),
      h("meta", { name: "color-scheme", content: "light dark" }),
      h("title", null, title),
      h("style", { dangerouslySetInnerHTML: { __html: style } }),
    ),
    h(
      "body",
      null,
      patterns(),
      h("header", null, h("h1", null, title), lead, stacks.length > 1 && contents(stacks)),
      h(
        "main",
        null,
        stacks.map((stack) => stackPart(stack)),
      ),
      h("footer", null, about),
    ),
  );
  return `<!doctype html>\n${renderToString(html)}\n`;
}

/** What bars are filled with beside a colour. */
function patterns(): Content {
  const hatch = (name: string) =>
    h(
      "pattern",
      { id: name, width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" },
      h("rect", { width: 6, height: 6, class: `${name} ground` }),
      h("line", { x1: 0, x2: 0, y1: 0, y2: 6, class: `${name} line` }),
    );
  return h("svg", { class: "hidden", "aria-hidden": "true" }, h("defs", null, ["kept", "going"].map(hatch)));
}

function contents(stacks: readonly StackPage[]): Content {
  return h(
    "nav",
    { "aria-label": "stacks" },
    stacks.map(({ report, plan }) =>
      h(
        "a",
        { href: `#${anchor(report.stack, "stack")}` },
        value(report.stack),
        h(
          "span",
          { class: "note" },
          plan === undefined ? counted(report.tenants.length, "tenant") : plan.changes ? "changes" : "unchanged",
        ),
      ),
    ),
  );
}

function stackPart(page: StackPage): Content {
  const { report, plan } = page;
  const { stack, errors, warnings } = report;
  const rows = rowsOf(page);
  return h(
    "article",
    { id: anchor(stack, "stack") },
    h("h2", null, "Stack ", value(stack)),
    // In a plan, what cannot be deployed says as much.
    plan === undefined &&
      errors.length > 0 &&
      callout("bad", [h("strong", null, "Not right, so that nothing can be deployed:"), problemList(errors)]),
    plan !== undefined && changeParts(plan),
    tiles(page, rows),
    hostPart(page, rows),
    tenantParts(page, rows),
    limitsPart(page, rows),
    plan === undefined
      ? section("Warnings", warnings.length === 0 ? [] : [problemList(warnings)])
      : section(
          "New warnings",
          plan.warnings.length === 0 ? [] : [problemList(plan.warnings)],
          plan.warningsGone > 0 ? `${counted(plan.warningsGone, "warning")} of before gone.` : undefined,
        ),
    plan === undefined ? billPart(report) : billChange(plan),
  );
}

/** The bill of a stack; nothing where it has no prices. */
function billPart({ bill }: StackReport): Content {
  if (bill === undefined) return null;
  const { currency, source, date, sum, unknown } = bill;
  const lacking = unknown.length === 0 ? ours("") : [...ours(" Without a price: "), ...list(unknown, 12), "."];
  const words = say`${ours(sumText(sum, currency))} a month, by prices of ${date} from ${source}: an estimate, without what workloads store or send.${lacking}`;
  return section("The bill", [h("p", null, said(words))]);
}
