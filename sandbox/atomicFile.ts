import { existsSync, readFileSync } from "node:fs";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { Refusal } from "../model/text/problems.ts";

/** A file that is always whole: it is written beside itself and renamed. */
export class AtomicFile {
  readonly #path: string;
  #last: Promise<void> = Promise.resolve();
  #queued: Promise<void> | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** The text, or undefined where there is no file yet. */
  read(): string | undefined {
    return existsSync(this.#path) ? readFileSync(this.#path, "utf8") : undefined;
  }

  /**
   * The value of a JSON file, or undefined where there is none yet.
   *
   * @throws Refusal that names the file where it is no JSON object.
   */
  readJson(): unknown {
    const text = this.read();
    if (text === undefined) return undefined;
    try {
      const value: unknown = JSON.parse(text);
      if (typeof value === "object" && value !== null) return value;
    } catch {
      // Told below: where in the text it is damaged helps nobody.
    }
    throw new Refusal(`${this.#path} is damaged. Begin anew: delete the folder ${dirname(this.#path)}`);
  }

  /** Writes what `text` returns when the write begins. Calls that come while another write runs share the next one. */
  write(text: () => string): Promise<void> {
    this.#queued ??= this.#last.then(() => {
      this.#queued = undefined;
      this.#last = this.#replace(text());
      return this.#last;
    });
    return this.#queued;
  }

  async #replace(text: string): Promise<void> {
    await mkdir(dirname(this.#path), { recursive: true });
    await writeFile(`${this.#path}.tmp`, text);
    await rename(`${this.#path}.tmp`, this.#path);
  }
}
