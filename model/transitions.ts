import { InputError, type Problem } from "./problems.ts";
import type { Tenant } from "./tenantSchema.ts";

/** What the stack's outputs remember of a deployed tenant: enough to tell whether a change would lose it. */
export interface DeployedTenant {
  readonly namespace: string;
  readonly lifecycle: Tenant["lifecycle"];
}

/** The deployed tenants by name, as the stack output `tenants` carries them. */
export type DeployedTenants = Readonly<Record<string, DeployedTenant>>;

/**
 * Refuses a change that would lose a tenant: a file that is gone while its tenant is not offboarding, and a namespace
 * that moved. Runs before anything is registered, so that a refusal leaves everything as it was.
 *
 * @throws InputError with every such change at once.
 */
export function checkTransitions(stack: string, deployed: DeployedTenants, tenants: readonly Tenant[]): void {
  const now = new Map(tenants.map((tenant) => [tenant.name, tenant]));
  const problems = Object.entries(deployed).flatMap(([name, before]): Problem[] => {
    const file = `tenants/${stack}/${name}.yaml`;
    const message = transitionProblem(before, now.get(name), name);
    return message === undefined ? [] : [{ location: { file, line: 1, column: 1 }, message }];
  });
  if (problems.length > 0) throw new InputError(problems);
}

function transitionProblem(before: DeployedTenant, after: Tenant | undefined, name: string): string | undefined {
  if (after === undefined) {
    if (before.lifecycle === "offboarding") return undefined;
    return [
      `the file is gone, but tenant '${name}' is deployed and ${before.lifecycle} (namespace '${before.namespace}'). Offboarding takes two merged changes:`,
      "  1. put the file back with 'lifecycle: offboarding' and deploy: the control plane stops, access and protection are withdrawn, data is kept",
      "  2. then remove the file and deploy: the virtual cluster, its namespace and its data are deleted",
    ].join("\n");
  }
  if (after.namespace !== before.namespace) {
    return `namespace is '${after.namespace}', but the tenant is deployed in '${before.namespace}': a namespace cannot change. Put the old one back, or offboard this tenant and add another under a new name`;
  }
  return undefined;
}
