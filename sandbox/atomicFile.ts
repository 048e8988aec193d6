import { readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { Writer } from "steno";
import type { z } from "zod";
import { messageOf, Refusal } from "../model/text/problems.ts";
import { validate } from "../model/text/validate.ts";

/** A JSON file that is always whole. It belongs to one process at a time: see `lock.ts`. */
export class AtomicFile {
  readonly #path: string;
  readonly #what: string;
  readonly #writer: Writer;
  #last: Promise<void> = Promise.resolve();
  #queued: Promise<void> | undefined;

  /** @param what what the file should hold, for whoever must mend it: "the sandbox's state" */
  constructor(path: string, what: string) {
    this.#path = path;
    this.#what = what;
    this.#writer = new Writer(path);
  }

  /**
   * The file's value, which has the schema's shape; undefined where there is no file yet.
   *
   * @throws Refusal that names the file, what is wrong with it and what to do, where it holds anything else.
   */
  read(schema: z.ZodType): unknown {
    const text = this.#text();
    if (text === undefined) return undefined;
    const value = this.#parse(text);
    const { problems } = validate(schema, value, () => ({ file: this.#path, line: 1, column: 1 }));
    const [first] = problems;
    if (first !== undefined) throw this.#unreadable(first.message);
    return value;
  }

  #text(): string | undefined {
    try {
      return readFileSync(this.#path, "utf8");
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "ENOENT") return undefined;
      throw this.#unreadable(code === "EISDIR" ? "it is a folder" : messageOf(error));
    }
  }

  #parse(text: string): unknown {
    try {
      return JSON.parse(text);
    } catch {
      // Where in the text it is damaged helps nobody.
      throw this.#unreadable(text.trim() === "" ? "it is empty" : "it is not JSON");
    }
  }

  #unreadable(reason: string): Refusal {
    return new Refusal(
      `${this.#path} cannot be read as ${this.#what}: ${reason}. Put a good copy back, or begin anew: delete the folder ${dirname(this.#path)}`,
    );
  }

  /**
   * Writes what `text` returns when the write begins. Calls that come while another write runs share the next one. A
   * write that fails leaves the file as it was, and is no hindrance to the next.
   */
  write(text: () => string): Promise<void> {
    this.#queued ??= this.#last
      .catch(() => undefined)
      .then(() => {
        this.#queued = undefined;
        this.#last = this.#replace(text());
        return this.#last;
      });
    return this.#queued;
  }

  async #replace(text: string): Promise<void> {
    await mkdir(dirname(this.#path), { recursive: true });
    await this.#writer.write(text);
  }
}
