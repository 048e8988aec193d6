import { type ChildProcess, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { compileCache, type Project } from "../../model/settings/project.ts";

/** The organization that Pulumi's self-managed backends give every stack. */
const organization = "organization";

/** Starts a project's program as Pulumi's Node.js language host does. */
export function startProgram(
  project: Project,
  address: string,
  dryRun: boolean,
  onOutput: (line: string) => void,
): ChildProcess {
  const host = createRequire(join(project.root, "package.json")).resolve("@pulumi/pulumi/cmd/run/index.js");
  const options = {
    monitor: address,
    engine: address,
    organization,
    project: project.name,
    "root-directory": project.root,
    stack: project.stack,
    pwd: project.root,
    parallel: "16",
  };
  const child = spawn(
    process.execPath,
    [
      ...project.nodeArguments,
      host,
      ...Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]),
      ...(dryRun ? ["--dry-run"] : []),
      project.main,
    ],
    {
      cwd: project.root,
      env: {
        NODE_COMPILE_CACHE: compileCache(project.root),
        ...process.env,
        PULUMI_CONFIG: JSON.stringify(project.config),
        PULUMI_CONFIG_SECRET_KEYS: "[]",
      },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  for (const stream of [child.stdout, child.stderr]) {
    if (stream !== null) createInterface({ input: stream }).on("line", onOutput);
  }
  return child;
}

/** Resolves to the exit code of a process. A process that was killed counts as failed. */
export function exitOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve) => {
    child.once("exit", (code) => resolve(code ?? 1));
  });
}
