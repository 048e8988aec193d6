import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { stackFiles } from "../../sandbox/sandbox.ts";
import { isListed, listedSince, readChangelog, release, takeUpgradeSteps } from "../support/changelog.ts";
import { releases, repository } from "../support/frame.ts";
import { changesOf, componentChangesOf, errorsOf, TestProject } from "../support/project.ts";

const text = readFileSync(join(repository, "CHANGELOG.md"), "utf8");
const changelog = readChangelog(text);
const { version: current } = JSON.parse(readFileSync(join(repository, "package.json"), "utf8")) as { version: string };
const foldersOf = (path: string) => (existsSync(path) ? readdirSync(path) : []);
const fixtures = foldersOf(releases).flatMap((version) =>
  foldersOf(join(releases, version)).map((stack) => ({ version, stack })),
);

test("every release in CHANGELOG.md has a fixture, this version's too, and no other has", () => {
  const versions = changelog.map(({ version }) => version).filter((version) => version !== "Unreleased");
  expect(versions).toContain(current);
  expect([...new Set(fixtures.map(({ version }) => version))].sort()).toEqual([...versions].sort());
});

interface Upgrade {
  readonly version: string;
  readonly stack: string;
  readonly changes: Readonly<Record<"resources" | "components", readonly string[]>>;
}

/** What a preview of today's program would change in what a release left of a stack. */
async function upgrade({ version, stack }: Omit<Upgrade, "changes">): Promise<Upgrade> {
  const project = TestProject.ofFixture(stack, { folder: join(releases, version, stack), keep: true });
  takeUpgradeSteps(project, version);
  const files = stackFiles(project.root, stack);
  mkdirSync(dirname(files.state), { recursive: true });
  for (const name of ["state", "cloud"] as const) renameSync(join(project.root, `${name}.json`), files[name]);
  const preview = await project.run("preview");
  project.delete();
  if (!preview.ok) throw new Error(`${version}, ${stack}: ${errorsOf(preview).join("\n")}`);
  return { version, stack, changes: { resources: changesOf(preview), components: componentChangesOf(preview) } };
}

describe("what today's program changes in the stacks that a release left", () => {
  const upgrades: Upgrade[] = [];
  beforeAll(async () => {
    for (const fixture of fixtures) upgrades.push(await upgrade(fixture));
  });

  describe.each(["resources", "components"] as const)("among %s", (kind) => {
    test.each([...new Set(fixtures.map(({ version }) => version))])(
      "is what CHANGELOG.md lists since %s",
      (version) => {
        const listed = Object.keys(listedSince(changelog, version)[kind]);
        const unlisted = upgrades
          .filter((one) => one.version === version)
          .flatMap(({ stack, changes }) => changes[kind].map((change) => ({ stack, change })))
          .filter(({ change }) => !listed.some((one) => isListed(change, one)));
        expect(unlisted).toEqual([]);
      },
    );

    test("has all that is listed as unreleased", () => {
      const made = upgrades.filter(({ version }) => version === current).flatMap(({ changes }) => changes[kind]);
      const listed = Object.keys(listedSince(changelog, current)[kind]);
      expect(listed.filter((one) => !made.some((change) => isListed(change, one)))).toEqual([]);
    });
  });
});

describe("CHANGELOG.md", () => {
  const list = (resources: string) => `\n\`\`\`yaml\nresources: ${resources}\ncomponents: {}\n\`\`\`\n`;
  const example = `# Changelog\n\n## Unreleased\n${list("{ update Release: less }")}\n## 0.1.0 (2026-01-01)\n${list("{}")}`;

  test("lists changes by operation and type, or by name, too", () => {
    expect(isListed("update Release ml-vcluster", "update Release")).toBe(true);
    expect(isListed("update Release ml-vcluster", "update Release ml-*")).toBe(true);
    expect(isListed("update Release ml-vcluster", "update Release web-*")).toBe(false);
    expect(isListed("replace Release ml-vcluster", "update Release")).toBe(false);
    expect(isListed("update ReleaseNotes x", "update Release")).toBe(false);
  });

  test("has what is unreleased moved to a version by `npm run release`, and lists of both", () => {
    const after = readChangelog(release(example, "0.2.0", "2026-02-01"));
    expect(after.map(({ version }) => version)).toEqual(["Unreleased", "0.2.0", "0.1.0"]);
    expect(after.map(({ changes }) => changes.resources)).toEqual([{}, { "update Release": "less" }, {}]);
    expect(listedSince(after, "0.1.0").resources).toEqual({ "update Release": "less" });
    expect(listedSince(after, "0.2.0").resources).toEqual({});
  });
});
