import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { text } from "node:stream/consumers";

/** A cluster as kubectl finds it; what is left out or empty is the caller's own default. */
export interface KubectlTarget {
  readonly context?: string;
  readonly kubeconfig?: string;
}

/**
 * The flags of kubectl that name a cluster.
 *
 * @param root the project's folder: a kubeconfig's path begins there, as it does for Pulumi's provider
 */
export function clusterFlags(root: string, { context = "", kubeconfig = "" }: KubectlTarget): string[] {
  const file = kubeconfig === "" ? "" : resolve(root, kubeconfig);
  return Object.entries({ context, kubeconfig: file }).flatMap(([flag, value]) =>
    value === "" ? [] : [`--${flag}`, value],
  );
}

/** The same flags, as Helm calls them. */
export function helmFlags(flags: readonly string[]): string[] {
  return flags.map((flag) => (flag === "--context" ? "--kube-context" : flag));
}

/** What kubectl or Helm answered. */
export interface KubectlReply {
  readonly ok: boolean;
  readonly stdout: string;
  readonly stderr: string;
  /** False where there is no such program. */
  readonly installed: boolean;
}

/** Runs kubectl on a cluster, with a text as its input. */
export type Kubectl = (args: readonly string[], input?: string) => Promise<KubectlReply>;

/** Runs Helm on a cluster. */
export type Helm = (args: readonly string[]) => Promise<KubectlReply>;

/**
 * Works with kubectl, and Helm, on a cluster.
 *
 * @param cluster its kubeconfig is a path, as settings name it, or a whole one, as the state of an Azure stack has it: that
 * names the program that signs in, and holds no credential
 * @param environment what they, and whoever signs in for them, are started with
 */
export async function withKubectl<T>(
  root: string,
  { kubeconfig = "", ...target }: KubectlTarget,
  environment: NodeJS.ProcessEnv,
  work: (kubectl: Kubectl, helm: Helm) => Promise<T>,
): Promise<T> {
  const workOn = (file: string) => {
    const flags = clusterFlags(root, { ...target, kubeconfig: file });
    const kubectl = [...flags, "--request-timeout", "30s"];
    return work(
      (args, input) => run("kubectl", [...kubectl, ...args], { environment, input }),
      (args) => run("helm", [...helmFlags(flags), ...args], { environment: withoutHelms(environment) }),
    );
  };
  if (!kubeconfig.includes("\n")) return workOn(kubeconfig);
  const folder = mkdtempSync(join(tmpdir(), "kubeconfig-"));
  try {
    const file = join(folder, "config");
    writeFileSync(file, kubeconfig, { mode: 0o600 });
    return await workOn(file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Helm reads of another cluster, and of another place for its records, what kubectl does not. */
export function withoutHelms(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !/^HELM_(KUBE|DRIVER)/.test(name)));
}

async function run(
  program: "kubectl" | "helm",
  args: readonly string[],
  { environment: env, input = "" }: { readonly environment: NodeJS.ProcessEnv; readonly input?: string | undefined },
): Promise<KubectlReply> {
  const child = spawn(program, [...args], { env });
  const ended = new Promise<{ code: number | null; missing: boolean }>((resolve) => {
    child.once("error", (error: NodeJS.ErrnoException) => resolve({ code: null, missing: error.code === "ENOENT" }));
    child.once("close", (code) => resolve({ code, missing: false }));
  });
  // Where it ends before it has read everything, its own words say why.
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  const [stdout, stderr, { code, missing }] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { ok: code === 0, stdout, stderr, installed: !missing };
}
