import { resolve } from "node:path";

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
