import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { recoveryAdvice } from "../model/recovery/errors.ts";
import { Refusal } from "../model/text/problems.ts";
import { commandEnvironment, findPulumi } from "./pulumiCli.ts";

/** How the real engine is asked. */
export interface AskOptions {
  /** The project's folder. */
  readonly root: string;
  /** What the CLI finds in its environment, beside what this program gives it. */
  readonly environment?: NodeJS.ProcessEnv;
}

/** What a command of the CLI answered. */
export interface Answer {
  /** The command, for messages. */
  readonly command: string;
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command of the Pulumi CLI, and gives what it printed. */
export async function askPulumi(args: readonly string[], { root, environment }: AskOptions): Promise<Answer> {
  const all = { ...process.env, ...environment };
  const cli = await findPulumi(all.PATH);
  // Without the stream, a preview of a refresh does not say what has changed.
  const streaming = args[0] === "refresh" ? { PULUMI_ENABLE_STREAMING_JSON_PREVIEW: "true" } : {};
  const child = spawn(cli.command, [...args, "--non-interactive", "--color", "never"], {
    cwd: root,
    env: commandEnvironment(args, { ...all, ...streaming }, { cli, cwd: root }),
    stdio: ["inherit", "pipe", "pipe"],
  });
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close") as Promise<[number | null]>,
  ]);
  return { command: `pulumi ${withoutTargets(args).join(" ")}`, code: code ?? 1, stdout, stderr };
}

/** @throws Refusal with what it said, where it did not end well. */
export function mustSucceed(answer: Answer): Answer {
  const { command, code, stdout, stderr } = answer;
  if (code === 0) return answer;
  const why = stderr.trim() || lastLines(stdout);
  const [, stack] = / --stack (\S+)/.exec(command) ?? [];
  const isMissing = stack !== undefined && why.includes("no stack named");
  const advice = isMissing ? `npx pulumi stack init ${stack} makes it` : stack && recoveryAdvice([why], stack);
  throw new Refusal([`'${command}' ended with ${code}: ${why}`, ...(advice ? [advice] : [])].join("\n"));
}

/** A command as it is told: targets are this program's own, and many. */
function withoutTargets(args: readonly string[]): string[] {
  return args.filter((arg, i) => arg !== "--target" && args[i - 1] !== "--target");
}

function lastLines(output: string): string {
  return output.trim().split("\n").slice(-5).join("\n");
}

/** What is deployed, as `pulumi stack export` says, and the stack's history, with its last run alone. */
export type Deployed = readonly [exported: Answer, history: Answer];

/** Asks for both at once. */
export function askDeployed(stack: string, options: AskOptions): Promise<Deployed> {
  return Promise.all([
    askPulumi(["stack", "export", "--stack", stack], options),
    askPulumi(["stack", "history", "--json", "--page-size", "1", "--stack", stack], options),
  ]);
}

/** The organization and the project that the CLI names for stacks that are kept in files, where it could mean no other. */
const ofFiles = /^organization\/[^/]+\//;

/**
 * The stack that the CLI has selected, by a name that means no other: with its organization, where the place has such.
 *
 * @throws Refusal where it has none.
 */
export async function selectedStack(options: AskOptions): Promise<string> {
  const asked = ["stack", "--show-name", "--fully-qualify-stack-names"];
  return mustSucceed(await askPulumi(asked, options))
    .stdout.trim()
    .replace(ofFiles, "");
}
