/** A cluster as kubectl finds it; what is left out or empty is the caller's own default. */
export interface KubectlTarget {
  readonly context?: string;
  readonly kubeconfig?: string;
}

/** The flags of kubectl that name a cluster. */
export function clusterFlags({ context = "", kubeconfig = "" }: KubectlTarget): string[] {
  return Object.entries({ context, kubeconfig }).flatMap(([flag, value]) => (value === "" ? [] : [`--${flag}`, value]));
}
