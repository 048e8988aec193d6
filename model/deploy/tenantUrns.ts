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

/** What the component of the whole is called among the types of resources. */
export const platformType = "virtual-clusters:index:Platform";

/** What the component of a tenant is called among them. */
export const tenantType = "virtual-clusters:index:Tenant";

/** The types of the components above what a tenant has: they are part of the names below. */
const tenantComponent = `${platformType}$${tenantType}`;

/** The name that the program gave to a resource: what its URN ends with. */
export function nameOf(urn: string): string {
  return urn.split("::").slice(3).join("::");
}

/** The URN of a provider, of how a state refers to it: its id comes behind. */
export function providerUrn(reference: string): string {
  return reference.replace(/::[^:]*$/, "");
}

/** True for the provider by which the program reaches the host cluster: not one that the engine has made for itself. */
export function isHostProvider({ type, urn }: { readonly type: string; readonly urn: string }): boolean {
  return type === "pulumi:providers:kubernetes" && !/::default(_|$)/.test(urn);
}

/** The stack of a resource, without an organization: what its URN begins with. */
export function stackOf(urn: string): string {
  return urn.split("::")[0]?.split(":").at(-1) ?? "";
}

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
  const component = tenantUrn(name, { stack, project });
  const urn = (type: string, called: string) =>
    `urn:pulumi:${stack}::${project}::${tenantComponent}$${type}::${called}`;
  const address = addressOf(tenant, { settings, subscriptionId: undefined });
  const roles =
    settings.azure !== undefined
      ? namespaceGrants(tenant, members).map(({ principal }) =>
          urn("azure-native:authorization:RoleAssignment", `${name}-host-role-${principal.objectId}`),
        )
      : hostRoleBinding(tenant, members) === undefined
        ? []
        : [urn("kubernetes:rbac.authorization.k8s.io/v1:RoleBinding", `${name}-host-role`)];
  const where = (holds: boolean, ...resource: readonly [type: string, called: string]) =>
    holds ? [urn(...resource)] : [];
  return [
    component,
    urn("kubernetes:core/v1:Namespace", `${name}-namespace`),
    ...roles,
    ...where(settings.signIn !== undefined, "kubernetes:core/v1:ConfigMap", `${name}-vcluster-sign-in`),
    urn("kubernetes:helm.sh/v3:Release", `${name}-vcluster`),
    ...where(lifecycle !== "active", "kubernetes:batch/v1:Job", `${name}-vcluster-stop`),
    ...where(
      address?.fixed !== undefined && address.host !== undefined,
      "azure-native:privatedns:PrivateRecordSet",
      `${name}-name`,
    ),
  ];
}
