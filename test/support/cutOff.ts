import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { findPulumi } from "../../cli/pulumiCli.ts";

/** Deploys with the real CLI, and kills it with all that it started, as a machine that goes down does. */
export async function cutOff(
  { root, stack, env }: { readonly root: string; readonly stack: string; readonly env: NodeJS.ProcessEnv },
  when: () => Promise<boolean>,
): Promise<{ readonly killed: boolean; readonly output: string }> {
  const cli = await findPulumi();
  const args = ["up", "--stack", stack, "--yes", "--skip-preview", "--non-interactive"];
  const child = spawn(cli.command, args, { cwd: root, env, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (part: Buffer) => {
      output += part.toString();
    });
  let ended = false;
  const end = once(child, "close").then(() => {
    ended = true;
  });
  while (!ended && !(await when())) await sleep(20);
  const killed = !ended;
  if (killed) killTree(child.pid ?? 0);
  await end;
  return { killed, output };
}

/** Ends a process and those that it started, at once. */
function killTree(pid: number): void {
  const { stdout } = spawnSync("ps", ["-e", "-o", "pid=,ppid="], { encoding: "utf8" });
  const processes = stdout.split("\n").map((line) => line.trim().split(/\s+/).map(Number));
  const below = (parent: number): number[] =>
    processes.flatMap(([one = 0, of]) => (of === parent ? [one, ...below(one)] : []));
  for (const one of [pid, ...below(pid)]) {
    try {
      process.kill(one, "SIGKILL");
    } catch {
      // It has ended by itself.
    }
  }
}
