import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";

/** What a command took, with all processes that it started. */
export interface Measured {
  readonly seconds: number;
  /** Seconds of processors; undefined where the system does not tell (Linux does). */
  readonly processor: number | undefined;
  /** Most memory at a time, in MiB; likewise. */
  readonly memory: number | undefined;
  readonly output: string;
}

export interface Place {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** Runs a command to its end. It fails here where the command ends with another code than this. */
export async function measure(
  command: string,
  args: readonly string[],
  { cwd, env = process.env }: Place = {},
  { code: expected = 0 } = {},
): Promise<Measured> {
  const began = performance.now();
  const child = spawn(command, args, { env, stdio: ["ignore", "pipe", "pipe"], ...(cwd !== undefined && { cwd }) });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (part: Buffer) => {
      output += part.toString();
    });
  const tree = new ProcessTree(child.pid ?? 0);
  const timer = setInterval(() => tree.look(), 100);
  const code = await new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (ended) => resolve(ended ?? 1));
  });
  clearInterval(timer);
  const seconds = (performance.now() - began) / 1000;
  if (code !== expected) throw new Error(`${command} ${args.join(" ")} ended with ${code}:\n${output}`);
  return { seconds, processor: tree.processor, memory: tree.memory, output };
}

/** What Linux says of a process and all that it started, while they live. */
class ProcessTree {
  readonly #root: number;
  /** By process: the most that was seen of it, in hundredths of a second. */
  readonly #ticks = new Map<number, number>();
  #pages = 0;

  constructor(root: number) {
    this.#root = root;
  }

  get processor(): number | undefined {
    if (this.#ticks.size === 0) return undefined;
    return [...this.#ticks.values()].reduce((sum, ticks) => sum + ticks, 0) / 100;
  }

  get memory(): number | undefined {
    return this.#ticks.size === 0 ? undefined : (this.#pages * 4096) / 1024 ** 2;
  }

  look(): void {
    if (process.platform !== "linux") return;
    const all = new Map(readdirSync("/proc").flatMap((name) => (/^\d+$/.test(name) ? statOf(Number(name)) : [])));
    const isOurs = (pid: number): boolean => {
      if (pid === this.#root) return true;
      const parent = all.get(pid)?.parent ?? 0;
      return parent > 1 && isOurs(parent);
    };
    let pages = 0;
    for (const [pid, stat] of all) {
      if (!isOurs(pid)) continue;
      pages += stat.pages;
      this.#ticks.set(pid, stat.ticks);
    }
    this.#pages = Math.max(this.#pages, pages);
  }
}

interface Stat {
  readonly parent: number;
  readonly ticks: number;
  readonly pages: number;
}

/** A line of `/proc/<pid>/stat`; nothing where the process has ended meanwhile. Source: proc_pid_stat(5). */
function statOf(pid: number): (readonly [number, Stat])[] {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = text
      .slice(text.lastIndexOf(")") + 2)
      .split(" ")
      .map(Number);
    const [parent = 0, user = 0, system = 0, pages = 0] = [fields[1], fields[11], fields[12], fields[21]];
    return [[pid, { parent, ticks: user + system, pages }]];
  } catch {
    return [];
  }
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[half] ?? 0) : ((sorted[half - 1] ?? 0) + (sorted[half] ?? 0)) / 2;
}

/** What a table was measured on. A machine that does something else, too, measures that. */
export function machine(): string {
  const [load = 0] = loadavg();
  return `${cpus().length} processors, Node.js ${process.versions.node}, load at the end ${load.toFixed(1)}`;
}
