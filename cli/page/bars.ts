import { scaleLinear } from "d3-scale";
import { h } from "preact";
import type { Bar, Segment } from "../../model/report/bars.ts";
import { amount } from "../plan/amounts.ts";
import type { Content } from "./html.ts";
import { lookOf, type Row, signOf } from "./rows.ts";

/** Rows by their tenants' names. */
export type Rows = ReadonlyMap<string, Row>;

/** Per cent of a bar from which a tenant's number can be read in its part. */
const readable = 5;
/** Pixels of a bar on a wide screen, and of a character in it: whether a name fits into its part. */
const wide = { bar: 420, character: 7 };
/** Tenants that a bar names for whoever cannot see it. */
const mostNamed = 12;

/**
 * How much there is of something, who takes it and what is left: drawn in per cent of the width, so that it is as wide as its
 * place and its letters stay as they are.
 *
 * @param before the same before a change, where it was otherwise
 */
export function barFigure(bar: Bar, before: Bar | undefined, rows: Rows): Content {
  const changed = before !== undefined && JSON.stringify(before) !== JSON.stringify(bar);
  const end = Math.max(bar.end, bar.capacity, changed ? Math.max(before.end, before.capacity) : 0);
  return h(
    "figure",
    { class: bar.unit === "" ? "bar small" : "bar" },
    h(
      "figcaption",
      null,
      h("span", { class: "what" }, bar.what),
      " ",
      h(
        "span",
        { class: bar.left < 0 ? (bar.soft ? "rest warn" : "rest bad") : "rest" },
        changed && before.left !== bar.left && `${amount(before.left, before.unit)} → `,
        leftText(bar),
      ),
      " ",
      h("span", { class: "of" }, `of ${amountText(bar, bar.capacity)}`),
    ),
    changed && drawing(before, { end, rows, when: "before" }),
    drawing(bar, { end, rows, when: changed ? "after" : undefined }),
    bar.unit !== "" && axis(bar, end),
  );
}

interface Drawing {
  /** Where the drawing ends, in the bar's unit. */
  readonly end: number;
  readonly rows: Rows;
  readonly when: "before" | "after" | undefined;
}

function drawing(bar: Bar, { end, rows, when }: Drawing): Content {
  const scale = scaleLinear([0, end], [0, 100]);
  const percent = (size: number) => `${round(scale(size))}%`;
  const parts = bar.segments.map((segment) => {
    const size = scale(segment.to) - scale(segment.from);
    const row = rows.get(segment.tenant ?? "");
    const sign = row?.mark === undefined ? "" : signOf(row.mark.fate);
    const number = row === undefined ? "" : `${sign}${row.number}`;
    const name = `${number} ${segment.tenant ?? ""}`;
    return h(
      "svg",
      { x: percent(segment.from), width: `${round(size)}%`, height: "100%", class: lookOfSegment(segment, row) },
      h("title", null, `${segmentName(segment, row)}: ${amountText(bar, segment.to - segment.from)}`),
      h("rect", { width: "100%", height: "100%" }),
      bar.unit !== "" && row !== undefined && size >= readable && when !== "before"
        ? texts(number, name.length * wide.character <= (size / 100) * wide.bar ? name : number)
        : null,
    );
  });
  return h(
    "svg",
    { class: when === "before" ? "room before" : "room", role: "img", "aria-label": description(bar, when) },
    parts,
    bar.end > bar.capacity &&
      h("line", { class: "capacity", x1: percent(bar.capacity), x2: percent(bar.capacity), y1: 0, y2: "100%" }),
  );
}

/** A number, and what stands in its place where there is room for more. */
function texts(short: string, long: string): Content {
  const place = { x: "50%", y: "50%" };
  return short === long
    ? h("text", place, short)
    : [h("text", { ...place, class: "short" }, short), h("text", { ...place, class: "long" }, long)];
}

/** Even and odd tenants differ a little, so that neighbours can be told apart. */
function lookOfSegment({ kind }: Segment, row: Row | undefined): string {
  if (row === undefined) return kind;
  return `${kind} ${row.mark === undefined ? (row.number % 2 === 0 ? "even" : "odd") : lookOf(row.mark.fate)}`;
}

function segmentName({ kind, tenant }: Segment, row: Row | undefined): string {
  if (tenant === undefined) return { reserved: "the system", shared: "shared", left: "left", tenant: "" }[kind];
  return row?.mark === undefined ? tenant : `${tenant} (${row.mark.fate})`;
}

function description(bar: Bar, when: string | undefined): string {
  const named = bar.segments.filter(({ kind }) => kind !== "left");
  const shown = named.slice(0, mostNamed);
  const parts = shown.map(
    (segment) => `${segmentName(segment, undefined)} ${amountText(bar, segment.to - segment.from)}`,
  );
  const more = named.length > shown.length ? [`${named.length - shown.length} more`] : [];
  const what = when === undefined ? bar.what : `${bar.what} ${when}`;
  return `${what}: ${leftText(bar)} of ${amountText(bar, bar.capacity)}. Taken: ${[...parts, ...more].join(", ") || "nothing"}.`;
}

function axis({ unit }: Bar, end: number): Content {
  const size = unit === "m" ? 1000 : 1024;
  const scale = scaleLinear([0, end / size], [0, 100]);
  const format = scale.tickFormat(5);
  return h(
    "svg",
    { class: "axis", "aria-hidden": "true" },
    scale.ticks(5).map((tick) => {
      const at = scale(tick);
      const anchor = at < 3 ? "start" : at > 96 ? "end" : "middle";
      return [
        h("line", { x1: `${round(at)}%`, x2: `${round(at)}%`, y1: 0, y2: 4 }),
        h("text", { x: `${round(at)}%`, y: 15, "text-anchor": anchor }, format(tick)),
      ];
    }),
  );
}

function leftText(bar: Bar): string {
  const text = amountText(bar, bar.left);
  return bar.left < 0 ? text : `${text} left`;
}

/** "3.5 cores", "12Gi", "14". */
function amountText({ unit }: Bar, size: number): string {
  const text = amount(size, unit);
  return unit === "m" ? text.replace(/^[\d.]+/, "$& cores") : text;
}

function round(number: number): number {
  return Math.round(number * 1000) / 1000;
}
