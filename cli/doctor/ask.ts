import { execFile } from "node:child_process";

/** What a program answered. */
export interface Reply {
  readonly ok: boolean;
  readonly stdout: string;
  /** All that it wrote of errors: the Azure CLI names their code in the first of several lines. */
  readonly stderr: string;
  /** Why it failed, in the last line that it wrote; empty where it did not. */
  readonly reason: string;
  /** False where there is no such program. */
  readonly installed: boolean;
}

/** Milliseconds that a program may take: the Azure CLI asks the network, and the Pulumi CLI may be downloaded first. */
const timeout = 120_000;

/** Runs a program without a terminal and waits for its end. It never throws: a failure is an answer too. */
export function ask(command: string, args: readonly string[], environment = process.env): Promise<Reply> {
  return new Promise((resolve) => {
    execFile(command, args, { env: environment, timeout, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      const missing = error?.code === "ENOENT";
      const said = `${stdout}\n${stderr}`.split("\n").filter((line) => line.trim() !== "");
      const last = error?.killed ? `no answer in ${timeout / 1000} s` : (said.at(-1)?.trim() ?? error?.message ?? "");
      resolve({
        ok: error === null,
        stdout,
        stderr,
        reason: error === null ? "" : missing ? "not on PATH" : last.replace(/^error: /i, ""),
        installed: !missing,
      });
    });
  });
}

/** The JSON that a program printed; undefined where it is none. */
export function json<T>({ ok, stdout }: Pick<Reply, "ok" | "stdout">): T | undefined {
  if (!ok) return undefined;
  try {
    return (JSON.parse(stdout) as T | null) ?? undefined;
  } catch {
    return undefined;
  }
}
