import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { reportPage } from "../../cli/page/page.ts";
import { harmless } from "../../cli/plan/harmless.ts";
import { personText } from "../../model/plan/people.ts";
import { stackReport } from "../../model/report/stackReport.ts";
import { runCommand } from "../support/command.ts";
import { changePage, type Files, pageOf, prices, reportOf, sideOf, today } from "../support/pages.ts";
import { azureSettings, TestProject, tenantFile } from "../support/project.ts";

/** The text of a page, without its style: tags become line breaks. */
const textOf = (html: string) =>
  html
    .replace(/<style>.*<\/style>/s, "")
    .replaceAll(/<\/(bdi|strong|span)>|<(bdi|strong|span)[^>]*>/g, "")
    .replaceAll(/(<[^>]*>)+/g, "\n")
    .replaceAll("&lt;", "<")
    .replaceAll("&quot;", '"')
    .replaceAll("&amp;", "&");
const linesOf = (html: string) => textOf(html).split("\n");

describe("what somebody wrote", () => {
  const hostile = [
    `<script>alert(1)</script><img src=x onerror="alert(2)">`,
    `" onmouseover="alert(1)" x='&lt;' </td></table></details></style>`,
    "**bold** [link](https://example.com) @everyone `code` | cell |",
    "::error file=x::stop ##[group]x ##vso[task.setvariable variable=x]y",
    "\u001b[31mred\u001b[0m \u202e \u200b\n\n# heading",
    "x".repeat(100_000),
    `${"<b>y</b> ".repeat(12_000)}::warning::z`,
  ];
  const pages: Readonly<Record<string, (text: string) => string>> = {
    "a purpose": (purpose) => pageOf(sideOf({ a: { purpose }, b: {} })),
    "an owner": (owner) => pageOf(sideOf({ a: { owner }, b: {} })),
    "a person": (id) =>
      pageOf(sideOf({ a: { access: { admins: [{ type: "User", id }], developers: [], viewers: [] } } })),
    "a purpose that changes": (purpose) => changePage(sideOf({ a: {} }), sideOf({ a: { purpose } })),
    "a name of prices": (source) => pageOf(sideOf({ a: {} }, { prices: { ...prices, source: source.slice(0, 200) } })),
    "a message": (message) => {
      const location = { file: "tenants/test/a.yaml", line: 1, column: 1 };
      const side = { ...sideOf({ a: {} }), warnings: [{ severity: "warning" as const, location, message }] };
      return pageOf(side);
    },
  };
  /** As it stands on a page: harmless, with what HTML gives a meaning escaped. */
  const shown = (text: string, whole: boolean) =>
    (whole ? text.split("\n").map((line) => line.trim()) : [text]).map((line) =>
      harmless({ value: line, whole }).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;"),
    );

  test.each(Object.keys(pages))("as %s changes nothing but its own cells", (where) => {
    const page = pages[where] ?? String;
    for (const text of hostile) {
      const written = where === "a name of prices" ? text.slice(0, 200) : text;
      const kind = where === "a person" ? "user " : "";
      const lines =
        where === "a person"
          ? shown(personText({ type: "User", id: text }, new Map()), true)
          : shown(written, where === "a message");
      const cell = lines.map((line) => `<bdi>${line}</bdi>`).join("<br/>");
      expect(page(text).replaceAll(cell, `<bdi>${kind}plain</bdi>`)).toBe(page("plain"));
    }
  });

  test("is cut where it is long, and counted", () => {
    const html = pages["a purpose"]?.("x".repeat(100_000)) ?? "";
    expect(linesOf(html)).toContain(`${"x".repeat(120)}… (100000 characters)`);
    expect(html.length).toBeLessThan(40_000);
  });
});

