import fc from "fast-check";
import type { ProgramRunner } from "../../sandbox/engine/program.ts";
import { TestProject } from "../support/project.ts";
import { type Circumstances, type EditName, edits } from "./edits.ts";
import { type Repository, type TenantFile, texts } from "./files.ts";
import { conflicts, losses, verdict } from "./reference.ts";
import { Statistics } from "./statistics.ts";
import { EmbeddedStack, type Fault, injected, type Outcome, type Stack, type World } from "./world.ts";

/** Some edits and a deployment of them. */
export interface Round {
  readonly edits: readonly { readonly kind: EditName; readonly pick: number }[];
  /** Whether an edit that must be refused is another one instead. */
  readonly honest: boolean;
  /** The fault in the deployment, where it has one. */
  readonly fault: Fault;
  /** Whether what a fault has stopped is deployed again, unchanged. */
  readonly repeat: boolean;
  /** Whether what was refused is taken back. */
  readonly restore: boolean;
  /** Whether a preview is asked first; it must answer the same. */
  readonly preview: boolean;
}

/** The life of a stack: rounds from a deployment of two tenants on. */
export type Life = readonly Round[];

/** How often an edit is made, beside 4 for others: right ones so that deployments get far, rare ones so that they happen. */
const weights: Partial<Record<EditName, number>> = {
  add: 8,
  resize: 8,
  upgrade: 8,
  downgrade: 8,
  "skip a minor": 4,
  "change the owner": 2,
  "change the store": 2,
  "change the namespace": 2,
  remove: 4,
  rename: 8,
  suspend: 6,
  resume: 8,
  offboard: 8,
  "remove one that is offboarding": 16,
  "bring back": 10,
  inherit: 24,
  "take a namespace": 8,
  "forget kept data": 14,
};

const kindNames = Object.keys(edits) as EditName[];

/** What is edited instead of what makes no sense: one of these does. */
const instead: readonly EditName[] = ["upgrade", "resume", "offboard", "suspend", "hand over", "resize", "add"];

const kinds = fc.oneof(...kindNames.map((kind) => ({ weight: weights[kind] ?? 4, arbitrary: fc.constant(kind) })));

const round: fc.Arbitrary<Round> = fc.record({
  edits: fc.array(fc.record({ kind: kinds, pick: fc.nat({ max: 4095 }) }), { minLength: 2, maxLength: 3 }),
  honest: fc.nat({ max: 2 }).map((n) => n > 0),
  // Most deployments make few calls.
  fault: fc.record({ nth: fc.constantFrom(0, 0, 0, 0, 0, 0, 1, 1, 2, 4), after: fc.boolean() }),
  repeat: fc.nat({ max: 3 }).map((n) => n === 0),
  restore: fc.nat({ max: 3 }).map((n) => n > 0),
  preview: fc.nat({ max: 5 }).map((n) => n === 0),
});

/** Lives of a first deployment and three more, each after two or three edits; every third one with a fault. */
export const lives: fc.Arbitrary<Life> = fc.array(round, { minLength: 3, maxLength: 3 });

/** Lives in which each round begins with one edit: rightful ones, or some that are refused. */
export const livesWith = (kind: EditName, honest: boolean): fc.Arbitrary<Life> =>
  lives.map((life) =>
    life.map((one) => ({ ...one, honest, edits: one.edits.map((edit, i) => (i === 0 ? { ...edit, kind } : edit)) })),
  );

/** The same without faults: what else was under way when a call failed is chance, and could not be compared. */
export const faultless: fc.Arbitrary<Life> = lives.map((life) =>
  life.map((one) => ({ ...one, fault: { nth: Number.POSITIVE_INFINITY, after: false } })),
);

const file = (owner: string, namespace: string): TenantFile => ({
  owner,
  namespace,
  size: "small",
  kubernetes: "1.34",
  store: "sqlite",
  lifecycle: "active",
  dataOnRemoval: "delete",
});

