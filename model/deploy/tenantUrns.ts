import { hostRoleBinding, namespaceGrants } from "../access/roles.ts";
import type { Settings } from "../settings/settingsSchema.ts";
import type { ResolvedPrincipal } from "../tenant/principals.ts";
import type { Tenant } from "../tenant/tenantSchema.ts";
import { addressOf } from "./address.ts";

/** What decides how a tenant's resources are called, beside its file. */
export interface UrnContext {
  readonly stack: string;
  readonly project: string;
  readonly settings: Pick<Settings, "azure" | "signIn">;
  /** Its people with a role on the host, each once. */
  readonly members: readonly ResolvedPrincipal[];
}

/** The types of the components above what a tenant has: each is part of the names below it. */
const platform = "virtual-clusters:index:Platform";
const tenantComponent = `${platform}$virtual-clusters:index:Tenant`;
const namespaceComponent = `${tenantComponent}$virtual-clusters:index:TenantNamespace`;
const clusterComponent = `${tenantComponent}$virtual-clusters:index:VirtualCluster`;

/** The URN of a tenant's component. */
export function tenantUrn(name: string, { stack, project }: Pick<UrnContext, "stack" | "project">): string {
  return `urn:pulumi:${stack}::${project}::${tenantComponent}::${name}`;
}

/**
 * The URNs of all that is registered for a tenant, before anything is: this is the one place that knows them all, and
 * test/program/tenantUrns.test.ts holds it against what the components register.
 */
export function tenantUrns(tenant: Tenant, { stack, project, settings, members }: UrnContext): string[] {
  const { name, lifecycle } = tenant;
  const urn = (parent: string, type: string, called: string) =>
    `urn:pulumi:${stack}::${project}::${parent}$${type}::${called}`;
  const address = addressOf(tenant, { settings, subscriptionId: undefined });
  const hasName = address?.fixed !== undefined && address.host !== undefined;
  const roles =
    settings.azure === undefined
      ? hostRoleBinding(tenant, members) && [
          urn(tenantComponent, "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding", `${name}-host-role`),
        ]
      : namespaceGrants(tenant, members).map(({ principal }) =>
          urn(tenantComponent, "azure-native:authorization:RoleAssignment", `${name}-host-role-${principal.objectId}`),
        );
  return [
    tenantUrn(name, { stack, project }),
    urn(tenantComponent, "virtual-clusters:index:TenantNamespace", `${name}-namespace`),
    urn(namespaceComponent, "kubernetes:core/v1:Namespace", `${name}-namespace`),
    ...(roles ?? []),
    urn(tenantComponent, "virtual-clusters:index:VirtualCluster", `${name}-vcluster`),
    ...(settings.signIn === undefined
      ? []
      : [urn(clusterComponent, "kubernetes:core/v1:ConfigMap", `${name}-vcluster-sign-in`)]),
    urn(clusterComponent, "kubernetes:helm.sh/v3:Release", `${name}-vcluster`),
    ...(lifecycle === "active" ? [] : [urn(clusterComponent, "kubernetes:batch/v1:Job", `${name}-vcluster-stop`)]),
    ...(hasName ? [urn(tenantComponent, "azure-native:privatedns:PrivateRecordSet", `${name}-name`)] : []),
  ];
}
