import { existsSync, readFileSync } from "node:fs";
import { copyFile, mkdir, rename } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { Writer } from "steno";
import type { z } from "zod";
import { messageOf, Refusal } from "../model/text/problems.ts";
import { shellCommand } from "../model/text/shell.ts";
import { validate } from "../model/text/validate.ts";

/** A file could not be written, and is as it was before. */
export class WriteError extends Error {
  override readonly name = "WriteError";
}

/**
 * Parts of a file's text, one after the other. What is the same in every write is turned into bytes once: most of a write is that.
 *
 * @param separator what stands between them
 */
export function joined(parts: readonly (string | Buffer)[], separator = ""): Buffer {
  const bytes = parts.map((part) => (typeof part === "string" ? Buffer.from(part) : part));
  const between = Buffer.from(separator);
  return Buffer.concat(bytes.flatMap((part, i) => (i === 0 || between.length === 0 ? [part] : [between, part])));
}

/** What keeps the last good file beside the file. */
const kept = (path: string) => `${path}.bak`;

/** The command that deploys the stack whose file it is: the sandbox keeps a folder for each. */
export function upOf(path: string, ...options: readonly string[]): string {
  const stack = ["--stack", basename(dirname(path))];
  return shellCommand(["npm", "run", "sandbox", "--", "up", ...stack, ...options]);
}

/** What is to be done about a file that cannot be gone on from, by what it should hold: the best first. */
const repairs = {
  // An older state beside a cloud that went on would make again what is there.
  "the sandbox's state": (path: string, copy: string | undefined) => [
    `Move it away, it alone: '${upOf(path)}' makes it anew from the simulated cloud, but for what outputs remembered of removed tenants`,
    ...(copy === undefined ? [] : [`where the last run came to its end, put ${copy} beside it back, which is of then`]),
    `or begin anew: delete the folder ${dirname(path)}`,
  ],
  // Nothing else knows what was in it.
  "the simulated cloud": (path: string, copy: string | undefined) => [
    copy === undefined
      ? "Put a copy of it back"
      : `Put ${copy} beside it back, which is of the last run's end: '${upOf(path, "--mend")}' then makes what it lacks`,
    `or begin anew: delete the folder ${dirname(path)}`,
  ],
};

/** What the sandbox keeps in files, for whoever must mend one. */
export type Kept = keyof typeof repairs;

/** Says what is to be done about a file that is damaged or gone, the best first. */
export function repairOf(what: Kept, path: string): string {
  const copy = existsSync(kept(path)) ? basename(kept(path)) : undefined;
  return repairs[what](path, copy).join("; ");
}

/** A JSON file that is always whole. It belongs to one process at a time: see `lock.ts`. */
export class AtomicFile {
  readonly #path: string;
  readonly #what: Kept;
  readonly #writer: Writer;
  #last: Promise<void> = Promise.resolve();
  #queued: Promise<void> | undefined;

  /** @param what what the file should hold */
  constructor(path: string, what: Kept) {
    this.#path = path;
    this.#what = what;
    this.#writer = new Writer(path);
  }

  /**
   * The file's value, which has the schema's shape; undefined where there is no file yet.
   *
   * @param wrong says what is wrong with a value of that shape all the same
   * @throws Refusal that names the file, what is wrong with it and what to do, where it holds anything else.
   */
  read<T>(schema: z.ZodType, wrong: (value: T) => string | undefined = () => undefined): T | undefined {
    const text = this.#text();
    if (text === undefined) return undefined;
    const value = this.#parse(text);
    const { problems } = validate(schema, value, () => ({ file: this.#path, line: 1, column: 1 }));
    const [first] = problems;
    const reason = first?.message ?? wrong(value as T);
    if (reason !== undefined) throw this.#unreadable(reason);
    return value as T;
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
    return new Refusal(`${this.#path} cannot be read as ${this.#what}: ${reason}. ${repairOf(this.#what, this.#path)}`);
  }

  /** Keeps the file as it is beside itself, as the last good one. Where that fails, the one before stays. */
  async keep(): Promise<void> {
    await this.#last.catch(() => undefined);
    const copy = `${kept(this.#path)}.tmp`;
    // For a day when the file is damaged, and no more: that it cannot be kept hinders nothing.
    await copyFile(this.#path, copy)
      .then(() => rename(copy, kept(this.#path)))
      .catch(() => undefined);
  }

  /**
   * Writes what `text` returns when the write begins. Calls that come while another write runs share the next one. A
   * write that fails leaves the file as it was, and is no hindrance to the next.
   */
  write(text: () => string | Buffer): Promise<void> {
    this.#queued ??= this.#last
      .catch(() => undefined)
      .then(() => {
        this.#queued = undefined;
        this.#last = this.#replace(text());
        return this.#last;
      });
    return this.#queued;
  }

  async #replace(text: string | Buffer): Promise<void> {
    try {
      await mkdir(dirname(this.#path), { recursive: true });
      await this.#writer.write(text);
    } catch (error) {
      const advice = `Make room for it, or make it writable, and run it again: nothing is lost`;
      throw new WriteError(`${this.#path} cannot be written: ${messageOf(error)}. ${advice}`, { cause: error });
    }
  }
}