const beginning: Repository = {
  files: {
    ada: { ...file("x@contoso.com", "ada"), kubernetes: "1.35" },
    bob: { ...file("y@contoso.com", "bob"), lifecycle: "offboarding" },
    cyd: { ...file("z@contoso.com", "cyd"), lifecycle: "offboarding", dataOnRemoval: "keep" },
  },
  handover: {},
  forgetRetained: [],
};

/** What must be the same of a run wherever its program runs: the answer, what a check says before it, and where it ends. */
export interface Seen {
  readonly ok: boolean;
  /** Without what was refused amid a deployment: what else was under way is chance. */
  readonly refusals: readonly string[];
  /** What is there after a run that ended well. */
  readonly world: World | undefined;
}

/** Makes a stack for a life, in a project's folder. */
export type Beginning = (root: string) => Stack;

/** On the embedded engine. */
export const embedded =
  (program: ProgramRunner): Beginning =>
  (root) =>
    new EmbeddedStack(root, program);

/** Runs one life, and fails with what is wrong in it. Gives what was seen of each run. */
export async function live(life: Life, begin: Beginning, statistics = new Statistics()): Promise<Seen[]> {
  const project = new TestProject({}, "test", { keep: true });
  try {
    return await new Living(project, begin(project.root), statistics).run(life);
  } finally {
    project.delete();
  }
}

class Living {
  readonly #project: TestProject;
  readonly #stack: Stack;
  readonly #statistics: Statistics;
  readonly #seen: Seen[] = [];
  #repository: Repository = { files: {}, handover: {}, forgetRetained: [] };
  #good = this.#repository;
  /** The files that are there, by path. */
  #written: ReturnType<typeof texts> = {};
  #past: Circumstances["past"] = {};