describe("a page", () => {
  const files: Files = { ml: { size: "large", purpose: "Ray" }, web: { lifecycle: "suspended" } };

  test("needs nothing but itself: no script, no address, and a policy that forbids both", () => {
    const html = changePage(sideOf(files), sideOf({ ...files, new: {} }));
    expect(html).toMatch(/^<!doctype html>\n<html lang="en">/);
    expect(html).toMatch(/default-src 'none'; style-src 'sha256-[\w+/]{43}='"/);
    expect(html.replace(/<style>.*<\/style>/s, "")).not.toMatch(/<script|<link|<img|<iframe|\ssrc=|\sstyle=|\son\w+=/);
    expect([...html.matchAll(/(?:href|url)[=(]"?([^")]*)/g)].map(([, to]) => to)).toEqual(["#kept", "#going"]);
  });

  test("has every tenant as a row, with what it costs or that nobody knows", () => {
    const rows = (html: string) =>
      html
        .split("<tbody")
        .slice(1)
        .map((row) =>
          linesOf(`<tbody${row}`)
            .filter((line) => line !== "")
            .slice(0, 9),
        );
    expect(rows(pageOf(sideOf(files)))).toEqual([
      ["1", "ml", "active", "large", "1.35.0", "sqlite", "port-forward", "never", "unknown"],
      ["2", "web", "suspended", "small", "1.35.0", "sqlite", "port-forward", "never", "unknown"],
    ]);
    expect(rows(pageOf(sideOf(files, { prices }))).map((row) => row.at(-1))).toEqual(["US$321", "US$0.50"]);
  });

  test("says to whoever cannot see a bar what is in it", () => {
    expect(pageOf(sideOf(files))).toContain(
      'aria-label="CPU: 21.38 cores left of 24 cores. Taken: the system 1.38 cores, ml 1.02 cores, web 0.22 cores."',
    );
  });

  test("marks what a change does in the same picture, and opens those rows alone", () => {
    const html = changePage(sideOf({ a: {}, b: {}, c: {} }), sideOf({ a: {}, b: { size: "medium" }, d: {} }));
    const states = [...html.matchAll(/data-label="state"[^>]*><span[^>]*>([^<]*)/g)].map(([, state]) => state);
    expect(states).toEqual(["active", "~ changed", "− deleted", "+ created"]);
    expect([...html.matchAll(/<details( open)?><summary><bdi>/g)].map(([, open]) => open)).toEqual([
      undefined,
      " open",
      " open",
      " open",
    ]);
    expect(html).toContain('class="tenant new"><title>d (created): 1.72 cores</title>');
    expect(html).toContain('class="tenant gone"><title>c (deleted): 1.72 cores</title>');
    expect(linesOf(html)).toContain("CPU 17.46 → 15.16 cores left of 24 cores");
    expect(linesOf(html)).toContain(
      "test: DATA LOST (c); 1 tenant created (d), 1 deleted (c), 1 changed (b), 1 untouched; nothing else stops",
    );
  });

  test("says what needs a waiver, with its lines, and what has one", () => {
    const finding = { rule: "data-lost", target: "tenant c", why: ["its data is lost"] };
    const waiver = { ...finding, who: "ada@contoso.com", why: "asked for", until: "2026-09-01" };
    const html = changePage(sideOf({ a: {}, c: {} }), sideOf({ a: {} }), [], {
      file: "waivers/test.yaml",
      needed: [{ ...finding, lines: ["- rule: data-lost", "  target: tenant c"] }],
      waived: [{ ...finding, waiver }],
      waivers: { added: [], removed: [], mended: [] },
      problems: [],
      notes: [],
    });
    const lines = linesOf(html);
    for (const line of [
      "Needs a waiver:",
      "data-lost: tenant c: its data is lost",
      "- rule: data-lost",
      "data-lost: tenant c: its data is lost; ada@contoso.com lets it through until 2026-09-01: asked for",
    ]) {
      expect(lines).toContain(line);
    }
  });

  test("of several stacks has a way to each, and of a change those that change", () => {
    const reports = [reportOf(sideOf(files)), { ...reportOf(sideOf({})), stack: "a b" }];
    expect([...reportPage(reports).matchAll(/href="(#[^"]*)"/g)].map(([, to]) => to)).toEqual([
      "#stack-test",
      "#stack-a%20b",
    ]);
    expect(linesOf(changePage(sideOf(files), sideOf(files)))).not.toContain("Tenants");
  });

  test("of a stack that is not right says what is wrong, and what can be told", () => {
    const errors = [{ location: { file: "tenants/test/b.yaml", line: 3, column: 1 }, message: "unknown key 'sise'" }];
    const side = { ...sideOf(files), unread: ["b"] };
    const lines = linesOf(reportPage([stackReport({ stack: "test", side, errors, today })]));
    expect(lines).toContain("Not right, so that nothing can be deployed:");
    expect(lines).toContain("tenants/test/b.yaml:3:1: unknown key 'sise'");
    expect(lines).toContain("What room there is cannot be told while a tenant's file is not right.");
    expect(lines).toContain("ml");
    expect(linesOf(reportPage([stackReport({ stack: "test", errors, today })]))).not.toContain("The host ");
  });
});

describe("npm run tenants -- report", () => {
  const project = () => new TestProject({ "Pulumi.test.yaml": azureSettings, "tenants/test/ml.yaml": tenantFile() });

  test("writes a page, and says where", async () => {
    const { root } = project();
    const out = join(root, "pages", "all.html");
    const { code, stdout } = await runCommand("cli/tenants.ts", ["report", "--cwd", root, "--out", out]);
    expect([code, stdout]).toEqual([0, `${out}: open it in a browser; it needs nothing else\n`]);
    expect(linesOf(readFileSync(out, "utf8"))).toContain("ml");
  });

  test("refuses a stack that there is not, and a file that cannot be written", async () => {
    const { root } = project();
    const report = (...args: string[]) => runCommand("cli/tenants.ts", ["report", "--cwd", root, ...args]);
    const [unknown, inFile] = [await report("--stack", "tset"), await report("--out", join(root, "index.ts", "x"))];
    expect([unknown.code, unknown.stderr]).toEqual([
      1,
      "error: no stack 'tset', did you mean 'test'? there are test\n",
    ]);
    expect(inFile.code).toBe(1);
    expect(inFile.stderr).toMatch(/^error: \S+index\.ts\/x cannot be written: /);
    expect(existsSync("report.html")).toBe(false);
  });
});
