import { isDeepStrictEqual } from "node:util";
import { expect } from "vitest";
import { Cloud } from "../../sandbox/cloud/cloud.ts";
import type { Command, RunResult } from "../../sandbox/engine/run.ts";
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

/** A stack on the embedded engine whose files are edited. */
class Twin {
  readonly project = new TestProject({}, "test", { keep: true });
  #texts: Readonly<Record<string, string>> = {};

  write(texts: Readonly<Record<string, string>>): void {
    for (const path of Object.keys(this.#texts)) if (texts[path] === undefined) this.project.remove(path);
    for (const [path, text] of Object.entries(texts)) if (text !== this.#texts[path]) this.project.write(path, text);
    this.#texts = texts;
  }

  run(command: Command, changed: boolean): Promise<RunResult & { readonly said: readonly string[] }> {
    const said: string[] = [];
    const onMessage = (_: string, text: string) => void said.push(text);
    return this.project.run(command, { changed, onMessage }).then((result) => ({ ...result, said }));
  }

  /** What is deployed: in the state, in the outputs, and in the cloud. */
  world() {
    const { state: _, cloud } = stackFiles(this.project.root, "test");
    const objects = new Cloud(cloud).objects.map(({ id, type, parent, properties }) => ({
      id,
      type,
      parent,
      properties,
    }));
    return { state: comparable(this.project.checkpoint()), cloud: objects.sort((a, b) => (a.id < b.id ? -1 : 1)) };
  }
}

const stepsOf = ({ steps }: RunResult) => steps.map(({ op, urn, changed }) => `${op} ${urn} ${changed.join()}`).sort();

/**
 * Lives two stacks through the same edits: one is deployed in full, the other only where something changed. Whatever is
 * edited, previews of both say the same, and after each deployment both are the same.
 */
export async function compare(edits: readonly Edit[], host: Host): Promise<Counts> {
  const [whole, part] = [new Twin(), new Twin()];
  const counts = { narrow: 0, full: [] as string[], refused: 0 };
  try {
    let good: Written = beginning;
    for (const twin of [whole, part]) {
      twin.write(textsOf(good, host));
      const { ok, messages } = await twin.run("up", false);
      if (!ok) throw new Error(messages.map(({ message }) => message).join("\n"));
    }
    for (const one of edits) {
      const now = edited(good, one);
      for (const twin of [whole, part]) twin.write(textsOf(now, host));
      const [all, some] = [await whole.run("preview", false), await part.run("preview", true)];
      const about = JSON.stringify({ host, one, before: good.files });
      expect({ ok: some.ok, errors: errorsOf(some) }, about).toEqual({ ok: all.ok, errors: errorsOf(all) });
      if (!all.ok) {
        counts.refused++;
        for (const twin of [whole, part]) twin.write(textsOf(good, host));
        continue;
      }
      expect(stepsOf(some), about).toEqual(stepsOf(all));
      const full = some.said.find((line) => line.startsWith("full run: "));
      if (full === undefined) counts.narrow++;
      else counts.full.push(full);
      // What changes nothing is deployed now and then.
      if (isDeepStrictEqual(now, good) && one.pick % 4 > 0) continue;
      const [deployed, changed] = [await whole.run("up", false), await part.run("up", true)];
      expect({ ok: changed.ok, errors: errorsOf(changed) }, about).toEqual({ ok: true, errors: [] });
      expect(deployed.ok, about).toBe(true);
      expect(stepsOf(changed), about).toEqual(stepsOf(deployed));
      expect(part.world(), about).toEqual(whole.world());
      good = now;
    }
    return counts;
  } finally {
    for (const { project } of [whole, part]) project.delete();
  }
}