  constructor(project: TestProject, stack: Stack, statistics: Statistics) {
    [this.#project, this.#stack, this.#statistics] = [project, stack, statistics];
  }

  async run(life: Life): Promise<Seen[]> {
    this.#edit(beginning);
    await this.#deploy([], { fault: { nth: 99, after: false }, repeat: true, restore: false, preview: false });
    for (const round of life) {
      const made = round.edits.flatMap(({ kind, pick }) => this.#make(kind, pick, round.honest));
      await this.#deploy(made, round);
    }
    return this.#seen;
  }

  /** An edit that makes no sense here is another one instead, so that a life has as many as it should. */
  #make(kind: EditName, pick: number, honest: boolean): [EditName, string][] {
    const world = this.#stack.world();
    for (const one of [kind, ...instead.slice(pick % instead.length), ...instead]) {
      for (const nearby of honest ? [0, 1, 2, 8, 16, 24, 34] : [0]) {
        const by = { pick: pick + nearby, past: this.#past, good: this.#good, world };
        const edited = edits[one](this.#repository, by);
        if (edited === undefined || (honest && !isRightful(edited[0], world))) continue;
        this.#edit(edited[0]);
        return [[one, edited[1]]];
      }
    }
    return [];
  }

  #edit(to: Repository): void {
    const [before, after] = [this.#written, texts(to)];
    for (const path of Object.keys(before)) if (after[path] === undefined) this.#project.remove(path);
    for (const [path, text] of Object.entries(after)) if (text !== before[path]) this.#project.write(path, text);
    this.#written = after;
    this.#repository = to;
    this.#past = { ...this.#past, ...to.files };
  }

  async #deploy(
    made: readonly [EditName, string][],
    { fault, repeat, restore, preview }: Omit<Round, "edits" | "honest">,
  ) {
    const repository = this.#repository;
    const before = this.#stack.world();
    const refused = verdict(repository, before);
    const blocked = refused.size > 0 ? [] : conflicts(repository, before);
    const rightful = isRightful(repository, before);
    // A little more often than in every third: a deployment that makes few calls may not come to the one that fails.
    const due = this.#statistics.faults * 2.5 < this.#statistics.deployments;
    if (preview) this.#check(rightful, refused, await this.#stack.run("preview"));

    const struck = { ...fault, kill: this.#statistics.faults % 3 === 2 };
    const outcome = await this.#run(repository, before, rightful && due ? struck : undefined);
    this.#check(rightful && !outcome.faultHit, refused, outcome);
    for (const [kind, name] of made) {
      const about = (one: string) => name === "" || name === one;
      if ([...refused.keys(), ...blocked].some(about)) this.#statistics.count(kind, "refused");
      else if (outcome.ok) this.#statistics.count(kind, "accepted");
    }
    if (!rightful && restore) this.#edit(this.#good);
    if (outcome.faultHit && repeat) {
      const world = this.#stack.world();
      const obstacles = [...verdict(repository, world), ...conflicts(repository, world)];
      if (obstacles.length > 0) throw new Error(`refused after the fault is gone: ${print(obstacles)}`);
      this.#check(true, refused, await this.#run(repository, world));
      this.#ended();
    }
    if (outcome.ok) this.#ended();
  }

  /** What a deployment that ended well has done need not stand in the settings any more. */
  #ended(): void {
    this.#edit({ ...this.#repository, handover: {}, forgetRetained: [] });
    this.#good = this.#repository;
  }

  async #run(repository: Repository, before: World, fault?: Fault): Promise<Outcome> {
    const outcome = await this.#stack.run("up", fault);
    this.#statistics.deployments++;
    if (outcome.faultHit) this.#statistics.faults++;
    const lost = losses(repository, before, this.#stack.world());
    if (lost.length > 0) throw new Error(`${lost.join("; ")}\n${print(outcome.errors)}`);
    return outcome;
  }

  /** Accepted where it must be, refused where it must be, and every refusal with the place of what is refused. */
  #check(accepted: boolean, refused: ReadonlyMap<string, string>, outcome: Outcome): void {
    const { ok, errors, faultHit } = outcome;
    const refusals = errors.filter((error) => /^\d+ problems? to mend first/.test(error));
    this.#seen.push({ ok, refusals, world: ok ? this.#stack.world() : undefined });
    if (ok !== accepted) {
      const expected = accepted ? "accepted" : `refused: ${print([...refused])}`;
      throw new Error(`must be ${expected}\n${ok ? "was accepted" : print(errors)}`);
    }
    const told = errors.filter((error) => !error.includes(injected));
    const files = ["Pulumi.test", ...[...refused.keys()].map((name) => `tenants/test/${name}`)];
    const placed = (error: string) => files.some((file) => new RegExp(`\\b${file}\\.yaml:\\d+:\\d+: `).test(error));
    const unplaced = refused.size === 0 ? [] : told.filter((error) => !placed(error));
    if (unplaced.length > 0) throw new Error(`refused without its place: ${print(unplaced)}`);
    if (refused.size > 0 && told.length === 0 && !faultHit) throw new Error("refused without a word");
  }
}

const isRightful = (repository: Repository, world: World) =>
  verdict(repository, world).size === 0 && conflicts(repository, world).length === 0;

const print = (value: unknown) => JSON.stringify(value, undefined, 1);

/** Checks random lives, and prints how to see them again and what was in them. A failing one is made smaller first. */
export async function checkLives(
  numRuns: number,
  begin: Beginning,
  seed: number,
  statistics = new Statistics(),
  arbitrary = lives,
): Promise<Statistics> {
  console.log(`LIVES_SEED=${seed}`);
  await fc.assert(
    fc.asyncProperty(arbitrary, async (life) => {
      await live(life, begin, statistics);
    }),
    { seed, numRuns },
  );
  return statistics;
}

/** The seed of the lives to see again (LIVES_SEED), or the usual one. */
export const seedOr = (usual: number) => Number(process.env.LIVES_SEED ?? usual);
