import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { Cloud } from "../../sandbox/cloud/cloud.ts";
import type { ResourceState } from "../../sandbox/engine/checkpoint.ts";
import type { Command } from "../../sandbox/engine/run.ts";
import { cutOffUpgrade, waysBack } from "../lives/cutOff.ts";
import { live, lives } from "../lives/life.ts";
import { Statistics } from "../lives/statistics.ts";
import { type Fault, type Outcome, type Stack, type World, worldOf } from "../lives/world.ts";
import { TestProject } from "../support/project.ts";
import { RealEngine, requirePulumi, serve } from "../support/realEngine.ts";

/** A stack on the real engine over the simulated cloud, which is served anew for each run, with its fault. */
class RealStack implements Stack {
  readonly #root: string;
  #resources: ResourceState[] = [];
  #begun = false;

  constructor(root: string) {
    this.#root = root;
  }

  async run(command: Command, fault?: Fault): Promise<Outcome> {
    const hit = join(this.#root, "hit");
    rmSync(hit, { force: true });
    const server = await serve("test/lives/serveFaulty.ts", this.#cloudFile, JSON.stringify(fault ?? null), hit);
    try {
      const engine = new RealEngine(this.#root, server.environment);
      if (!this.#begun) engine.run(["stack", "init", "test"]);
      this.#begun = true;
      const flags = command === "up" ? ["--yes", "--skip-preview"] : [];
      const { code, output } = engine.run([command, "--stack", "test", ...flags], "any");
      if (command === "up") this.#resources = engine.export("test");
      return { ok: code === 0, errors: code === 0 ? [] : [output], faultHit: existsSync(hit) };
    } finally {
      server.close();
    }
  }

  world(): World {
    return worldOf(new Cloud(this.#cloudFile), this.#resources);
  }

  get #cloudFile(): string {
    return join(this.#root, "cloud.json");
  }
}

beforeAll(() => {
  console.log(`Pulumi CLI ${requirePulumi()}`);
});

const statistics = new Statistics();

test.each(fc.sample(lives, { seed: 2026, numRuns: 10 }).map((life, i) => [i + 1, life] as const))(
  "life %i on the real engine: no tenant is lost or given away, and nothing rightful is refused",
  async (_, life) => {
    const runs = await live(life, (root) => new RealStack(root), statistics);
    expect(runs.length).toBeGreaterThanOrEqual(4);
  },
);

test("in these lives deployments failed, were refused and were accepted", () => {
  console.log(String(statistics));
  expect(statistics.faults).toBeGreaterThan(0);
  const counts = Object.values(statistics.edits);
  expect(counts.some(({ accepted }) => accepted > 0) && counts.some(({ refused }) => refused > 0)).toBe(true);
});

test.each(Object.keys(waysBack))(
  "an upgrade whose answer was lost goes on on the real engine, whatever comes then: %s",
  async (way) => {
    const project = new TestProject({});
    const { outcomes, running } = await cutOffUpgrade(project, new RealStack(project.root), waysBack[way] ?? []);
    expect(outcomes.map(({ ok }) => ok)).toEqual([false]);
    expect(outcomes[0]?.errors.join("")).toMatch(
      /ada\.yaml:\d:\d+: kubernetes is "1\.34", but the tenant runs "1\.35"/,
    );
    expect(running).toBe("1.35");
  },
);
