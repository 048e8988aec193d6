import { deepStrictEqual } from "node:assert";
import { Cloud } from "../../sandbox/cloud/cloud.ts";
import type { ResourceState } from "../../sandbox/engine/checkpoint.ts";
import { stackFiles } from "../../sandbox/sandbox.ts";
import { errorsOf, TestProject } from "../support/project.ts";
import { comparable } from "../support/realEngine.ts";
import { beginning, type Edit, edited, type Host, textsOf, type Written } from "./twins.ts";

/** How often changed tenants were enough, and how often a run said that it is a full one. */
export interface Counts {
  readonly narrow: number;
  /** What these said. */
  readonly full: readonly string[];
  readonly refused: number;
}

/** What a run has come to. */
export interface Seen {
  readonly ok: boolean;
  readonly errors: readonly string[];
  /** What it did, or would do, to every resource. */
  readonly steps: readonly string[];
  /** What it said of how much it is about. */
  readonly said: readonly string[];
}

/** An engine over a project's folder, with a cloud in a file. */
export interface Engine {
  run(command: "preview" | "up", changed: boolean): Promise<Seen>;
  state(): readonly ResourceState[];
  readonly cloudFile: string;
}

/** The embedded engine. */
export class EmbeddedEngine implements Engine {
  readonly #project: TestProject;
  readonly cloudFile: string;

  constructor(project: TestProject) {
    this.#project = project;
    this.cloudFile = stackFiles(project.root, project.stack).cloud;
  }

  async run(command: "preview" | "up", changed: boolean): Promise<Seen> {
    const said: string[] = [];
    const onMessage = (_: string, text: string) => void said.push(text);
    const result = await this.#project.run(command, { changed, onMessage });
    const steps = result.steps.map(({ op, urn, changed }) => `${op} ${urn} ${changed.join()}`);
    return { ok: result.ok, errors: errorsOf(result), steps, said };
  }

  state(): ResourceState[] {
    return this.#project.checkpoint();
  }
}

/** A stack whose files are edited. */
class Twin {
  readonly #project: TestProject;
  readonly #engine: Engine;
  #texts: Readonly<Record<string, string>> = {};

  constructor(project: TestProject, engine: Engine) {
    [this.#project, this.#engine] = [project, engine];
  }

  write(texts: Readonly<Record<string, string>>): void {
    for (const path of Object.keys(this.#texts)) if (texts[path] === undefined) this.#project.remove(path);
    for (const [path, text] of Object.entries(texts)) if (text !== this.#texts[path]) this.#project.write(path, text);
    this.#texts = texts;
  }

  async run(command: "preview" | "up", changed: boolean): Promise<Seen> {
    const seen = await this.#engine.run(command, changed);
    // A preview of changed tenants knows the stack's own outputs without asking for them.
    const steps = seen.steps.filter((step) => !/::pulumi:(pulumi:StackReference|providers:pulumi)::/.test(step));
    return { ...seen, steps: steps.sort() };
  }

  /** What is deployed: in the state, in the outputs, and in the cloud. */
  world() {
    const objects = new Cloud(this.#engine.cloudFile).objects.map(({ id, type, parent, properties }) => ({
      ...{ id, type, parent, properties },
    }));
    return { state: comparable(this.#engine.state()), cloud: objects.sort((a, b) => (a.id < b.id ? -1 : 1)) };
  }
}

/** Fails with what is otherwise, and where that was. */
function same(actual: unknown, expected: unknown, about: string): void {
  try {
    deepStrictEqual(actual, expected);
  } catch (cause) {
    throw new Error(`after ${about}`, { cause });
  }
}

/**
 * Lives two stacks through the same edits: one is deployed in full, the other only where something changed. Whatever is
 * edited, previews of both say the same, and after each deployment both are the same.
 *
 * @param edits by what is deployed at once
 * @param begin gives a project's folder its engine
 */
export async function compare(
  edits: readonly (readonly Edit[])[],
  host: Host,
  begin: (project: TestProject) => Engine | Promise<Engine> = (project) => new EmbeddedEngine(project),
): Promise<Counts> {
  const projects = [new TestProject({}, "test", { keep: true }), new TestProject({}, "test", { keep: true })] as const;
  const counts = { narrow: 0, full: [] as string[], refused: 0 };
  try {
    const whole = new Twin(projects[0], await begin(projects[0]));
    const part = new Twin(projects[1], await begin(projects[1]));
    let good: Written = beginning;
    for (const twin of [whole, part]) {
      twin.write(textsOf(good, host));
      // The second one knows which Kubernetes the host has, and writes down that it leaves that alone.
      for (const _ of host === "azure" ? ["first", "second"] : ["first"]) {
        const { ok, errors } = await twin.run("up", false);
        if (!ok) throw new Error(errors.join("\n"));
      }
    }
    for (const some of edits) {
      const now = edited(good, some);
      for (const twin of [whole, part]) twin.write(textsOf(now, host));
      const [all, narrow] = [await whole.run("preview", false), await part.run("preview", true)];
      const about = JSON.stringify({ host, some, before: good });
      same({ ok: narrow.ok, errors: narrow.errors }, { ok: all.ok, errors: all.errors }, about);
      if (!all.ok) {
        counts.refused++;
        for (const twin of [whole, part]) twin.write(textsOf(good, host));
        continue;
      }
      same(narrow.steps, all.steps, about);
      const full = narrow.said.find((line) => line.startsWith("full run: "));
      if (full === undefined) counts.narrow++;
      else counts.full.push(full);
      const [deployed, changed] = [await whole.run("up", false), await part.run("up", true)];
      same([deployed.ok, changed.ok, changed.errors], [true, true, []], about);
      same(changed.steps, deployed.steps, about);
      same(part.world(), whole.world(), about);
      good = now;
    }
    return counts;
  } finally {
    for (const project of projects) project.delete();
  }
}
