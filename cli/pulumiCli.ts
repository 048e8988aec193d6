import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { kubeloginEnvironment, stateEnvironment } from "../model/access/kubelogin.ts";
import { compileCache } from "../model/settings/compileCache.ts";
import { lazySdkOption } from "../model/settings/lazySdk.ts";
import { sdkDebugVariable } from "../model/settings/sdkDebug.ts";
import { oneLine } from "../model/text/printable.ts";
import { messageOf, Refusal } from "../model/text/problems.ts";
import { shellCommand } from "../model/text/shell.ts";
import { optionsOf, optionsOfEnvironment, stackOption, takeOptions } from "./pulumiOptions.ts";
import { quietHome } from "./quietHome.ts";

/** A way to start the Pulumi CLI. */
export interface PulumiCli {
  readonly command: string;
  /** The folder of what belongs to it, where that is not on PATH. */
  readonly folder?: string;
}

/** The CLI that is installed; undefined where it is not on PATH. */
export function installedPulumi(path = process.env.PATH ?? ""): string | undefined {
  // What npm puts there is a wrapper, which passes no signal on to the CLI.
  const folders = path.split(delimiter).filter((folder) => !folder.includes("node_modules"));
  return folders.map((folder) => join(folder, "pulumi")).find((file) => existsSync(file));
}

/** What the npm package `pulumi` has to find the CLI by. Source: its lib/resolve.js and lib/download.js. */
interface NpmPackage {
  /** Where the CLI is, which is installed first where it has to be. */
  readonly resolve: (how: { readonly install: (version: string, folder: string) => Promise<void> }) => Promise<string>;
  readonly installCLI: (
    version: string,
    folder: string,
    how: { readonly execScript?: (script: string, args: readonly string[]) => void },
  ) => Promise<void>;
}

/**
 * The CLI on PATH, or else the one that the npm package `pulumi` keeps, which it downloads where it has none. Not through the
 * package's own command: a signal would end that one alone, and the CLI would go on behind it.
 *
 * @throws Refusal where it cannot be downloaded.
 */
export async function findPulumi(path = process.env.PATH ?? ""): Promise<PulumiCli> {
  const installed = installedPulumi(path);
  if (installed !== undefined) return { command: installed };
  // Two may ask at once.
  fromNpm ??= findInNpm().finally(() => {
    fromNpm = undefined;
  });
  return fromNpm;
}

let fromNpm: Promise<PulumiCli> | undefined;

async function findInNpm(): Promise<PulumiCli> {
  const require = createRequire(import.meta.url);
  const { resolve } = require("pulumi/lib/resolve.js") as NpmPackage;
  const { installCLI } = require("pulumi/lib/download.js") as NpmPackage;
  // What it prints is for people: this program's own output may be a report.
  const execScript = (script: string, args: readonly string[]) =>
    void execFileSync("/bin/sh", [script, ...args], { stdio: ["ignore", 2, 2] });
  const how = process.platform === "win32" ? {} : { execScript };
  try {
    const command = await resolve({ install: (version, folder) => installCLI(version, folder, how) });
    return { command, folder: dirname(command) };
  } catch (error) {
    const { cause } = error as Error;
    const why = [error, ...(cause === undefined ? [] : [cause])].map(messageOf).join(": ");
    throw new Refusal(
      `the Pulumi CLI is not on PATH, and cannot be downloaded: ${oneLine(why)}. Install it (pulumi.com/docs/install), and put it on PATH`,
    );
  }
}

/** The CLI's arguments for a run that is about these URNs: exact ones, for `*` in a name would be any text. */
export function targetArguments(urns: readonly string[] = []): string[] {
  return urns.flatMap((urn) => ["--target", urn]);
}

/** Options by which whoever calls the CLI chooses a part of the stack, and what they say of that part. */
const ofPart = /^--(target|exclude)/;

/** The option that makes a run about a part of the stack, the rest being left as it is; undefined where it is about all of it. */
export function partOption(args: readonly string[]): string | undefined {
  return optionsOf(args).find(({ name }) => ofPart.test(name))?.written;
}

/** The option by which the caller chooses what is deployed, or replaced; undefined where that is all that the files ask for. */
export function choosingOption(args: readonly string[]): string | undefined {
  return partOption(args) ?? optionsOf(args).find(({ name }) => name.startsWith("--replace"))?.written;
}

/**
 * The CLI's arguments of a deployment that puts back what has changed in the cloud: of what Pulumi knows of, after a refresh.
 *
 * @throws Refusal where the caller chooses a part: what is inside releases is put back of all of them, and would be held against
 * what no deployment has mended before.
 */
export function mendArguments(args: readonly string[]): string[] {
  const option = choosingOption(args);
  if (option === undefined) return [...takeOptions(args, ["--refresh"]).rest, "--refresh"];
  const stack = stackOption(args);
  const all = shellCommand(["npm", "run", "up", "--", ...(stack === undefined ? [] : ["--stack", stack]), "--mend"]);
  throw new Refusal(`--mend is about all of a stack, and ${oneLine(option)} about a part. All is put back by: ${all}`);
}

