import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { readProject } from "../../model/settings/project.ts";
import { releaseType } from "../../sandbox/cloud/apiServer.ts";
import { Cloud } from "../../sandbox/cloud/cloud.ts";
import { CloudProvider, packages } from "../../sandbox/cloud/provider.ts";
import { Checkpoint } from "../../sandbox/engine/checkpoint.ts";
import { run } from "../../sandbox/engine/run.ts";
import { parseUrn } from "../../sandbox/engine/urn.ts";
import { stackFiles } from "../../sandbox/sandbox.ts";
import { type Fault, faultyProvider } from "../lives/world.ts";
import { isListed, listedSince, readChangelog, release, takeUpgradeSteps } from "../support/changelog.ts";
import { addCopies } from "../support/copies.ts";
import { releases, repository } from "../support/frame.ts";
import { runInProcess } from "../support/inProcess.ts";
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

/** What a release left of a stack, with copies of one of its tenants, for today's program on the sandbox. */
function leftBy({ version, stack }: Omit<Upgrade, "changes">, tenant = "", names: readonly string[] = []): TestProject {
  const project = TestProject.ofFixture(stack, { folder: join(releases, version, stack), keep: true });
  takeUpgradeSteps(project, version);
  if (names.length > 0) addCopies(project, tenant, names);
  const files = stackFiles(project.root, stack);
  mkdirSync(dirname(files.state), { recursive: true });
  for (const name of ["state", "cloud"] as const) renameSync(join(project.root, `${name}.json`), files[name]);
  return project;
}

/** What a preview of today's program would change in what a release left of a stack. */
async function upgrade({ version, stack }: Omit<Upgrade, "changes">): Promise<Upgrade> {
  const project = leftBy({ version, stack });
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

/** More tenants than a release's own six. */
const more = ["t1", "t2", "t3", "t4", "t5", "t6"];

test.each([...new Set(fixtures.map(({ version }) => version))])(
  "an upgrade of protected tenants from %s that fails after ten of them is finished by the next run: nothing is doubled, lost, replaced or deleted",
  async (version) => {
    const project = leftBy({ version, stack: "sandbox" }, "data", more);
    onTestFinished(() => project.delete());
    const files = stackFiles(project.root, project.stack);
    const cloud = new Cloud(files.cloud);
    const provider = new CloudProvider(cloud, () => undefined);
    // The eleventh release is upgraded without an answer, and nothing is answered any more.
    const fault: Fault = { nth: 10, type: releaseType, after: true, kill: true };
    const names = protectedIn(project);
    expect(names.filter((name) => /-(namespace|vcluster)$/.test(name))).toHaveLength(22);
    const planned = await project.run("preview");

    const state = new Checkpoint(files.state, "", { project: "virtual-clusters", stack: project.stack });
    const failing = faultyProvider(provider, fault, () => undefined, true);
    const failed = await run({
      command: "up",
      project: readProject(project.root, project.stack),
      state,
      providers: Object.fromEntries(packages.map((name) => [name, failing])),
      program: runInProcess,
    });
    expect(failed.ok).toBe(false);
    expect(changesOf(failed).filter((change) => change.startsWith("update Release"))).toHaveLength(10);
    const next = await project.run("up");
    expect(errorsOf(next)).toEqual([]);

    // The two have done together what was planned for one, each change once; what had no answer is taken over as it is.
    const done = [...changesOf(failed), ...changesOf(next)];
    const unanswered = changesOf(planned).filter((change) => !done.includes(change));
    expect(unanswered).toEqual([expect.stringMatching(/^update Release /)]);
    expect([...done, ...unanswered].sort()).toEqual(changesOf(planned));
    const listed = Object.keys(listedSince(changelog, version).resources);
    expect(changesOf(planned).filter((change) => !listed.some((one) => isListed(change, one)))).toEqual([]);
    expect(protectedIn(project)).toEqual(expect.arrayContaining(names));
    const revisions = new Cloud(files.cloud)
      .ofType(releaseType)
      .map(({ properties }) => (properties.status as { revision: number }).revision);
    expect(revisions).toEqual(Array(12).fill(2));
    expect(changesOf(await project.run("preview"))).toEqual([]);
  },
);

const protectedIn = (project: TestProject) =>
  project
    .checkpoint()
    .filter(({ protect }) => protect)
    .map(({ urn }) => parseUrn(urn).name)
    .sort();

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
