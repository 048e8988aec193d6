import type { Tenant } from "../tenant/tenantSchema.ts";

/** The annotations with which cloud providers are told what a Service of type LoadBalancer gets begin with this. */
export const cloudPrefix = "service.beta.kubernetes.io/";

/** Makes Azure give a Service an address of the virtual network. Source: AKS, "internal load balancer". */
const internalAnnotation = `${cloudPrefix}azure-load-balancer-internal`;

/**
 * What the release's Service asks of the host's load balancer, as the tenant's file exposes it. The namespace says it too,
 * and the guard of the host refuses any other.
 */
export function loadBalancerAnnotations({ expose }: Pick<Tenant, "expose">): Record<string, string> {
  return expose === "internal" ? { [internalAnnotation]: "true" } : {};
}