/** How the message in the stack's history begins where a run did a part of a deployment: it is none that went well. */
const partOfDeployment = "a part of a deployment";

/** The CLI's arguments that say so, before what the caller says of it. */
function partMessage(args: readonly string[]): string[] {
  const own = takeOptions(args, ["--message"]).options.get("--message");
  return ["--message", own ? `${partOfDeployment}: ${own}` : partOfDeployment];
}

/** True for the message of a run that did a part of a deployment. */
export function tellsOfPart(message: string): boolean {
  return message.startsWith(partOfDeployment);
}

/**
 * The CLI's arguments for one attempt at a deployment. What was confirmed once is not asked again, nor shown: the gates have
 * had a preview. What does not depend on something that failed is deployed.
 *
 * @param args the caller's own: where they choose a part, the history says so
 * @param log where the CLI writes its events
 * @param targets what may differ, where nothing else does
 */
export function upArguments(
  args: readonly string[],
  log: string,
  again: boolean,
  targets: readonly string[] = [],
): string[] {
  const message = partOption(args) === undefined ? [] : partMessage(args);
  const about = [...targetArguments(targets), ...message];
  return ["up", ...args, ...confirmed(args, again), ...goOn(args), ...about, "--event-log", log];
}

const confirmed = (args: readonly string[], before: boolean) =>
  before || takeOptions(args, ["--yes"]).options.get("--yes") === "true" ? ["--yes", "--skip-preview"] : [];

const goOn = (args: readonly string[]) =>
  args.some((arg) => arg.startsWith("--continue-on-error")) ? [] : ["--continue-on-error"];

/**
 * The CLI's arguments for a pass that deletes some resources of a deployment, and does nothing else.
 *
 * @param isConfirmed true where the deployment that it belongs to has been confirmed at the terminal
 */
export function deletionArguments(
  args: readonly string[],
  log: string,
  urns: readonly string[],
  isConfirmed: boolean,
): string[] {
  const about = [...targetArguments(urns), ...partMessage(args)];
  return ["up", ...args, ...confirmed(args, isConfirmed), ...goOn(args), ...about, "--event-log", log];
}

/**
 * What a CLI is started with: this project's Node.js first on PATH, what it has compiled kept, Pulumi's SDK loaded in parts,
 * resources compared in parallel, at least 16 operations at a time, for installing is waiting (the CLI has four for each
 * processor), no provider looked for before the program wants it, less collecting of garbage in the CLI and its providers
 * (docs/performance.md), and for kubelogin the identity that Pulumi's providers use. Of speed, what the caller has set stays.
 */
export function pulumiEnvironment(
  environment: NodeJS.ProcessEnv = process.env,
  { folder }: Partial<PulumiCli> = {},
): NodeJS.ProcessEnv {
  const root = join(import.meta.dirname, "..");
  const own = [join(root, "node_modules", ".bin"), ...(folder === undefined ? [] : [folder])];
  const path = [...own, environment.PATH ?? ""].join(delimiter);
  return {
    PULUMI_PARALLEL_DIFF: "true",
    PULUMI_PARALLEL: String(Math.max(16, 4 * availableParallelism())),
    // The flag's name for a CLI that knows it, since 3.238; others do without.
    PULUMI_OPTION_SKIP_PLUGIN_PRE_INSTALL: "true",
    GOGC: "400",
    NODE_COMPILE_CACHE: compileCache(root),
    ...environment,
    ...kubeloginEnvironment(environment),
    ...stateEnvironment(environment),
    NODE_OPTIONS: [environment.NODE_OPTIONS ?? "", lazySdkOption].join(" ").trim(),
    PATH: path,
  };
}

/**
 * What the CLI is started with for a command.
 *
 * @param cwd the folder that it is started in
 */
export function commandEnvironment(
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
  { cli, cwd = process.cwd() }: { readonly cli: PulumiCli; readonly cwd?: string },
): NodeJS.ProcessEnv {
  const given = pulumiEnvironment(environment, cli);
  return { ...given, ...quietHome(args, given, cwd) };
}

/** Whether the CLI shows messages for debugging: as it reads its flags, by the environment where no option says it. */
function asksForDebug(args: readonly string[]): boolean {
  const given = [...optionsOfEnvironment(process.env), ...optionsOf(args)].filter(({ name }) => name === "--debug");
  return /^(1|t|true)$/i.test(given.at(-1)?.value ?? "");
}

/** The exit code of what Ctrl-C ended, as shells give it. */
export const interrupted = 130;

/**
 * Runs the CLI in this terminal; its exit code. A signal that comes while nothing runs reaches no CLI: none is started after it.
 */
export async function runPulumi(
  args: readonly string[],
  signal: AbortSignal,
  environment: NodeJS.ProcessEnv = {},
): Promise<number> {
  const cli = await findPulumi();
  if (signal.aborted) return interrupted;
  const shown = asksForDebug(args) ? { [sdkDebugVariable]: "true" } : {};
  const env = commandEnvironment(args, { ...process.env, ...environment, ...shown }, { cli });
  const [code] = (await once(spawn(cli.command, [...args], { stdio: "inherit", env }), "exit")) as [number | null];
  return code ?? 1;
}
