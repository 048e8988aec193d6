import { h } from "preact";
import { counted } from "../../model/plan/words.ts";
import { type BarGroup, barGroups } from "../../model/report/bars.ts";
import type { Fact, HostReport, Pool } from "../../model/report/report.ts";
import { barFigure } from "./bars.ts";
import { type Content, definitions, said, section } from "./html.ts";
import type { Row, StackPage } from "./rows.ts";

/** Nodes that are drawn; of more, how many there are. */
const mostNodes = 40;

/** The host as a picture: its nodes, and who takes the room on them. */
export function hostPart(page: StackPage, rows: readonly Row[]): Content {
  const { host, room } = page.report;
  if (host === undefined) return null;
  const nodes = host.pools.map((pool, i) => poolPicture(pool, page.before?.host?.pools[i]));
  const groups = barGroups(room).filter(isOfNodes);
  return section(
    ["The host ", h("span", { class: "name" }, said([{ value: host.name }]))],
    [
      nodes,
      groups.length === 0 ? h("p", { class: "note" }, noRoom(page)) : [legend(rows), groupPictures(groups, page, rows)],
      h("details", { class: "more" }, h("summary", null, "Everything about the host"), factList(host)),
    ],
  );
}

/** What is limited by something else than the nodes. */
export function limitsPart(page: StackPage, rows: readonly Row[]): Content {
  const groups = barGroups(page.report.room).filter((group) => !isOfNodes(group));
  return section("Limits", groups.length === 0 ? [] : [groupPictures(groups, page, rows)]);
}

function groupPictures(groups: readonly BarGroup[], { before }: StackPage, rows: readonly Row[]): Content {
  const old = before === undefined ? undefined : barGroups(before.room);
  return h(
    "div",
    { class: "pictures" },
    groups.map((group) => groupPicture(group, old, rows)),
  );
}

/** True for what the nodes have. */
function isOfNodes({ bars }: BarGroup): boolean {
  return bars.some(({ unit }) => unit !== "");
}

function noRoom({ report }: StackPage): string {
  if (report.unread.length > 0) return "What room there is cannot be told while a tenant's file is not right.";
  return report.host?.pools.length === 0
    ? "Of a cluster that is there already, the room is not known."
    : "What a node of this size brings is not known: azure.nodePool.capacity says it.";
}

function factList({ facts }: HostReport): Content {
  return definitions(facts.map((fact) => [fact.what, [said(fact.words), standingBadge(fact)]]));
}

/** What is about to lose its support, or has lost it, in a word. */
export function standingBadge({ standing }: Pick<Fact, "standing">): Content {
  if (standing === undefined || standing === "supported") return null;
  return [
    " ",
    h(
      "span",
      { class: `badge ${standing === "ended" ? "bad" : "warn"}` },
      standing === "ended" ? "ended" : "ends soon",
    ),
  ];
}

function poolPicture(pool: Pool, before: Pool | undefined): Content {
  const { vmSize, count, zones, node } = pool;
  const same = before === undefined || before.vmSize === vmSize;
  const was = before !== undefined && same ? before.count : count;
  const drawn = Math.min(Math.max(count, was), mostNodes);
  const brings = node && `${node.vCpus} vCPUs, ${node.memoryGiB} GiB, ${counted(node.dataDisks, "disk")} each`;
  const counts = was === count ? `${count}` : `${was} → ${count}`;
  return h(
    "div",
    { class: "pool" },
    h("h4", null, `${counts} × `, said([{ value: vmSize }])),
    h(
      "p",
      { class: "note" },
      [brings, zones.length > 0 && `zones ${zones.join(", ")}`, !same && "another size than before"]
        .filter(Boolean)
        .join(" · "),
    ),
    h(
      "div",
      { class: "nodes" },
      Array.from({ length: drawn }, (_, i) => nodePicture(i + 1, i >= was ? "new" : i >= count ? "gone" : "same")),
      Math.max(count, was) > drawn && h("span", { class: "note" }, `and ${Math.max(count, was) - drawn} more`),
    ),
  );
}

const nodeWords = { new: "new node", gone: "node that goes", same: "node" } as const;

function nodePicture(number: number, look: keyof typeof nodeWords): Content {
  const name = `${nodeWords[look]} ${number}`;
  return h(
    "svg",
    { class: `node ${look}`, width: 34, height: 34, viewBox: "0 0 34 34", role: "img", "aria-label": name },
    h("title", null, name),
    h("rect", { x: 1, y: 1, width: 32, height: 32, rx: 6 }),
    [9, 17].map((y) => h("line", { x1: 8, x2: 20, y1: y, y2: y })),
    [9, 17].map((y) => h("circle", { cx: 25, cy: y, r: 1.5 })),
    look === "same" ? null : h("text", { x: 17, y: 29, "text-anchor": "middle" }, look === "new" ? "+" : "−"),
  );
}

function groupPicture(group: BarGroup, old: readonly BarGroup[] | undefined, rows: readonly Row[]): Content {
  const byName = new Map(rows.map((row) => [row.tenant.name, row]));
  const before = old?.find(({ whose }) => whose === group.whose)?.bars ?? [];
  const soft = group.bars.every((bar) => bar.soft);
  return h(
    "div",
    { class: "group" },
    h("h4", null, `Room ${group.whose}`),
    isOfNodes(group) &&
      h(
        "p",
        { class: "note" },
        soft ? "May come to more than there is: they seldom ask for all at once." : "Must fit: they all run.",
      ),
    group.bars.map((bar) =>
      barFigure(
        bar,
        before.find(({ what }) => what === bar.what),
        byName,
      ),
    ),
  );
}

function legend(rows: readonly Row[]): Content {
  const looks = new Set(rows.map(({ mark }) => mark?.fate));
  const changed = [...looks].some((fate) => fate !== undefined && fate !== "created" && fate !== "deleted");
  const items: readonly (readonly [string, string])[] = [
    ["reserved", "kept by the system"],
    ["tenant odd", "a tenant, by its number below"],
    ...(looks.has("created") ? [["tenant new", "+ created"] as const] : []),
    ...(changed ? [["tenant changed", "~ changed"] as const] : []),
    ...(looks.has("deleted") ? [["tenant gone", "− deleted"] as const] : []),
    ["left", "left"],
  ];
  return h(
    "ul",
    { class: "legend" },
    items.map(([look, text]) =>
      h(
        "li",
        null,
        h(
          "svg",
          { width: 18, height: 12, "aria-hidden": "true" },
          h("svg", { class: look }, h("rect", { width: "100%", height: "100%" })),
        ),
        text,
      ),
    ),
  );
}
