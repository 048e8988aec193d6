import * as pulumi from "@pulumi/pulumi";

/**
 * Up to release 0.1.0 a tenant's namespace, and its virtual cluster, were each in a component of its own, of these types and
 * with the name of what was in it. A tenant groups all that it has by itself, and each registration costs a preview time.
 */
type FormerComponent = "TenantNamespace" | "VirtualCluster";

/**
 * Says where a resource of a tenant stands in a state of an earlier release, so that it is that one still. Stays until a major
 * release.
 *
 * @param name the component's
 */
export function formerly(of: FormerComponent, name: string, tenant: pulumi.Resource): { aliases: pulumi.Alias[] } {
  return { aliases: [{ parent: pulumi.createUrn(name, `virtual-clusters:index:${of}`, tenant) }] };
}
