import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import axe from "axe-core";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { changePage, type Files, pageOf, prices, sideOf } from "../support/pages.ts";

/** A Chromium of the machine: what CHROMIUM names, or the first on PATH. */
function findChromium({ CHROMIUM, PATH = "" }: NodeJS.ProcessEnv): string | undefined {
  const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
  const onPath = PATH.split(delimiter).flatMap((folder) => names.map((name) => join(folder, name)));
  return (CHROMIUM === undefined ? onPath : [CHROMIUM]).find((file) => existsSync(file));
}

const executablePath = findChromium(process.env);
if (executablePath === undefined) {
  console.log("skipped: no Chromium is at hand. Install one, or name it in the variable CHROMIUM.");
}

const people = {
  admins: [{ type: "Group" as const, id: "ml-leads" }],
  developers: [{ type: "User" as const, id: "dev@contoso.com" }],
  viewers: [],
};
const hostile = `</title></style><script>document.title="taken"</script><img src=https://example.com onerror=alert(1)>`;
const files: Files = {
  ml: { size: "large", kubernetes: "1.34", hostRole: "writer", access: people, purpose: hostile },
  data: { expires: "2026-08-30", store: "etcd" },
  web: { lifecycle: "suspended", expose: "public", allowedCidrs: ["203.0.113.0/24"] },
  ["a".repeat(40)]: { purpose: "x".repeat(100_000), owner: `${"y".repeat(100)}@contoso.com` },
};
const { data: _, ...without } = files;
const many = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`tenant-${i}`, files.ml ?? {}]));
const pages = {
  "a report": pageOf(sideOf(files, { prices })),
  "a report of a hundred tenants": pageOf(sideOf(many)),
  "a report of a cluster that is there already": pageOf(
    sideOf(files, { azure: undefined, existingCluster: { name: "kind" } }),
  ),
  "a plan": changePage(
    sideOf(files, { prices }),
    sideOf(
      { ...without, web: { ...files.web, size: "medium" }, new: { hostRole: "admin", access: people } },
      { prices, protect: false },
    ),
  ),
};
const looks = ["light", "dark"].flatMap((scheme) =>
  [360, 1440].map((width) => ({ scheme: scheme as "light" | "dark", width })),
);

describe.skipIf(executablePath === undefined)("in a browser", () => {
  const folder = mkdtempSync(join(tmpdir(), "page-"));
  let browser: Browser;
  beforeAll(async () => {
    // In a container there is nothing to make a sandbox of; the pages are our own.
    browser = await chromium.launch({ executablePath: executablePath ?? "", args: ["--no-sandbox"] });
  });
  afterAll(async () => {
    await browser.close();
    rmSync(folder, { recursive: true });
  });

  /** Opens a page, and gives what it asked for and complained of. */
  async function open(html: string, { scheme, width }: (typeof looks)[number]) {
    const page = await browser.newPage({ colorScheme: scheme, viewport: { width, height: 900 } });
    const file = join(folder, "page.html");
    writeFileSync(file, html);
    const [requests, complaints]: [string[], string[]] = [[], []];
    page.on("request", (request) => requests.push(request.url()));
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("dialog", (dialog) => complaints.push(dialog.message()));
    await page.goto(`file://${file}`);
    return { page, requests, complaints, address: `file://${file}` };
  }

  const evaluate = <T>(page: Page, script: string) => page.evaluate(script) as Promise<T>;
  const openAll = 'document.querySelectorAll("details").forEach((one) => { one.open = true; })';

  /** What axe finds, each with the elements that it finds it in. */
  async function violations(page: Page): Promise<string[]> {
    await page.evaluate(axe.source);
    const { violations: found } = await evaluate<axe.AxeResults>(page, "axe.run()");
    return found.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`));
  }

  describe.each(Object.keys(pages) as (keyof typeof pages)[])("%s", (name) => {
    test.each(looks)("$scheme at $width px: can be read by everybody, fits, and asks for nothing", async (look) => {
      const { page, requests, complaints, address } = await open(pages[name], look);
      // A hundred rows take axe half a minute, and have nothing in them that four have not.
      const isLong = name.includes("hundred");
      if (!isLong) expect(await violations(page)).toEqual([]);
      const widest = "document.documentElement.scrollWidth";
      expect(await evaluate(page, widest)).toBe(look.width);
      await evaluate(page, openAll);
      if (!isLong) expect(await violations(page)).toEqual([]);
      expect(await evaluate(page, widest)).toBe(look.width);
      expect(requests).toEqual([address]);
      expect(complaints).toEqual([]);
      expect(await page.title()).toBe(name === "a plan" ? "What this change does" : "Virtual clusters");
      await page.close();
    });
  });

  test("what would be wrong with a page is found, and the page lets no script and no request of it through", async () => {
    const wrong = '<p id="pale">pale</p><img src="https://example.com/x.png"><script>alert(1)</script>';
    const html = pages["a report"].replace("<main>", `<main>${wrong}`);
    const { page, complaints } = await open(html, { scheme: "light", width: 1440 });
    await evaluate(page, 'document.getElementById("pale").style.color = "#ccc"');
    const rules = (await violations(page)).map((one) => one.split(":")[0]);
    expect(rules).toEqual(["color-contrast", "image-alt"]);
    expect(complaints.map((text) => /Content Security Policy/.test(text))).toEqual([true, true]);
    await page.close();
  });

  test("on paper, what is folded away is read, in black on white", async () => {
    const { page } = await open(pages["a report"], { scheme: "dark", width: 1440 });
    const isShown = 'document.querySelector("details .whole").checkVisibility()';
    expect(await evaluate(page, isShown)).toBe(false);
    await page.emulateMedia({ media: "print", colorScheme: "dark" });
    expect(await evaluate(page, isShown)).toBe(true);
    expect(await evaluate(page, "getComputedStyle(document.body).backgroundColor")).toBe("rgb(255, 255, 255)");
    await page.close();
  });
});
