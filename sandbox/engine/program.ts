import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { compileCache } from "../../model/settings/compileCache.ts";
import { lazySdkOption } from "../../model/settings/lazySdk.ts";
import type { Project } from "../../model/settings/project.ts";
import { Refusal } from "../../model/text/problems.ts";
import { listen } from "./listen.ts";
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
 * monitor that it has registered everything. `environment` is what it finds there beside this process's own. It may be started
 * before there is a monitor.
 */
export type ProgramRunner = (
  project: Project,
  monitor: Monitor | Promise<Monitor>,
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
    const { address, close } = await listen(project, Promise.resolve(monitor));
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
        lazySdkOption,
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
      child.once("exit", (code) => {
        close();
        resolve(code ?? 1);
      });
    });
  };
}

/** A program that is started ahead of its run: to load one takes as long as most runs do. */
export interface StartedProgram {
  /** For the one run of it. */
  readonly program: ProgramRunner;
  /** Has it end where there is no run, and waits for that. */
  readonly leave: () => Promise<void>;
}

/**
 * Starts a program ahead of its run.
 *
 * @param start starts it, for a monitor that there will be
 */
export function startAhead(start: (monitor: Promise<Monitor>) => Promise<number>): StartedProgram {
  const { promise, resolve, reject } = Promise.withResolvers<Monitor>();
  const ended = start(promise);
  // There may be no run, and then nobody asks how it went.
  promise.catch(() => undefined);
  const over = ended.then(
    () => undefined,
    () => undefined,
  );
  return {
    program: async (_, monitor) => {
      resolve(await monitor);
      return ended;
    },
    leave: () => {
      reject(new Error("there is no run"));
      return over;
    },
  };
}
