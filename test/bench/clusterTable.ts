import { copyFileSync, cpSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";
import { chartFolder, publishedChart } from "../../model/chart/chart.ts";
import { newestChart } from "../../model/facts/chartLines.ts";
import { repository, TestProject, tenantFile } from "../support/project.ts";
import { RealEngine } from "../support/realEngine.ts";
import { keepChart, linkChart } from "../support/storedChart.ts";
import { type Measured, measure, median } from "./measure.ts";
import { inMiB, inSeconds } from "./tables.ts";

const settings = `config:
  virtual-clusters:existingCluster: { name: local }
  virtual-clusters:tenantDefaults: { size: small, kubernetes: "1.35", expose: none }
  virtual-clusters:protect: false
`;

/** A stack of small tenants on the cluster that KUBECONFIG points at, run by a checkout of this program. */
class Stack {
  readonly #project: TestProject;
  readonly #engine: RealEngine;
  readonly #program: string;
  readonly #first: string;

  private constructor(prefix: string, count: number, program: string) {
    const names = Array.from({ length: count }, (_, i) => `${prefix}${i}`);
    const files = names.map((name) => [`tenants/test/${name}.yaml`, tenantFile()]);
    this.#project = new TestProject({ "Pulumi.test.yaml": settings, ...Object.fromEntries(files) });
    this.#engine = new RealEngine(this.#project.root);
    this.#program = program;
    this.#first = `tenants/test/${prefix}0.yaml`;
  }

  /** A stack that is not deployed yet. */
  static async of(prefix: string, count: number, program = repository): Promise<Stack> {
    const stack = new Stack(prefix, count, program);
    const { root } = stack.#project;
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
    stack.#engine.run(["stack", "init", "test"]);
    return stack;
  }

  run(args: readonly string[], allowed = false): Promise<Measured> {
    const node = join(this.#program, "node_modules/.bin/node");
    const command = [join(this.#program, "cli/pulumi.ts"), ...args, "--stack", "test", "--non-interactive"];
    return measure(node, command, { cwd: this.#project.root, env: this.#engine.environment }, { allowed });
  }

  /** Changes one tenant; ends the change where it is `undone`. */
  changeOne(undone = false): void {
    this.#project.write(this.#first, tenantFile(...(undone ? [] : ["size: medium"])));
  }

  destroy(): void {
    this.#engine.run(["destroy", "--stack", "test", "--yes", "--skip-preview"]);
  }
}

/** How long commands take, the middle of several rounds, in each of which every command runs once. */
async function rounds(count: number, commands: readonly (() => Promise<Measured>)[]): Promise<Measured[]> {
  const all = commands.map((): Measured[] => []);
  for (let i = 0; i < count; i += 1) for (const [k, command] of commands.entries()) all[k]?.push(await command());
  return all.map((of) => ({
    ...(of[0] as Measured),
    seconds: median(of.map(({ seconds }) => seconds)),
    processor: median(of.map(({ processor = 0 }) => processor)),
  }));
}

/**
 * What the real engine takes for as many tenants.
 *
 * @param against another checkout, whose preview is measured in turn with this one's
 */
export async function clusterRow(count: number, times: number, against: string | undefined) {
  const own = await Stack.of("bench-", count);
  const other = against === undefined ? undefined : await Stack.of("other-", count, resolve(against));
  try {
    const up = await own.run(["up", "--yes", "--skip-preview"]);
    if (other !== undefined) await other.run(["up", "--yes", "--skip-preview"]);
    const preview = ["preview", "--expect-no-changes"];
    const [same, before] = await rounds(times, [
      () => own.run(preview),
      ...(other === undefined ? [] : [() => other.run(preview)]),
    ]);
    own.changeOne();
    const [one] = await rounds(times, [() => own.run(["preview"])]);
    const changed = await own.run(["preview", "--changed"], true);
    own.changeOne(true);
    return {
      tenants: String(count),
      "up from empty": inSeconds(up.seconds),
      "preview, no change": inSeconds(same?.seconds),
      "its processor time": inSeconds(same?.processor),
      "its memory": inMiB(same?.memory),
      "preview, one tenant changed": inSeconds(one?.seconds),
      "the same with --changed": changed.code === 0 ? inSeconds(changed.seconds) : undefined,
      ...(before !== undefined && {
        "no change, compared with": inSeconds(before.seconds),
        "its processor time ": inSeconds(before.processor),
        ratio: ((same?.seconds ?? 0) / before.seconds).toFixed(2),
        "ratio of processor time": ((same?.processor ?? 0) / (before.processor ?? 1)).toFixed(2),
      }),
    };
  } finally {
    own.destroy();
    other?.destroy();
  }
}
