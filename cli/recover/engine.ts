import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import {
  type Checkpoint,
  checkpointSchema,
  creationsIn,
  creationsSchema,
  isSameState,
  operate,
  type StateRecord,
  type Surgery,
} from "../../model/recovery/checkpoint.ts";
import { locksIn } from "../../model/recovery/lock.ts";
import { foreignAmong } from "../../model/recovery/ownership.ts";
import type { HeldLock } from "../../model/recovery/situation.ts";
import { readProjectName, stackOfFiles } from "../../model/settings/project.ts";
import { Refusal } from "../../model/text/problems.ts";
import { type Answer, askPulumi, mustSucceed } from "../askPulumi.ts";
import { errorsIn } from "../plan/compareStack.ts";
import { readJson, readPreview } from "../plan/previewJson.ts";
import { targetArguments } from "../pulumiCli.ts";
import { isAlive, locksInFolder } from "../stackLocks.ts";
import { cutOffFiles } from "../stateFolder.ts";

/** Where copies of states are kept, below the project's root; git ignores it. */
const recoveryFolder = ".recovery";

const changedMeanwhile = "somebody else has been at the stack meanwhile: it stays as it is; run this again";

/** What became of what was to be taken over, by URN. */
export interface Taken {
  /** What the cloud has. */
  readonly there: ReadonlySet<string>;
  /** What of that is not this stack's, with the marks that say so: the state does not have it. */
  readonly foreign: ReadonlyMap<string, readonly string[]>;
}

/** A stack of the real engine, by its CLI alone: nothing is read or written behind its back. */
export class StackOfEngine {
  readonly #root: string;
  readonly #stack: string;

