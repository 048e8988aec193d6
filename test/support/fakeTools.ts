import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** What a tool answers, by its arguments: a text, something to print as JSON, or what it fails with and prints all the same. */
export type Replies = Readonly<Record<string, string | object | { readonly fails: string; readonly prints?: string }>>;

/**
 * Puts tools into a folder that answer as they are told, and fail for everything else.
 *
 * @returns the folder, to be all of PATH
 */
export function fakeTools(root: string, tools: Readonly<Record<string, Replies>>): string {
  const folder = join(root, "bin");
  mkdirSync(folder);
  for (const [name, replies] of Object.entries(tools)) {
    const cases = Object.entries(replies).map(([args, reply]) => `${quoted(args)}) ${answer(reply)} ;;`);
    const unknown = `*) echo ${quoted(`${name} does not know:`)} "$*" >&2; exit 1 ;;`;
    const script = ["#!/bin/sh", 'case "$*" in', ...cases, unknown, "esac", ""].join("\n");
    writeFileSync(join(folder, name), script, { mode: 0o755 });
  }
  return folder;
}

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
