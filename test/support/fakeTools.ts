import childProcess from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { basename, delimiter, dirname, join } from "node:path";
import { TestProject } from "./project.ts";

/** What a tool answers, by its arguments: a text, something to print as JSON, or what it fails with and prints all the same. */
export type Replies = Readonly<Record<string, string | object | { readonly fails: string; readonly prints?: string }>>;

/** The tools of each folder that answer in this process. */
const known = new Map<string, Readonly<Record<string, Replies>>>();

/**
 * Puts tools into a folder that answer as they are told, and fail for everything else. Where they are asked by `execFile` or
 * `spawnSync`, no process is started for the answer: that takes longer than all else that is asked for.
 *
 * @param apart whether they are processes for everybody
 * @returns the folder, to be all of PATH
 */
export function fakeTools(
  root: string,
  tools: Readonly<Record<string, Replies>>,
  { apart = false }: { readonly apart?: boolean } = {},
): string {
  const folder = join(root, "bin");
  if (!apart) {
    known.set(folder, tools);
    answerHere();
  }
  mkdirSync(folder);
  for (const [name, replies] of Object.entries(tools)) {
    const cases = Object.entries(replies).map(([args, reply]) => `${quoted(args)}) ${answer(reply)} ;;`);
    const unknown = `*) echo ${quoted(`${name} does not know:`)} "$*" >&2; exit 1 ;;`;
    const script = ["#!/bin/sh", 'case "$*" in', ...cases, unknown, "esac", ""].join("\n");
    writeFileSync(join(folder, name), script, { mode: 0o755 });
  }
  return folder;
}

/** Asks with these tools alone on PATH. */
export async function withTools<T>(tools: Readonly<Record<string, Replies>>, ask: () => Promise<T>): Promise<T> {
  const before = process.env.PATH;
  process.env.PATH = fakeTools(new TestProject({}).root, tools);
  try {
    return await ask();
  } finally {
    process.env.PATH = before;
  }
}

interface Answer {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly error?: NodeJS.ErrnoException;
}

/** What a tool answers, as its script would; undefined where it is no tool of these folders. */
function answerOf(command: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): Answer | undefined {
  const path = (env.PATH ?? "").split(delimiter);
  const folder = command === basename(command) ? path[0] : dirname(command);
  const tools = known.get(folder ?? "");
  if (tools === undefined) return undefined;
  const name = basename(command);
  const replies = tools[name];
  if (replies === undefined) {
    if (path.length > 1) return undefined;
    const error = Object.assign(new Error(`spawn ${command} ENOENT`), { code: "ENOENT" });
    return { status: -1, stdout: "", stderr: "", error };
  }
  const asked = args.join(" ");
  const reply = Object.hasOwn(replies, asked) ? replies[asked] : undefined;
  if (reply === undefined) return { status: 1, stdout: "", stderr: `${name} does not know: ${asked}\n` };
  if (typeof reply === "string") return { status: 0, stdout: `${reply}\n`, stderr: "" };
  if (!("fails" in reply)) return { status: 0, stdout: `${JSON.stringify(reply)}\n`, stderr: "" };
  const { fails, prints = "" } = reply as { fails: string; prints?: string };
  return { status: 1, stdout: `${prints}\n`, stderr: `${fails}\n` };
}

type Options = { readonly env?: NodeJS.ProcessEnv } | undefined;
type Told = (error: Error | null, stdout: string, stderr: string) => void;

/** Has the tools that are known answer in this process; all else is started as ever. */
function answerHere(): void {
  if (isAnswering) return;
  isAnswering = true;
  const { execFile, spawnSync } = childProcess as unknown as Record<string, (...args: unknown[]) => unknown>;
  const here = {
    execFile: (command: string, args: readonly string[], options: Options, told: Told) => {
      const answer = answerOf(command, args, options?.env);
      if (answer === undefined) return execFile?.(command, args, options, told);
      const { status, stdout, stderr, error = Object.assign(new Error("Command failed"), { code: status }) } = answer;
      setImmediate(() => told(status === 0 ? null : error, stdout, stderr));
    },
    spawnSync: (command: string, args: readonly string[], options: Options) =>
      answerOf(command, args, options?.env) ?? spawnSync?.(command, args, options),
  };
  Object.assign(childProcess, here);
  syncBuiltinESMExports();
}
let isAnswering = false;

const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

/** The commands of a shell that answer: a process of Node.js for each question would take most of the tests' time. */
function answer(reply: Replies[string]): string {
  const print = (text: string) => `printf '%s\\n' ${quoted(text)}`;
  if (typeof reply === "string") return print(reply);
  if (!("fails" in reply)) return print(JSON.stringify(reply));
  const { fails, prints = "" } = reply as { fails: string; prints?: string };
  return `${print(prints)}; ${print(fails)} >&2; exit 1`;
}

/** What kubectl answers about an exposed virtual cluster: its address, and the certificate authority that it published. */
export function hostReplies(name: string, namespace: string, ip: string, authority: string): Replies {
  const annotations = {
    "vcluster.loft.sh/object-name": "kube-root-ca.crt",
    "vcluster.loft.sh/object-namespace": "kube-system",
  };
  const items = [
    { metadata: {}, data: { "ca.crt": "of another" } },
    { metadata: { annotations }, data: { "ca.crt": authority } },
  ];
  return {
    [`--namespace ${namespace} get service ${name} --output json`]: { status: { loadBalancer: { ingress: [{ ip }] } } },
    [`--namespace ${namespace} get configmaps --selector vcluster.loft.sh/managed-by=${name} --output json`]: { items },
  };
}
