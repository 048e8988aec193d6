import { spawnSync } from "node:child_process";

/** Runs `kubectl` on the cluster that KUBECONFIG points at, and gives what it printed. @throws Error with its own words. */
export function kubectl(...args: string[]): string {
  const { status, stdout, stderr, error } = spawnSync("kubectl", args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`kubectl ${args.join(" ")}: ${error?.message ?? stderr}`);
  return stdout;
}
