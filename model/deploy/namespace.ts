import type { PodSecurity } from "../facts/podSecurityStandards.ts";
import type { Tenant } from "../tenant/tenantSchema.ts";
import { type Address, loadBalancerAnnotations } from "./address.ts";

/** The label that says whose a namespace is; its value is the tenant's name, which is its release's too. */
export const tenantLabel = "virtual-clusters/tenant";

/** The label that says which stack's guard judges a namespace: see {@link guardName}. */
export const stackLabel = "virtual-clusters/stack";

const annotation = (name: string) => `virtual-clusters/${name}`;

/** Where a namespace says who owns its tenant. */
export const ownerAnnotation = annotation("owner");

/** Where a namespace says what its tenant's file exposes: the guard of the host holds Services against it. */
export const exposeAnnotation = annotation("expose");

/** Where it says what the load balancer is asked for, as `<annotation>=<value>` with commas between them. */
export const loadBalancerAnnotation = annotation("load-balancer");

/** Where it says which ranges may reach the virtual cluster, with commas between them; for `public` alone. */
export const allowedCidrsAnnotation = annotation("allowed-cidrs");

/**
 * What a stack's guard of the host is called: the start of its policies' names, and the value of {@link stackLabel}.
 * Project and stack are in it, so that two stacks on one cluster have a guard each, and neither judges the other's
 * tenants. A label's value has at most 63 characters.
 *
 * @example guardName("virtual-clusters", "dev") // "virtual-clusters-dev"
 */
export function guardName(project: string, stack: string): string {
  const name = `${project}-${stack}`.toLowerCase().replace(/[^a-z0-9]+/g, "-");
  return name.slice(0, 63).replace(/^-+|-+$/g, "");
}

/**
 * The metadata of a tenant's namespace on the host. It says whose the namespace is, for people and for the guards, which
 * compare it with the tenant's file, and for the guard of the host, which judges what is done in it.
 *
 * @param stack.guard the stack's {@link guardName}
 * @param stack.podSecurity what pods must meet (setting `podSecurity`)
 * @param address how the tenant is found from outside; undefined where it has no address of its own
 */
export function namespaceMetadata(
  tenant: Tenant,
  { guard, podSecurity }: { readonly guard: string; readonly podSecurity: PodSecurity },
  address: Address | undefined,
) {
  const { name, namespace, owner, purpose, expose, allowedCidrs } = tenant;
  const asked = Object.entries(loadBalancerAnnotations(tenant, address)).map(([key, value]) => `${key}=${value}`);
  return {
    name: namespace,
    labels: { [tenantLabel]: name, [stackLabel]: guard, "pod-security.kubernetes.io/enforce": podSecurity },
    annotations: {
      [ownerAnnotation]: owner,
      [annotation("purpose")]: purpose,
      // What the file asks for: the name above is kept, so that a change of it is an update that the guards refuse,
      // and not a replacement.
      [annotation("namespace")]: namespace,
      [exposeAnnotation]: expose,
      ...(asked.length > 0 && { [loadBalancerAnnotation]: asked.join(",") }),
      ...(expose === "public" && { [allowedCidrsAnnotation]: allowedCidrs.join(",") }),
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
  const [namespace, owner] = [metadata?.name, metadata?.annotations?.[ownerAnnotation]];
  return typeof namespace === "string" && typeof owner === "string" ? { namespace, owner } : undefined;
}
