import { h } from "preact";
import { money } from "../../model/plan/cost.ts";
import type { StackReport, TenantReport, VersionReport } from "../../model/report/report.ts";
import { costWords } from "../plan/amounts.ts";
import { fateWords } from "../plan/phrases.ts";
import { problemList, tenantChanges } from "./changes.ts";
import { standingBadge } from "./host.ts";
import { type Content, definitions, said, section, table, value } from "./html.ts";
import { lookOf, type Mark, type Row, type StackPage, signOf } from "./rows.ts";

const columns = ["", "tenant", "state", "size", "Kubernetes", "store", "reached", "expires", "a month"] as const;

/** Every tenant as a row that opens. */
export function tenantParts(page: StackPage, rows: readonly Row[]): Content {
  const { unread } = page.report;
  const none = h("p", { class: "note" }, "There is none: a file in the stack's folder of tenants/ is one.");
  const lost = h(
    "p",
    { class: "note" },
    "Not told, for their files are not right: ",
    unread.map((name, i) => [i > 0 && ", ", value(name)]),
  );
  return section(h("span", { id: anchor(page.report.stack, "tenants") }, "Tenants"), [
    rows.length === 0 ? none : tenantTable(page, rows),
    unread.length > 0 && lost,
  ]);
}

/** A place on the page that can be jumped to. */
export function anchor(stack: string, part: string): string {
  return `${part}-${encodeURIComponent(stack)}`;
}

function tenantTable(page: StackPage, rows: readonly Row[]): Content {
  return h(
    "table",
    { class: "tenants" },
    h("caption", { class: "hidden" }, "Tenants: each is a row, and below it everything about it, folded away"),
    h(
      "thead",
      null,
      h(
        "tr",
        null,
        columns.map((column) =>
          h(
            "th",
            { scope: "col", class: column === "a month" ? "number" : undefined },
            column === "" ? h("span", { class: "hidden" }, "number") : column,
          ),
        ),
      ),
    ),
    rows.map((row) => tenantBody(page, row)),
  );
}

function tenantBody(page: StackPage, row: Row): Content {
  const { tenant, mark, number } = row;
  const cells: Readonly<Record<(typeof columns)[number], Content>> = {
    "": h("span", { class: "index" }, number),
    tenant: h("strong", null, value(tenant.name)),
    state: state(tenant, mark),
    size: value(tenant.size),
    Kubernetes: [tenant.kubernetes.version, standingBadge(tenant.kubernetes)],
    store: tenant.store,
    reached: tenant.expose === "none" ? "port-forward" : tenant.expose,
    expires: expiry(tenant),
    "a month": monthly(tenant, page.report),
  };
  const look = mark === undefined ? "" : lookOf(mark.fate);
  return h(
    "tbody",
    { class: look },
    h(
      "tr",
      null,
      columns.map((column) =>
        column === "tenant"
          ? h("th", { scope: "row" }, cells[column])
          : h(
              "td",
              { "data-label": column, class: column === "a month" ? "number" : column === "" ? "first" : undefined },
              cells[column],
            ),
      ),
    ),
    h(
      "tr",
      { class: "more" },
      h(
        "td",
        { colspan: columns.length },
        h(
          "details",
          { open: mark?.plan !== undefined },
          h(
            "summary",
            null,
            value(tenant.purpose),
            h("span", { class: "owner" }, value(tenant.owner)),
            warningBadge(tenant),
          ),
          tenantDetails(page, row),
        ),
      ),
    ),
  );
}

/** What becomes of it where a change does something; how it is otherwise. */
function state({ lifecycle }: TenantReport, mark: Mark | undefined): Content {
  if (mark !== undefined)
    return h("span", { class: `badge ${lookOf(mark.fate)}` }, `${signOf(mark.fate)} ${fateWords[mark.fate]}`);
  return h("span", { class: lifecycle === "active" ? "badge ok" : "badge warn" }, lifecycle);
}

function warningBadge({ problems }: TenantReport): Content {
  if (problems.length === 0) return null;
  return h("span", { class: "badge warn" }, problems.length === 1 ? "1 warning" : `${problems.length} warnings`);
}

function expiry({ expiry: end }: TenantReport): Content {
  if (end === undefined) return "never";
  const badge = end.standing === "ended" ? "expired" : end.standing === "ending" ? "soon" : undefined;
  return [end.date, badge && [" ", h("span", { class: `badge ${badge === "soon" ? "warn" : "bad"}` }, badge)]];
}

function monthly({ cost }: TenantReport, { bill }: StackReport): Content {
  if (cost === undefined || bill === undefined) return "unknown";
  const { own, share } = cost;
  const atLeast = own.atLeast || share === undefined ? "at least " : "";
  return `${atLeast}${money(own.amount + (share ?? 0), bill.currency)}`;
}

function tenantDetails(page: StackPage, { tenant, mark }: Row): Content {
  const { plan } = page;
  const { problems } = tenant;
  const whole = h("div", { class: "whole" }, wholeTenant(tenant, page.report));
  return h(
    "div",
    { class: "tenant" },
    plan !== undefined && mark?.plan !== undefined && tenantChanges(mark.plan, plan),
    mark?.like !== undefined &&
      h("p", { class: "note" }, "Exactly the same happens to it as to ", value(mark.like), "."),
    problems.length > 0 && part("Warnings", problemList(problems)),
    mark === undefined ? whole : h("details", null, h("summary", null, "Everything about it"), whole),
  );
}

function wholeTenant(tenant: TenantReport, { bill }: StackReport): Content {
  const { facts, connect, people, cost, kubernetes, chart } = tenant;
  const version = (name: string, one: VersionReport) =>
    [name, [value(one.version), ": ", said(one.words), standingBadge(one)]] as const;
  return [
    part(
      "What it is",
      definitions([
        ["owner", value(tenant.owner)],
        ["purpose", value(tenant.purpose)],
        version("Kubernetes", kubernetes),
        ...(chart === undefined ? [] : [version("vCluster chart", chart)]),
        ...facts.map(({ what, words }) => [what, said(words)] as const),
        [
          "cost",
          cost === undefined || bill === undefined
            ? "unknown: the stack has no prices"
            : said(costWords(cost, bill.currency)),
        ],
      ]),
    ),
    part("People, and what they can really do", [
      peopleTable(tenant),
      people.some(({ more }) => more) &&
        h(
          "p",
          { class: "note" },
          "More than listed: whoever may read Secrets or exec into pods of the namespace on the host opens the control plane.",
        ),
    ]),
    connect.length > 0 &&
      part(
        "How they connect",
        h(
          "ul",
          { class: "lines" },
          connect.map((line) => h("li", null, value(line, { whole: true }))),
        ),
      ),
  ];
}

function part(heading: string, content: Content): Content {
  return h("section", { class: "detail" }, h("h4", null, heading), content);
}

function peopleTable({ people, name }: TenantReport): Content {
  if (people.length === 0)
    return h("p", { class: "note" }, "Nobody is listed in 'access': only administrators of the platform get in.");
  return table(
    `People of ${name}`,
    ["who", "listed in", "inside", "on the host"],
    people.map(({ who, list, inside, host, more }) => [
      value(who, { whole: true }),
      list,
      [inside, more && [" ", h("span", { class: "badge warn" }, "more than listed")]],
      host,
    ]),
    "plain people",
  );
}
