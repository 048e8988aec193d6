import { type ComponentChildren, h } from "preact";
import type { Value, Words } from "../../model/plan/words.ts";
import { harmless } from "../plan/harmless.ts";

/** What stands on the page: made by Preact alone, which escapes every text and attribute. */
export type Content = ComponentChildren;

/** A sentence; what somebody wrote in it is made harmless, and cannot turn the direction of what stands around it. */
export function said(words: Words): Content {
  return words.map((part) => (typeof part === "string" ? part.replaceAll("->", "→") : h("bdi", null, harmless(part))));
}

/** A value that somebody wrote, by itself. */
export function value(text: string, options: Omit<Value, "value"> = {}): Content {
  return said([{ value: text, ...options }]);
}

/** A heading and what stands below it; nothing where that is nothing. */
export function section(heading: Content, items: readonly Content[], note?: string): Content {
  if (items.length === 0) return null;
  return h("section", { class: "part" }, h("h3", null, heading), note && h("p", { class: "note" }, note), items);
}

/** Names and what is said of each. */
export function definitions(entries: readonly (readonly [what: Content, said: Content])[]): Content {
  return h(
    "dl",
    { class: "facts" },
    entries.map(([what, words]) => h("div", null, h("dt", null, what), h("dd", null, words))),
  );
}

/** A table with a heading for each column; on a narrow screen each of its rows stands by itself, with the headings in it. */
export function table(
  caption: string,
  columns: readonly string[],
  rows: readonly (readonly Content[])[],
  name: string,
): Content {
  return h(
    "table",
    { class: name },
    h("caption", { class: "hidden" }, caption),
    h(
      "thead",
      null,
      h(
        "tr",
        null,
        columns.map((column) => h("th", { scope: "col" }, column)),
      ),
    ),
    h(
      "tbody",
      null,
      rows.map((cells) =>
        h(
          "tr",
          null,
          cells.map((cell, i) => h("td", { "data-label": columns[i] }, cell)),
        ),
      ),
    ),
  );
}
