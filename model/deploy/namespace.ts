import type { Tenant } from "../tenant/tenantSchema.ts";

const label = "virtual-clusters/tenant";
const annotation = (name: string) => `virtual-clusters/${name}`;

/**
 * The metadata of a tenant's namespace on the host. It says whose the namespace is, for people and for the guards, which
 * compare it with the tenant's file.
 */
export function namespaceMetadata({ name, namespace, owner, purpose }: Tenant) {
  return {
    name: namespace,
    labels: { [label]: name, "pod-security.kubernetes.io/enforce": "baseline" },
    annotations: {
      [annotation("owner")]: owner,
      [annotation("purpose")]: purpose,
      // What the file asks for: the name above is kept, so that a change of it is an update that the guards refuse,
      // and not a replacement.
      [annotation("namespace")]: namespace,
    },
  };
}

/** What a namespace that is deployed says of the tenant that it belongs to. */
export interface NamespaceIdentity {
  readonly namespace: string;
  readonly owner: string;
}

/** Reads that from the inputs of a deployed namespace; undefined where they do not say it. */
export function namespaceIdentity(inputs: unknown): NamespaceIdentity | undefined {
  const { metadata } = (inputs ?? {}) as { metadata?: { name?: unknown; annotations?: Record<string, unknown> } };
  const [namespace, owner] = [metadata?.name, metadata?.annotations?.[annotation("owner")]];
  return typeof namespace === "string" && typeof owner === "string" ? { namespace, owner } : undefined;
}
