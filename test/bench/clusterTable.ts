import { copyFileSync, cpSync, mkdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";
import { chartFolder, publishedChart } from "../../model/chart/chart.ts";
import { newestChart } from "../../model/facts/chartLines.ts";
import type { ResourceState } from "../../sandbox/engine/checkpoint.ts";
import { repository, TestProject, tenantFile } from "../support/project.ts";
import { RealEngine } from "../support/realEngine.ts";
import { keepChart, linkChart } from "../support/storedChart.ts";
import { type Measured, measure, median } from "./measure.ts";
import { OpenTofu } from "./openTofu.ts";
import { inMiB, inSeconds } from "./tables.ts";

const settings = `config:
  virtual-clusters:existingCluster: { name: local }
  virtual-clusters:tenantDefaults: { size: small, kubernetes: "1.35", expose: none }
  virtual-clusters:protect: false
`;

/** Who deploys tenants to the cluster, and what is measured of that. */
interface Deployer {
  /** What the table calls it. */
  readonly name: string;
  up(): Promise<Measured>;
  /** A preview in which nothing changes. */
  same(): Promise<Measured>;
  /** One in which a tenant changes. */
  changed(): Promise<Measured>;
  /** The same, asked about that tenant alone; undefined where that cannot be asked. */
  changedAlone(): Promise<Measured> | undefined;
  changeOne(): Promise<void>;
  destroy(): Promise<void>;
}

/** A stack of small tenants on the cluster that KUBECONFIG points at, run by a checkout of this program. */
class Stack implements Deployer {
  readonly name: string;
  readonly first: string;
  readonly root: string;
  readonly #project: TestProject;
  readonly #engine: RealEngine;
  readonly #program: string;
  readonly #stack: string;

  private constructor(prefix: string, count: number, program: string) {
    this.#stack = program === repository ? "bench" : "other";
    const names = Array.from({ length: count }, (_, i) => `${prefix}${i}`);
    const files = names.map((name) => [this.#file(name), tenantFile()]);
    this.#project = new TestProject({ [`Pulumi.${this.#stack}.yaml`]: settings, ...Object.fromEntries(files) });
    this.root = this.#project.root;
    this.#engine = new RealEngine(this.root);
    this.#program = program;
    this.first = `${prefix}0`;
    this.name = program === repository ? "this program" : "the other checkout";
  }

  /**
   * A stack that is not deployed yet. Those of one checkout have one name, and with it one guard of the host: the tenants that
   * OpenTofu deploys are judged as this program's are.
   *
   * @param prefix the start of its tenants' names
   */
  static async of(prefix: string, count: number, program = repository): Promise<Stack> {
    const stack = new Stack(prefix, count, program);
    const { root } = stack;
    if (program === repository) await linkChart(root);
    else {
      for (const name of ["index.ts", "package.json", "node_modules"]) {
        rmSync(join(root, name));
        symlinkSync(join(program, name), join(root, name));
      }
      cpSync(join(program, "Pulumi.yaml"), join(root, "Pulumi.yaml"));
      // As releases before this one keep it.
      await keepChart();
      mkdirSync(join(root, chartFolder));
      const archive = `vcluster-${newestChart}.tgz`;
      copyFileSync(join(repository, publishedChart(newestChart)), join(root, chartFolder, archive));
    }
    stack.#engine.run(["stack", "init", stack.#stack]);
    return stack;
  }

  up(): Promise<Measured> {
    return this.#run(["up", "--yes", "--skip-preview"]);
  }

  same(): Promise<Measured> {
    return this.#run(["preview", "--expect-no-changes"]);
  }

  changed(): Promise<Measured> {
    return this.#run(["preview"]);
  }

  changedAlone(): Promise<Measured> | undefined {
    // Checkouts from before it do not know it.
    return this.#program === repository ? this.#narrowed() : undefined;
  }

  async changeOne(): Promise<void> {
    this.#project.write(this.#file(this.first), tenantFile("size: medium"));
  }

  async destroy(): Promise<void> {
    await this.#engine.start(["destroy", "--stack", this.#stack, "--yes", "--skip-preview"]);
  }

  registered(): ResourceState[] {
    const { output } = this.#engine.run(["preview", "--stack", this.#stack, "--json"]);
    const { steps } = JSON.parse(output.slice(output.indexOf("{"))) as { steps: { newState?: ResourceState }[] };
    return steps.flatMap(({ newState }) => newState ?? []);
  }

  #file(tenant: string): string {
    return `tenants/${this.#stack}/${tenant}.yaml`;
  }

  /** Fails where it is a full run: that would be measured twice. */
  async #narrowed(): Promise<Measured> {
    const measured = await this.#run(["preview", "--changed"]);
    if (measured.output.includes("full run:")) throw new Error(measured.output);
    return measured;
  }

  #run(args: readonly string[]): Promise<Measured> {
    // As its own script does: what makes it fast, each program sets by itself.
    const { scripts } = JSON.parse(readFileSync(join(this.#program, "package.json"), "utf8")) as {
      readonly scripts: { readonly up: string };
    };
    const words = scripts.up.split(" ").slice(1, -1);
    const script = words.map((word) => (word.startsWith("-") ? word : join(this.#program, word)));
    const command = [...script, ...args, "--stack", this.#stack, "--non-interactive"];
    const node = join(this.#program, "node_modules/.bin/node");
    return measure(node, command, { cwd: this.root, env: this.#engine.callers });
  }
}

/** How often things are measured: the middle one counts. */
export interface Rounds {
  readonly previews: number;
  /** Deployments from empty, with everything deleted between them. */
  readonly ups: number;
}

/** The middle of several measurements. */
function middle(all: readonly Measured[]): Pick<Measured, "seconds" | "processor" | "memory"> {
  const of = (what: "processor" | "memory") => {
    const values = all.flatMap((one) => one[what] ?? []);
    return values.length === 0 ? undefined : median(values);
  };
  return { seconds: median(all.map(({ seconds }) => seconds)), processor: of("processor"), memory: of("memory") };
}

/** Has everybody do something in turn, several times, each second time in the opposite order; gives the middle for each. */
async function inTurn(
  rounds: number,
  deployers: readonly Deployer[],
  work: (deployer: Deployer) => Promise<Measured> | undefined,
  between: () => Promise<void> = async () => {},
) {
  const all = new Map(deployers.map((deployer): [Deployer, Measured[]] => [deployer, []]));
  for (let i = 0; i < rounds; i += 1) {
    if (i > 0) await between();
    for (const deployer of i % 2 === 0 ? deployers : deployers.toReversed()) {
      const measured = await work(deployer);
      if (measured !== undefined) all.get(deployer)?.push(measured);
    }
  }
  return new Map([...all].flatMap(([deployer, of]) => (of.length === 0 ? [] : [[deployer, middle(of)]])));
}

/**
 * What the real engine takes for as many tenants, and what others take for the same beside it.
 *
 * @param against another checkout, which is measured in turn with this one
 * @param withOpenTofu whether `tofu` is, too
 */
export async function clusterRows(
  count: number,
  { previews, ups }: Rounds,
  { against, withOpenTofu }: { readonly against: string | undefined; readonly withOpenTofu: boolean },
) {
  const own = await Stack.of("bench-", count);
  const deployers: Deployer[] = [own];
  if (against !== undefined) deployers.push(await Stack.of("other-", count, resolve(against)));
  if (withOpenTofu) deployers.push(await OpenTofu.of(await Stack.of("tofu-", count)));
  const destroy = async () => {
    for (const deployer of deployers) await deployer.destroy();
  };
  try {
    const up = await inTurn(ups, deployers, (deployer) => deployer.up(), destroy);
    const same = await inTurn(previews, deployers, (deployer) => deployer.same());
    for (const deployer of deployers) await deployer.changeOne();
    const changed = await inTurn(previews, deployers, (deployer) => deployer.changed());
    const alone = await inTurn(previews, deployers, (deployer) => deployer.changedAlone());
    const figures = (deployer: Deployer): Figures => ({
      "up from empty": up.get(deployer)?.seconds,
      "preview, no change": same.get(deployer)?.seconds,
      "its processor time": same.get(deployer)?.processor,
      [memory]: same.get(deployer)?.memory,
      "preview, one tenant changed": changed.get(deployer)?.seconds,
      "that tenant alone": alone.get(deployer)?.seconds,
    });
    const tenants = String(count);
    const row = (deployer: Deployer) => ({ tenants, by: deployer.name, ...cells(figures(deployer)) });
    const others = deployers.filter((deployer) => deployer !== own);
    return [
      row(own),
      ...others.flatMap((other) => [
        row(other),
        { tenants, by: `this program to ${other.name}`, ...ratios(figures(own), figures(other)) },
      ]),
    ];
  } finally {
    await destroy();
  }
}

const memory = "its memory";

/** Seconds by column, and MiB of {@link memory}. */
type Figures = Readonly<Record<string, number | undefined>>;

function cells(figures: Figures) {
  const cell = ([column, value]: [string, number | undefined]) => [
    column,
    column === memory ? inMiB(value) : inSeconds(value),
  ];
  return Object.fromEntries(Object.entries(figures).map(cell)) as Readonly<Record<string, string | undefined>>;
}

function ratios(own: Figures, others: Figures) {
  const ratio = ([column, value]: [string, number | undefined]) => {
    const other = others[column];
    return [column, value === undefined || other === undefined ? undefined : (value / other).toFixed(2)];
  };
  return Object.fromEntries(Object.entries(own).map(ratio)) as Readonly<Record<string, string | undefined>>;
}