  constructor(root: string, stack: string) {
    [this.#root, this.#stack] = [root, stack];
  }

  /** The stack's state, as the CLI prints it: secrets stay ciphertext. */
  async export(): Promise<{ readonly text: string; readonly state: Checkpoint }> {
    const { stdout, command } = mustSucceed(await this.#ask("stack", "export"));
    return { text: stdout, state: readJson(checkpointSchema, stdout, command) };
  }

  /**
   * What keeps the CLI from reading a state in a folder, see {@link cutOffFiles}, and who holds the stack meanwhile: the CLI does
   * not get as far as to say it, and whoever runs is about to write such a file.
   */
  async cutOffFiles(): Promise<{ readonly files: string[]; readonly locks: HeldLock[] }> {
    const { code, stdout, command } = await askPulumi(["whoami", "--verbose", "--json"], { root: this.#root });
    const url = code === 0 ? readJson(z.object({ url: z.string().optional() }), stdout, command).url : undefined;
    const name = { project: readProjectName(this.#root), stack: stackOfFiles(this.#stack) };
    return { files: cutOffFiles(url, this.#root, name), locks: locksInFolder(url, this.#root, name) };
  }

  /**
   * Who holds the stack. The CLI has no question for it: it is asked to refresh something that is nowhere, which takes the lock
   * and does nothing.
   *
   * @throws Refusal where it does not get that far, as without the stack's passphrase: then nobody knows who holds it.
   */
  async locks(): Promise<HeldLock[]> {
    const nowhere = `urn:pulumi:${stackOfFiles(this.#stack)}::recovery::recovery:index:Nothing::nowhere`;
    const answer = await this.#ask("refresh", "--yes", "--skip-preview", "--target", nowhere);
    const said = `${answer.stdout}\n${answer.stderr}`;
    const locks = locksIn(said);
    if (locks.length === 0 && answer.code !== 0 && !said.includes(nowhere)) {
      throw new Refusal(
        `whether a deployment runs cannot be asked, and nothing is done before that is known: ${lastLines(answer)}`,
      );
    }
    return locks.map((lock) => ({ ...lock, alive: isAlive(lock) }));
  }

  /**
   * Nothing is done to a stack that is not as it was looked at.
   *
   * @param before its state then
   * @param locks who held it then
   * @throws Refusal where either is another one now.
   */
  async requireSame(before: Checkpoint, locks: readonly HeldLock[]): Promise<void> {
    const holders = (all: readonly HeldLock[]) => JSON.stringify(all.map(({ holder }) => holder));
    if (holders(await this.locks()) !== holders(locks)) throw new Refusal(changedMeanwhile);
    this.#requireSame(before, (await this.export()).state);
  }

  #requireSame(before: Checkpoint, now: Checkpoint): void {
    if (!isSameState(before, now)) throw new Refusal(changedMeanwhile);
  }

  async cancel(): Promise<void> {
    mustSucceed(await this.#ask("cancel", "--yes"));
  }

  /** What a deployment would create, as far as a preview gets, and why it gets no further. */
  async creations(state: Checkpoint): Promise<{ creations: StateRecord[]; errors: readonly string[] }> {
    const answer = await this.#ask("preview", "--json", "--show-sames");
    const { stdout, code, command } = answer;
    const hasJson = stdout.includes("{");
    const creations = hasJson ? creationsIn(readJson(creationsSchema, stdout, command), state) : [];
    if (code === 0) return { creations, errors: [] };
    const said = hasJson ? errorsIn(readPreview(stdout, command).said).map(({ message }) => message) : [];
    return { creations, errors: said.length > 0 ? said : [lastLines(answer).replace(/^error: /, "")] };
  }

  /**
   * Changes the state, and asks the cloud for what is taken over. Cut off in between, the next recovery asks.
   *
   * @param before the state as it was looked at
   * @throws Refusal where it is another one now; and where the cloud does not answer: what was to be taken over is forgotten then,
   * and found again later
   */
  async operate(before: Checkpoint, surgery: Surgery): Promise<Taken> {
    const { state } = await this.export();
    this.#requireSame(before, state);
    await this.#import(operate(state, surgery));
    // Components are nowhere but in the state.
    const records = (surgery.takeOver ?? []).filter(({ custom }) => custom === true);
    try {
      const there = await this.refresh(records.map(({ urn }) => urn));
      const after = (await this.export()).state;
      const foreign = foreignAmong(records, after.deployment.resources ?? []);
      if (foreign.size > 0) await this.#import(operate(after, { forget: new Set(foreign.keys()) }));
      return { there, foreign };
    } catch (error) {
      await this.#import(operate(state, { ...surgery, takeOver: [] }));
      throw error;
    }
  }

  /**
   * Has the state say of some resources what the cloud has; what is nowhere leaves it.
   *
   * @returns the URNs of those that are there
   * @throws Refusal where the cloud does not answer
   */
  async refresh(urns: readonly string[]): Promise<Set<string>> {
    if (urns.length === 0) return new Set();
    const answer = await this.#ask("refresh", "--yes", "--skip-preview", ...targetArguments(urns));
    if (answer.code !== 0)
      throw new Refusal(`the cloud could not be asked what it has, so nothing was taken over: ${lastLines(answer)}`);
    const { resources = [] } = (await this.export()).state.deployment;
    return new Set(resources.flatMap(({ urn }) => (urns.includes(urn) ? [urn] : [])));
  }

  /** Keeps a state as the CLI printed it, and says where. */
  keep(text: string): string {
    const folder = join(this.#root, recoveryFolder);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const time = new Date().toISOString().replaceAll(/[:.]/g, "-");
    const copy = join(folder, `${stackOfFiles(this.#stack)}-${time}.json`);
    writeFileSync(copy, text, { mode: 0o600 });
    return copy;
  }

  async #import(state: Checkpoint): Promise<void> {
    const folder = mkdtempSync(join(tmpdir(), "recover-"));
    try {
      const file = join(folder, "state.json");
      writeFileSync(file, JSON.stringify(state), { mode: 0o600 });
      mustSucceed(await this.#ask("stack", "import", "--file", file));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  #ask(...args: readonly string[]): Promise<Answer> {
    return askPulumi([...args, "--stack", this.#stack], { root: this.#root });
  }
}

function lastLines({ stdout, stderr }: Answer): string {
  const said = `${stdout}\n${stderr}`.split("\n").filter((line) => /error|unreachable|refused/i.test(line));
  return said.slice(-3).join("\n") || "it did not say why";
}
