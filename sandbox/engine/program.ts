import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { compileCache } from "../../model/settings/compileCache.ts";
import type { Project } from "../../model/settings/project.ts";
import { Refusal } from "../../model/text/problems.ts";
import type { Monitor } from "./monitor.ts";

/** The organization that Pulumi's self-managed backends give every stack. */
const organization = "organization";

/**
 * What Pulumi's SDK starts a program with, from the project's own packages.
 *
 * @throws Refusal where they are not installed.
 */
function sdkOf(root: string): string {
  try {
    return createRequire(join(root, "package.json")).resolve("@pulumi/pulumi/cmd/run/index.js");
  } catch {
    throw new Refusal(`${root} has no packages: npm ci there first`);
  }
}

/**
 * Runs a project's program against a monitor, and resolves to its exit code. Only a program that ends well has told the
 * monitor that it has registered everything. `environment` is what it finds there beside this process's own.
 */
export type ProgramRunner = (
  project: Project,
  monitor: Monitor,
  dryRun: boolean,
  onOutput: (line: string) => void,
  environment?: Readonly<Record<string, string>>,
) => Promise<number>;

/** How programs are run where nobody says how: a process for each. What it holds is what tests replace. */
export const runners = { runWith };

/** Runs a program as Pulumi's Node.js language host does: in a process of its own. One that is killed has failed. */
export const runAsChild: ProgramRunner = (...program) => runners.runWith(process.execPath)(...program);

/** The same with another Node.js. */
function runWith(node: string): ProgramRunner {
  return async (project, monitor, dryRun, onOutput, environment = {}) => {
    const host = sdkOf(project.root);
    const address = await monitor.listen();
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
      node,
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
          ...environment,
          PULUMI_CONFIG: JSON.stringify(project.config),
          PULUMI_CONFIG_SECRET_KEYS: "[]",
        },
        stdio: ["ignore", "pipe", "pipe"],
      },
    );
    for (const stream of [child.stdout, child.stderr]) {
      if (stream !== null) createInterface({ input: stream }).on("line", onOutput);
    }
    return new Promise((resolve) => {
      child.once("exit", (code) => resolve(code ?? 1));
    });
  };
}
