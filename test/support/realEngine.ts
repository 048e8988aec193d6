import { type ChildProcess, type StdioOptions, spawn, spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { onTestFinished } from "vitest";
import { installedPulumi, pulumiEnvironment } from "../../cli/pulumiCli.ts";
import { packages } from "../../sandbox/cloud/provider.ts";
import type { ResourceState } from "../../sandbox/engine/checkpoint.ts";
import { parseProviderReference, providerType } from "../../sandbox/engine/urn.ts";
import { repository } from "./project.ts";

/** What a command of the CLI printed, and how it ended. */
export interface CliResult {
  readonly code: number;
  readonly output: string;
}

/** The CLI on PATH, or else the command of the npm package: tests send no signal to it. */
function pulumiCommand(): { readonly command: string; readonly args: readonly string[] } {
  const command = installedPulumi();
  if (command !== undefined) return { command, args: [] };
  return { command: process.execPath, args: [createRequire(import.meta.url).resolve("pulumi/run.js")] };
}

/** The real Pulumi CLI over a project, with a local backend of its own. */
export class RealEngine {
  readonly #root: string;
  /** What somebody has set who calls one of the project's commands. */
  readonly callers: NodeJS.ProcessEnv;
  /** What the CLI runs with. */
  readonly environment: NodeJS.ProcessEnv;

  constructor(root: string, environment: Readonly<Record<string, string>> = {}) {
    this.#root = root;
    const backend = join(root, ".backend");
    mkdirSync(backend, { recursive: true });
    this.callers = {
      ...process.env,
      PULUMI_BACKEND_URL: `file://${backend}`,
      PULUMI_CONFIG_PASSPHRASE: "",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      NO_COLOR: "1",
      ...environment,
    };
    this.environment = pulumiEnvironment(this.callers);
  }

  /** Runs a command. It fails here, with what the CLI printed, where the code is not the expected one. */
  run(args: readonly string[], expected: "success" | "failure" | "any" = "success"): CliResult {
    const cli = pulumiCommand();
    const { status, stdout, stderr, error } = spawnSync(cli.command, [...cli.args, ...args, "--non-interactive"], {
      cwd: this.#root,
      env: this.environment,
      encoding: "utf8",
      maxBuffer: 64 * 1024 * 1024,
    });
    const output = `${stdout}${stderr}`;
    if (error !== undefined) throw new Error(`the Pulumi CLI cannot be started: ${error.message}`);
    if (expected !== "any" && (status === 0) !== (expected === "success"))
      throw new Error(`pulumi ${args.join(" ")} ended with ${status}:\n${output}`);
    return { code: status ?? 1, output };
  }

  /** The same, while other things go on. It fails where the command does. */
  async start(args: readonly string[]): Promise<CliResult> {
    const cli = pulumiCommand();
    const child = spawn(cli.command, [...cli.args, ...args, "--non-interactive"], {
      cwd: this.#root,
      env: this.environment,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (part: Buffer) => {
        output += part.toString();
      });
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", resolve);
    });
    if (code !== 0) throw new Error(`pulumi ${args.join(" ")} ended with ${code}:\n${output}`);
    return { code, output };
  }

  /** Deletes everything of a stack, as the README says: protection is lifted by a deployment of its own. */
  tearDown(stack: string): void {
    this.run(["config", "set", "--stack", stack, "virtual-clusters:protect", "false"]);
    this.run(["up", "--stack", stack, "--yes", "--skip-preview"]);
    this.run(["destroy", "--stack", stack, "--yes", "--skip-preview"]);
  }

  /** The resources of the stack's state. */
  export(stack: string): ResourceState[] {
    const { output } = this.run(["stack", "export", "--stack", stack]);
    return (JSON.parse(output.slice(output.indexOf("{"))) as { deployment: { resources: ResourceState[] } }).deployment
      .resources;
  }
}

/** Fails where no CLI can be had, saying why: a check that was not made does not count as passed. */
export function requirePulumi(): string {
  const cli = pulumiCommand();
  const { status, stdout, stderr, error } = spawnSync(cli.command, [...cli.args, "version"], { encoding: "utf8" });
  if (status === 0) return stdout.trim();
  const reason = error?.message ?? stderr.trim();
  throw new Error(
    `these tests need the Pulumi CLI, on PATH or through the npm package 'pulumi', which downloads it: ${reason}`,
  );
}

/** Serves the simulated cloud to the CLI until the test ends; returns what the CLI must find in its environment. */
export async function serveCloud(file: string, { roleDelay = 0 } = {}): Promise<Record<string, string>> {
  const server = await serve("sandbox/cloud/serve.ts", file, repository, String(roleDelay));
  onTestFinished(server.close);
  return server.environment;
}

/** Starts a script that serves providers and prints its port; gives what the CLI must find in its environment. */
export async function serve(script: string, ...args: readonly string[]) {
  const stdio: StdioOptions = ["ignore", "pipe", "inherit"];
  const server: ChildProcess = spawn(process.execPath, [join(repository, script), ...args], { stdio });
  const port = await new Promise<string>((resolve, reject) => {
    if (server.stdout !== null) createInterface({ input: server.stdout }).once("line", resolve);
    server.once("exit", (code) => reject(new Error(`the simulated cloud ended with ${code}`)));
  });
  const environment = { PULUMI_DEBUG_PROVIDERS: packages.map((name) => `${name}:${port}`).join(",") };
  return {
    environment,
    close: () => {
      server.kill();
    },
  };
}

/** What must be the same on both engines: everything but ids that engines make up and the order of dependencies. */
export function comparable(resources: readonly ResourceState[]) {
  const compared = resources.map((state) => ({
    urn: state.urn,
    parent: state.parent,
    id: state.type.startsWith(providerType) ? "made up" : state.id,
    provider: state.provider && parseProviderReference(state.provider).urn,
    dependencies: [...(state.dependencies ?? [])].sort(),
    propertyDependencies: Object.entries(state.propertyDependencies ?? {}).map(([key, urns]) => [
      key,
      [...urns].sort(),
    ]),
    protect: state.protect,
    retainOnDelete: state.retainOnDelete,
    external: state.external,
    ignoreChanges: state.ignoreChanges,
    resourceHooks: state.resourceHooks,
    inputs: state.inputs,
    outputs: state.outputs,
  }));
  return compared.sort((a, b) => a.urn.localeCompare(b.urn));
}
