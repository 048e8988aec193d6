import { isGrouping, type Step, stepsByTenant } from "./steps.ts";

/** What a role on the host is, on Azure and elsewhere. */
const accessTypes = [
  "azure-native:authorization:RoleAssignment",
  "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding",
];

const deleted = (steps: readonly Step[]) =>
  steps.flatMap(({ op, before }) => (op === "delete" && before !== undefined ? [before] : []));

/**
 * The URNs of the roles that a deployment takes from a tenant's people. Engines delete last, and not where anything has
 * failed: access that was withdrawn would stay. What the whole cluster needs, such as the deploying identity's own role, waits.
 */
export function withdrawals(steps: readonly Step[]): string[] {
  return [...stepsByTenant(steps)].flatMap(([tenant, of]) =>
    tenant === undefined ? [] : deleted(of).flatMap(({ type, urn }) => (accessTypes.includes(type) ? [urn] : [])),
  );
}

/** The URNs of all that a deployment deletes and has not deleted yet. */
export function unwanted(steps: readonly Step[], done: ReadonlySet<string>): string[] {
  return deleted(steps).flatMap(({ urn }) => (done.has(urn) ? [] : [urn]));
}

/** The tenants of which something is left to be done, in their order; undefined after them for what is of no tenant. */
export function tenantsLeft(steps: readonly Step[], done: ReadonlySet<string>): (string | undefined)[] {
  const isLeft = ({ op, before, after }: Step) => {
    const resource = after ?? before;
    return op !== "same" && resource !== undefined && !isGrouping(resource) && !done.has(resource.urn);
  };
  const names = [...stepsByTenant(steps)].flatMap(([tenant, of]) => (of.some(isLeft) ? [tenant] : []));
  return names.sort();
}
