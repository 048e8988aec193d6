import { execFileSync } from "node:child_process";
import { existsSync, globSync, readFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { elapsed, type Lock } from "../model/recovery/lock.ts";
import type { HeldLock } from "../model/recovery/situation.ts";
import { json } from "./doctor/ask.ts";
import { type StackName, stateFolder } from "./stateFolder.ts";

const lockSchema = z.object({ pid: z.int(), username: z.string(), hostname: z.string(), timestamp: z.coerce.date() });

/**
 * Who holds a stack, where its state is kept in a folder.
 *
 * @param url where the CLI says that it keeps the state; undefined where it does not say
 * @param root the project's folder
 */
export function locksInFolder(url: string | undefined, root: string, { project, stack }: StackName): HeldLock[] {
  const state = url && stateFolder(url, root);
  if (!state) return [];
  const folder = join(state, ".pulumi/locks");
  if (!existsSync(folder)) return [];
  return globSync(`*/${project}/${stack}/*.json`, { cwd: folder }).flatMap((file): HeldLock[] => {
    const lock = lockSchema.safeParse(json({ ok: true, stdout: readFileSync(join(folder, file), "utf8") })).data;
    if (lock === undefined) return [];
    const { username: user, hostname: host, pid, timestamp: since } = lock;
    const found: Lock = { holder: { user, host, pid, since }, isLocal: true };
    return [{ ...found, alive: isAlive(found) }];
  });
}

/** Whether the process that took a lock still runs; undefined where only another machine could tell. */
export function isAlive({ holder }: Lock): boolean | undefined {
  if (holder?.host !== hostname()) return undefined;
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    // A process of somebody else's is one, too.
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  // After a restart of the machine, or long enough, another process has its number.
  const seconds = runningFor(holder.pid);
  return seconds === undefined || Date.now() - seconds * 1000 <= holder.since.getTime() + tolerance;
}

/** Milliseconds by which a process may seem to have begun after it took a lock: both are told in seconds. */
const tolerance = 2000;

/** How many seconds a process has run; undefined where nothing tells. */
function runningFor(pid: number): number | undefined {
  try {
    return elapsed(execFileSync("ps", ["-o", "etime=", "-p", String(pid)], { encoding: "utf8", stdio: "pipe" }));
  } catch {
    return undefined;
  }
}
