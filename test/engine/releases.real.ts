import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeAll, expect, onTestFinished, test } from "vitest";
import { releaseType } from "../../sandbox/cloud/apiServer.ts";
import { Cloud } from "../../sandbox/cloud/cloud.ts";
import { parseUrn, stackType } from "../../sandbox/engine/urn.ts";
import type { Fault } from "../lives/world.ts";
import { isListed, listedSince, readChangelog, takeUpgradeSteps } from "../support/changelog.ts";
import { addCopies } from "../support/copies.ts";
import { releases, repository } from "../support/frame.ts";
import { TestProject } from "../support/project.ts";
import { RealEngine, requirePulumi, serve, serveCloud } from "../support/realEngine.ts";

/** What the real engine wrote of a stack that a release deployed: by version and stack. */
const checkpoints = globSync("*/*/engine.json", { cwd: releases })
  .map((path) => dirname(path).split("/") as [version: string, stack: string])
  .sort();

beforeAll(() => {
  console.log(`Pulumi CLI ${requirePulumi()}`);
});

/** What a preview would change, as "op Type name". */
function planned(engine: RealEngine, stack: string): string[] {
  const { output } = engine.run(["preview", "--stack", stack, "--json"]);
  const { steps } = JSON.parse(output.slice(output.indexOf("{"))) as { steps: { op: string; urn: string }[] };
  return steps
    .map(({ op, urn }) => ({ op, ...parseUrn(urn) }))
    .filter(({ op, type }) => op !== "same" && op !== "read" && type !== stackType)
    .map(({ op, type, name }) => `${op} ${type.split(":").at(-1)} ${name}`);
}

/** What CHANGELOG.md lists since a release. */
function listedOf(version: string): string[] {
  const since = listedSince(readChangelog(readFileSync(join(repository, "CHANGELOG.md"), "utf8")), version);
  return Object.keys({ ...since.resources, ...since.components });
}

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

    const changes = planned(engine, stack);
    const listed = listedOf(version);
    expect(changes.filter((change) => !listed.some((one) => isListed(change, one)))).toEqual([]);
    expect(changes.length > 0).toBe(listed.length > 0);

    engine.run(["up", "--stack", stack, "--yes", "--skip-preview"]);
    engine.run(["preview", "--stack", stack, "--expect-no-changes"]);
  },
);

test.each(checkpoints.filter(([, stack]) => stack === "sandbox"))(
  "an upgrade of twelve protected tenants from %s that fails after ten of them is finished by the next run: nothing is doubled, lost, replaced or deleted",
  async (version, stack) => {
    const project = TestProject.ofFixture(stack, { folder: join(releases, version, stack) });
    takeUpgradeSteps(project, version);
    addCopies(project, "data", ["t1", "t2", "t3", "t4", "t5", "t6"]);
    const file = join(project.root, "cloud.json");
    const before = new Cloud(file).objects.map(({ id }) => id);
    // The eleventh release is upgraded without an answer, and nothing is answered any more.
    const fault: Fault = { nth: 10, type: releaseType, after: true, kill: true };
    const hit = join(project.root, "hit");
    const failing = await serve("test/lives/serveFaulty.ts", file, JSON.stringify(fault), hit);
    onTestFinished(failing.close);
    const engine = new RealEngine(project.root, failing.environment);
    engine.run(["stack", "init", stack]);
    engine.run(["stack", "import", "--stack", stack, "--file", join(project.root, "engine.json")]);
    const names = protectedIn(engine, stack);
    expect(names.filter((name) => /-(namespace|vcluster)$/.test(name))).toHaveLength(22);
    const whole = planned(engine, stack);

    engine.run(["up", "--stack", stack, "--yes", "--skip-preview"], "failure");
    expect(existsSync(hit)).toBe(true);
    failing.close();
    const next = new RealEngine(project.root, await serveCloud(file));
    const left = planned(next, stack);
    const done = whole.filter((change) => !left.includes(change));
    console.log(`done: ${done.join(", ")}\nleft: ${left.join(", ")}`);
    expect(left.filter((change) => !whole.includes(change))).toEqual([]);
    expect(done.filter((change) => change.startsWith("update Release"))).toHaveLength(10);
    const listed = listedOf(version);
    expect(whole.filter((change) => !listed.some((one) => isListed(change, one)))).toEqual([]);

    next.run(["up", "--stack", stack, "--yes", "--skip-preview"]);
    next.run(["preview", "--stack", stack, "--expect-no-changes"]);
    expect(protectedIn(next, stack)).toEqual(expect.arrayContaining(names));
    const cloud = new Cloud(file);
    const after = cloud.objects.map(({ id }) => id);
    expect(before.filter((id) => !after.includes(id))).toEqual([]);
    expect(after.length - before.length).toBe(whole.filter((change) => /^create (?!HostGuard)/.test(change)).length);
    // Installed anew, a release would begin with its first revision; the one without an answer was upgraded twice.
    const revisions = cloud
      .ofType(releaseType)
      .map(({ properties }) => (properties.status as { revision: number }).revision);
    expect(revisions.sort()).toEqual([...Array(11).fill(2), 3]);
  },
);

const protectedIn = (engine: RealEngine, stack: string) =>
  engine
    .export(stack)
    .filter(({ protect }) => protect)
    .map(({ urn }) => parseUrn(urn).name)
    .sort();

test("there is a checkpoint of the real engine to upgrade", () => {
  expect(checkpoints.length).toBeGreaterThan(0);
});
