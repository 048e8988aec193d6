import { spawn } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { format } from "node:util";
import { vi } from "vitest";
import { runners } from "../../sandbox/engine/program.ts";
import { repository } from "./frame.ts";
import { runInProcess } from "./inProcess.ts";

/** What a command printed, and how it ended. */
export interface Printed {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Where a command runs; by default a folder that is no project, with the environment of the tests. */
export interface Place {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Whether the Pulumi program has processes of its own all the same. */
  readonly apart?: boolean;
}

/** Runs one of the project's commands without a terminal, as npm does. */
export function spawnCommand(
  file: string,
  args: readonly string[],
  { cwd = tmpdir(), env = process.env }: Place = {},
): Promise<Printed> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join(repository, file), ...args], { cwd, env });
    const output = { stdout: "", stderr: "" };
    for (const stream of ["stdout", "stderr"] as const) {
      child[stream].on("data", (part: Buffer) => {
        output[stream] += part.toString();
      });
    }
    child.on("close", (code) => resolve({ code, ...output }));
  });
}

let runs = 0;

/** What a process leaves behind when it ends, and its place in a test's process must not. */
const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
const listeners = () => [
  ...signals.map((event) => ({ emitter: process as NodeJS.EventEmitter, event: event as string })),
  ...[process.stdout, process.stderr].map((emitter) => ({ emitter, event: "error" })),
];

/**
 * Runs one of the commands of `cli/` or the sandbox's in this process, and the program with it: a process for each would be
 * most of the tests' time. Only what a process has of its own is put in its place: arguments, folder, environment, output,
 * exit code, and that nothing happens after `process.exit()`.
 */
export async function runCommand(
  file: string,
  args: readonly string[],
  { cwd = tmpdir(), env = process.env, apart = false }: Place = {},
): Promise<Printed> {
  const output = { stdout: "", stderr: "" };
  const before = { argv: process.argv, cwd: process.cwd(), env: process.env, exitCode: process.exitCode };
  const listening = listeners().map((one) => ({ ...one, known: one.emitter.rawListeners(one.event) }));
  let ended: number | undefined;
  const add = (to: keyof typeof output, text: string) => {
    if (ended === undefined) output[to] += text;
  };
  const write = (to: keyof typeof output) => (text: string | Uint8Array) => {
    add(to, typeof text === "string" ? text : Buffer.from(text).toString());
    return true;
  };
  const print =
    (to: keyof typeof output) =>
    (...words: unknown[]) =>
      add(to, `${format(...words)}\n`);
  const spies = [
    vi.spyOn(process.stdout, "write").mockImplementation(write("stdout")),
    vi.spyOn(process.stderr, "write").mockImplementation(write("stderr")),
    vi.spyOn(console, "log").mockImplementation(print("stdout")),
    vi.spyOn(console, "error").mockImplementation(print("stderr")),
    vi.spyOn(process, "exit").mockImplementation((code) => {
      ended ??= Number(code ?? process.exitCode ?? 0);
      throw new Error("the process has ended");
    }),
    ...(apart ? [] : [vi.spyOn(runners, "runWith").mockReturnValue(runInProcess)]),
  ];
  try {
    process.argv = [process.execPath, join(repository, file), ...args];
    process.env = { ...env };
    process.exitCode = undefined;
    process.chdir(cwd);
    await import(`${pathToFileURL(join(repository, file)).href}?run=${++runs}`).catch((error: unknown) => {
      if (ended === undefined) throw error;
    });
    return { code: ended ?? Number(process.exitCode ?? 0), ...output };
  } finally {
    for (const spy of spies) spy.mockRestore();
    process.argv = before.argv;
    process.env = before.env;
    process.exitCode = before.exitCode;
    process.chdir(before.cwd);
    for (const { emitter, event, known } of listening) {
      for (const listener of emitter.rawListeners(event)) {
        if (!known.includes(listener)) emitter.removeListener(event, listener as () => void);
      }
    }
  }
}
