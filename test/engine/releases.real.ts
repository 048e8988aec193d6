import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { parseUrn, stackType } from "../../sandbox/engine/urn.ts";
import { isListed, listedSince, readChangelog, takeUpgradeSteps } from "../support/changelog.ts";
import { releases, repository } from "../support/frame.ts";
import { TestProject } from "../support/project.ts";
import { RealEngine, requirePulumi, serveCloud } from "../support/realEngine.ts";

/** What the real engine wrote of a stack that a release deployed: by version and stack. */
const checkpoints = globSync("*/*/engine.json", { cwd: releases })
  .map((path) => dirname(path).split("/") as [version: string, stack: string])
  .sort();

beforeAll(() => {
  console.log(`Pulumi CLI ${requirePulumi()}`);
});

test.each(checkpoints)(
  "what the real engine wrote for release %s of stack '%s' is upgraded as CHANGELOG.md lists, and then unchanged",
  async (version, stack) => {
    const folder = join(releases, version, stack);
    const project = TestProject.ofFixture(stack, { folder });
    takeUpgradeSteps(project, version);
    const cloud = join(project.root, "cloud.json");
    expect(existsSync(cloud)).toBe(true);
    const engine = new RealEngine(project.root, await serveCloud(cloud));
    engine.run(["stack", "init", stack]);
    engine.run(["stack", "import", "--stack", stack, "--file", join(folder, "engine.json")]);

    const { output } = engine.run(["preview", "--stack", stack, "--json"]);
    const { steps } = JSON.parse(output.slice(output.indexOf("{"))) as { steps: { op: string; urn: string }[] };
    const changes = steps
      .map(({ op, urn }) => ({ op, ...parseUrn(urn) }))
      .filter(({ op, type }) => op !== "same" && op !== "read" && type !== stackType)
      .map(({ op, type, name }) => `${op} ${type.split(":").at(-1)} ${name}`);
    const since = listedSince(readChangelog(readFileSync(join(repository, "CHANGELOG.md"), "utf8")), version);
    const listed = Object.keys({ ...since.resources, ...since.components });
    expect(changes.filter((change) => !listed.some((one) => isListed(change, one)))).toEqual([]);
    expect(changes.length > 0).toBe(listed.length > 0);

    engine.run(["up", "--stack", stack, "--yes", "--skip-preview"]);
    engine.run(["preview", "--stack", stack, "--expect-no-changes"]);
  },
);

test("there is a checkpoint of the real engine to upgrade", () => {
  expect(checkpoints.length).toBeGreaterThan(0);
});
