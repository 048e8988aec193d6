import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { chooseChanged } from "../../cli/plan/changedChoice.ts";
import { type Choice, previewOf } from "../../cli/plan/realEngine.ts";
import { targetArguments } from "../../cli/pulumiCli.ts";
import { narrowed } from "../../console/changedRun.ts";
import type { Plan } from "../../model/plan/plan.ts";
import type { ResourceState } from "../../sandbox/engine/checkpoint.ts";
import { compare, type Engine, type Seen } from "../changed/comparison.ts";
import { type Host, pullRequests } from "../changed/twins.ts";
import { seedOr } from "../lives/life.ts";
import { TestProject, tenantFile } from "../support/project.ts";
import { RealEngine, requirePulumi, serveCloud } from "../support/realEngine.ts";

beforeAll(() => {
  console.log(`Pulumi CLI ${requirePulumi()}`);
});

/** The real engine over a project's folder and a simulated cloud. */
class Real implements Engine {
  readonly #root: string;
  readonly #environment: Readonly<Record<string, string>>;
  readonly cloudFile: string;

  static async begin({ root }: TestProject): Promise<Real> {
    const cloudFile = join(root, "cloud.json");
    const environment = await serveCloud(cloudFile);
    new RealEngine(root, environment).run(["stack", "init", "test"]);
    return new Real(root, environment, cloudFile);
  }

  private constructor(root: string, environment: Readonly<Record<string, string>>, cloudFile: string) {
    [this.#root, this.#environment, this.cloudFile] = [root, environment, cloudFile];
  }

  async run(command: "preview" | "up", changed: boolean): Promise<Seen> {
    const said: string[] = [];
    const { environment } = new RealEngine(this.#root, this.#environment);
    const options = { root: this.#root, environment };
    const choice = changed ? await chooseChanged("test", options, (line) => said.push(line)) : undefined;
    return command === "preview" ? this.#preview(said, choice) : this.#up(said, choice);
  }

  async #preview(said: readonly string[], choice: Choice | undefined): Promise<Seen> {
    const { environment } = new RealEngine(this.#root, this.#environment);
    const { plan, steps } = await previewOf("test", { root: this.#root, environment, choice });
    const told = steps.map(
      ({ op, before, after }) => `${op} ${(after ?? before)?.urn} ${JSON.stringify(after?.inputs)}`,
    );
    const [errors, words] = [errorsIn(plan), JSON.stringify(plan.stacks)];
    return { ok: errors.length === 0, errors, steps: [...told, words], said };
  }

  async #up(said: string[], choice: Choice | undefined): Promise<Seen> {
    const say = (line: string) => void said.push(line);
    const { code, output } = await narrowed(choice?.what, say, async ({ targets, environment }) =>
      new RealEngine(this.#root, { ...this.#environment, ...environment }).run(
        ["up", "--stack", "test", "--yes", "--skip-preview", ...targetArguments(targets)],
        "any",
      ),
    );
    const counts = output.match(/^ +(\+|~|-|\+-)? ?\d+ (created|updated|deleted|replaced|unchanged)/gm) ?? [];
    return { ok: code === 0, errors: code === 0 ? [] : [output], steps: counts, said };
  }

  /** Changes the state by hand. */
  edit(command: "taint" | "untaint" | "delete", urn: string, ...options: readonly string[]): void {
    new RealEngine(this.#root, this.#environment).run(["state", command, "--stack", "test", "--yes", ...options, urn]);
  }

  state(): ResourceState[] {
    return new RealEngine(this.#root, this.#environment).export("test");
  }
}

function errorsIn(plan: Plan): string[] {
  return plan.stacks.flatMap(({ failures }) =>
    failures.flatMap(({ problems }) => problems.map((one) => JSON.stringify(one))),
  );
}

test.each<Host>(["existing", "azure"])(
  "on the real engine and host '%s', runs of changed tenants say and do what full ones do, or say that they are full",
  { timeout: 3_600_000 },
  async (host) => {
    const seed = seedOr(Date.now() % 2 ** 31);
    console.log(`LIVES_SEED=${seed}`);
    const changes = pullRequests(seed, Number(process.env.CHANGED_EDITS ?? 16));
    const counts = await compare(changes, host, Real.begin);
    console.log(host, `${changes.flat().length} edits in ${changes.length} pull requests`, counts);
    expect(counts.narrow + counts.full.length).toBeGreaterThan(0);
  },
);

test("on the real engine, what somebody marks in the state or takes out of it makes a full run", async () => {
  const project = TestProject.withTenants({ a: tenantFile(), b: tenantFile() });
  const real = await Real.begin(project);
  expect((await real.run("up", false)).errors).toEqual([]);
  const said = async () => (await real.run("preview", true)).said;
  expect(await said()).toEqual(["no tenant differs from what is deployed; only a is looked at"]);
  const release = real.state().find(({ urn }) => urn.endsWith("::b-vcluster"))?.urn ?? "";
  real.edit("taint", release);
  expect(await said()).toEqual(["full run: b-vcluster is to be replaced"]);
  real.edit("untaint", release);
  real.edit("delete", release, "--force");
  expect(await said()).toEqual(["full run: the state lacks something of b"]);
});
