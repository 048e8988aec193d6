import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { valuesChecks } from "../model/chartSchema.ts";
import { readProject } from "../model/project.ts";
import { readRequest } from "../model/rights.ts";
import { type Answer, canI, type Place } from "./canI.ts";
import { Cloud } from "./cloud/cloud.ts";
import { objectIdOf } from "./cloud/entra.ts";
import { cloudProviders } from "./cloud/provider.ts";
import { type Command, type RunOptions, type RunResult, run } from "./engine/run.ts";

/** Where the sandbox keeps a stack: its state and its cloud, apart from each other and from every other stack. */
export interface StackFiles {
  readonly folder: string;
  readonly state: string;
  readonly cloud: string;
}

export interface SandboxOptions extends Pick<RunOptions, "signal" | "onStep" | "onMessage"> {
  readonly command: Command;
  /** The project's folder. */
  readonly root: string;
  readonly stack: string;
}

/** The files of a stack below the project's root; git ignores them. */
export function stackFiles(root: string, stack: string): StackFiles {
  const folder = join(root, ".sandbox", stack);
  return { folder, state: join(folder, "state.json"), cloud: join(folder, "cloud.json") };
}

/**
 * Runs the project's unmodified program on the embedded engine and the simulated cloud.
 *
 * @throws Error where the project or the stack's settings file cannot be read.
 */
export async function runSandbox({ command, root, stack, ...callbacks }: SandboxOptions): Promise<RunResult> {
  const project = readProject(root, stack);
  const files = stackFiles(root, stack);
  const unlock = command === "preview" ? () => undefined : lock(files.folder, stack);
  try {
    const result = await run({
      command,
      project,
      stateFile: files.state,
      passphrase: process.env.PULUMI_CONFIG_PASSPHRASE ?? "",
      providers: cloudProviders(new Cloud(files.cloud), valuesChecks(root)),
      ...callbacks,
    });
    if (command === "destroy" && result.ok) rmSync(files.folder, { recursive: true, force: true });
    return result;
  } finally {
    unlock();
  }
}

/**
 * Keeps a stack to one run at a time; a lock that a killed run left behind is taken over. Returns what gives it back.
 *
 * @throws Error where another run is under way.
 */
function lock(folder: string, stack: string): () => void {
  const file = join(folder, "lock");
  mkdirSync(folder, { recursive: true });
  const holder = existsSync(file) ? Number(readFileSync(file, "utf8")) : 0;
  if (holder !== process.pid && isRunning(holder)) {
    throw new Error(
      `another run of stack '${stack}' is under way on the sandbox (process ${holder}); wait for its end`,
    );
  }
  rmSync(file, { force: true });
  // Fails where a third run was quicker.
  writeFileSync(file, String(process.pid), { flag: "wx" });
  return () => rmSync(file, { force: true });
}

function isRunning(pid: number): boolean {
  try {
    // Signal 0 asks only whether there is such a process.
    return pid > 0 && process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** A question about somebody's rights on a stack that is deployed on the sandbox. */
export interface RightsQuestion {
  readonly root: string;
  readonly stack: string;
  /** A name of the sandbox's directory, or an object id. */
  readonly who: string;
  readonly verb: string;
  readonly resource: string;
  readonly place: Place;
}

/**
 * Says whether somebody could do something, and why.
 *
 * @throws Error where the stack is not deployed, or there is no such person or tenant.
 */
export function askSandbox({ root, stack, who, verb, resource, place }: RightsQuestion): Answer {
  const { cloud } = stackFiles(root, stack);
  if (!existsSync(cloud)) {
    throw new Error(`stack '${stack}' is not deployed on the sandbox: npm run sandbox -- up --stack ${stack}`);
  }
  const objectId = objectIdOf(who);
  if (objectId === undefined) {
    throw new Error(`Entra ID does not know '${who}'. On the sandbox it knows those of sandbox/directory.yaml`);
  }
  return canI(new Cloud(cloud), { name: who, objectId }, readRequest(verb, resource), place);
}
