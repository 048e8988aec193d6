import { h } from "preact";
import { barGroups } from "../../model/report/bars.ts";
import { amount, sumText } from "../plan/amounts.ts";
import type { Content } from "./html.ts";
import type { Row, StackPage } from "./rows.ts";

interface Tile {
  readonly what: string;
  readonly number: string | number;
  readonly note: string;
  readonly look: "" | "warn" | "bad";
}

/** The few numbers that a reader looks for first. */
export function tiles(page: StackPage, rows: readonly Row[]): Content {
  return h(
    "dl",
    { class: "tiles" },
    tilesOf(page, rows).map(({ what, number, note, look }) =>
      h(
        "div",
        { class: look },
        h("dt", null, what),
        h("dd", null, h("span", { class: "value" }, number), note !== "" && h("span", { class: "note" }, note)),
      ),
    ),
  );
}

function tilesOf({ report, plan }: StackPage, rows: readonly Row[]): Tile[] {
  const { bill, warnings, tenants, unread } = report;
  const resting = tenants.filter(({ lifecycle }) => lifecycle !== "active").length;
  const touched = rows.filter(({ mark }) => mark !== undefined).length;
  const state = resting === 0 ? "all active" : `${resting} not active`;
  return [
    { what: "tenants", number: tenants.length, note: plan === undefined ? state : `${touched} touched`, look: "" },
    ...roomTiles(report),
    {
      what: "a month",
      number: bill === undefined ? "unknown" : sumText(bill.sum, bill.currency),
      note: bill === undefined ? "no prices are set" : "an estimate",
      look: "",
    },
    {
      what: "warnings",
      number: warnings.length,
      note: plan === undefined ? "" : `${plan.warnings.length} new`,
      look: warnings.length > 0 ? "warn" : "",
    },
    ...(unread.length === 0
      ? []
      : [{ what: "not right", number: unread.length, note: "tenant files", look: "bad" as const }]),
  ];
}

/** What all tenants together may still be given, before more is promised than there is. */
function roomTiles({ room }: StackPage["report"]): Tile[] {
  const bars = barGroups(room.filter(({ soft }) => soft)).flatMap((group) => group.bars);
  return bars.map(({ what, unit, left, capacity }) => ({
    what: left < 0 ? `${what} promised beyond what there is` : `${what} left`,
    number: amount(Math.abs(left), unit).concat(unit === "m" ? " cores" : ""),
    note: `of ${amount(capacity, unit)}, by requests`,
    look: left < 0 ? "warn" : "",
  }));
}
