import { mayLeaveThings } from "../access/effectiveRights.ts";
import type { KubernetesMinor } from "../facts/kubernetesVersions.ts";
import { kubernetesMinors } from "../facts/kubernetesVersions.ts";
import type { FieldLocation } from "../tenant/tenantFiles.ts";
import type { HostRole, Tenant } from "../tenant/tenantSchema.ts";
import type { Problem } from "../text/problems.ts";

/** What is remembered of a tenant: enough to tell whether a change would lose it. */
export type DeployedTenant = Pick<Tenant, "namespace" | "store" | "kubernetes" | "lifecycle" | "dataOnRemoval"> & {
  /** Not in what earlier versions of this program remember. */
  readonly hostRole?: HostRole;
};

/** What the stack's outputs remember between two deployments. */
export interface Deployed {
  readonly tenants: Readonly<Record<string, DeployedTenant>>;
  /** Tenants that are gone and whose data was kept: name to the namespace that holds it. */
  readonly retained: Readonly<Record<string, string>>;
}

/** Nothing deployed yet. */
export const nothingDeployed: Deployed = { tenants: {}, retained: {} };

/** What would be deployed with these tenants: what a pull request is compared with. */
export function asDeployed(tenants: readonly Tenant[]): Deployed["tenants"] {
  return Object.fromEntries(tenants.map((tenant) => [tenant.name, tenant]));
}

/**
 * Every change of tenants that would lose one or cannot be made: a file that is gone while its tenant is not
 * offboarding, a namespace or a store that changed, a Kubernetes version that goes down or skips a minor, and a name
 * or namespace under which data was kept.
 */
export function transitionProblems(before: Deployed, tenants: readonly Tenant[], locate: FieldLocation): Problem[] {
  const now = new Map(tenants.map((tenant) => [tenant.name, tenant]));
  const changes = Object.entries(before.tenants).flatMap(([name, deployed]): Problem[] => {
    const tenant = now.get(name);
    if (tenant !== undefined) return fieldProblems(deployed, tenant, locate);
    if (deployed.lifecycle === "offboarding") return [];
    return [{ location: locate(name), message: lost(name, deployed) }];
  });
  return [...changes, ...tenants.flatMap((tenant) => reuseProblems(before, tenant, locate))];
}

/**
 * What is wrong with the setting `forgetRetained`. An entry that has done its work is told, and one that names a
 * deployed tenant is refused: left there, it would silently forget what that tenant leaves behind one day.
 */
export function forgetProblems(
  { tenants, retained }: Deployed,
  names: readonly string[],
  locate: (index: number) => Problem["location"],
): Problem[] {
  return names.flatMap((name, index): Problem[] => {
    const location = locate(index);
    if (Object.hasOwn(tenants, name)) {
      const message = `'forgetRetained' names '${name}', which is deployed again: remove it from the setting, or what that tenant keeps one day would be forgotten`;
      return [{ location, message }];
    }
    if (Object.hasOwn(retained, name)) return [];
    const message = `'forgetRetained' names '${name}', of which nothing is kept: it can be removed from the setting`;
    return [{ severity: "warning", location, message }];
  });
}

/** The same without the names whose kept data was deleted by hand (setting `forgetRetained`). */
export function forget({ tenants, retained }: Deployed, names: readonly string[]): Deployed {
  return { tenants, retained: Object.fromEntries(Object.entries(retained).filter(([name]) => !names.includes(name))) };
}

/** The names whose data is kept after this deployment: those of before, and the tenants that go now and keep it. */
export function retainedAfter({ tenants, retained }: Deployed, now: readonly Tenant[]): Deployed["retained"] {
  const present = new Set(now.map(({ name }) => name));
  const going = Object.entries(tenants).filter(
    ([name, { dataOnRemoval }]) => !present.has(name) && dataOnRemoval === "keep",
  );
  return { ...retained, ...Object.fromEntries(going.map(([name, { namespace }]) => [name, namespace])) };
}

function lost(name: string, { lifecycle, namespace, dataOnRemoval = "delete" }: DeployedTenant): string {
  const end =
    dataOnRemoval === "keep" ? "its disks are kept in the namespace" : "its namespace and its data are deleted";
  return [
    `the file is gone, but tenant '${name}' is deployed and ${lifecycle} (namespace '${namespace}'). Offboarding takes two merged changes:`,
    "  1. put the file back with 'lifecycle: offboarding' and deploy: the control plane stops, access and protection are withdrawn, data is kept",
    `  2. then remove the file and deploy: the virtual cluster is deleted, ${end}`,
  ].join("\n");
}

function fieldProblems(before: DeployedTenant, after: Tenant, locate: FieldLocation): Problem[] {
  const problems: Problem[] = [];
  const refuse = (field: keyof Tenant, message: string) =>
    problems.push({ location: locate(after.name, field), message });
  const another = "Put the old one back, or offboard this tenant and add another under a new name";
  if (after.namespace !== before.namespace) {
    refuse(
      "namespace",
      `namespace is '${after.namespace}', but the tenant is deployed in '${before.namespace}': a namespace cannot change. ${another}`,
    );
  }
  if (after.store !== before.store) {
    refuse(
      "store",
      `store is '${after.store}', but the tenant was made with '${before.store}': another store would start empty. ${another}`,
    );
  }
  if (mayLeaveThings(before.hostRole ?? "none") && !mayLeaveThings(after.hostRole)) {
    problems.push({
      severity: "warning",
      location: locate(after.name, "hostRole"),
      message: `hostRole goes from '${before.hostRole}' to '${after.hostRole}'. RoleBindings, service account tokens or pods that people made in namespace '${after.namespace}' outlive their role: docs/offboarding.md, "What a host role leaves behind"`,
    });
  }
  const step = minorOf(after.kubernetes) - minorOf(before.kubernetes);
  if (step < 0) {
    refuse(
      "kubernetes",
      `kubernetes is "${after.kubernetes}", but the tenant runs "${before.kubernetes}": a Kubernetes version cannot go down`,
    );
  } else if (step > 1) {
    const next = kubernetesMinors[minorOf(before.kubernetes) + 1];
    refuse(
      "kubernetes",
      `kubernetes is "${after.kubernetes}", but the tenant runs "${before.kubernetes}": one minor at a time, "${next}" first`,
    );
  }
  return problems;
}

function reuseProblems({ tenants, retained }: Deployed, { name, namespace }: Tenant, locate: FieldLocation): Problem[] {
  if (Object.hasOwn(tenants, name)) return [];
  const [holder] = Object.entries(tenants).find(([, deployed]) => deployed.namespace === namespace) ?? [];
  if (holder !== undefined) {
    const message = `namespace '${namespace}' is deployed as that of tenant '${holder}': it can be another's after a deployment in which '${holder}' is gone`;
    return [{ location: locate(name, "namespace"), message }];
  }
  return Object.entries(retained)
    .filter(([gone, kept]) => gone === name || kept === namespace)
    .map(([gone, kept]) => ({
      location: locate(name),
      message: `the data of the removed tenant '${gone}' is kept in namespace '${kept}': a new tenant here would begin with it. Choose another name and namespace; or delete that namespace and add '${gone}' to the setting forgetRetained`,
    }));
}

function minorOf(version: KubernetesMinor): number {
  return kubernetesMinors.indexOf(version);
}
