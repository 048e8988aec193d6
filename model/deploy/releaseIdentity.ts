import type { Tenant } from "../tenant/tenantSchema.ts";

/** What a deployed release's values say of the virtual cluster that runs. */
export interface ReleaseIdentity {
  /** The Kubernetes minor, such as "1.35". */
  readonly kubernetes: string;
  readonly store: Tenant["store"];
}

interface DeployedValues {
  readonly controlPlane?: {
    readonly distro?: { readonly k8s?: { readonly image?: { readonly tag?: unknown } } };
    readonly backingStore?: { readonly etcd?: { readonly deploy?: { readonly enabled?: unknown } } };
  };
}

/** Reads that from the inputs of a deployed release (see `chartValues.ts`); undefined where they do not say it. */
export function releaseIdentity(inputs: unknown): ReleaseIdentity | undefined {
  const { values } = (inputs ?? {}) as { values?: DeployedValues };
  const { distro, backingStore } = values?.controlPlane ?? {};
  const [, kubernetes] = /^v?(\d+\.\d+)\./.exec(String(distro?.k8s?.image?.tag)) ?? [];
  if (kubernetes === undefined || backingStore === undefined) return undefined;
  return { kubernetes, store: backingStore.etcd?.deploy?.enabled === true ? "etcd" : "sqlite" };
}
