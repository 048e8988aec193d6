import { mayLeaveThings } from "../access/effectiveRights.ts";
import type { Tenant } from "../tenant/tenantSchema.ts";
import type { Problem } from "../text/problems.ts";
import type { Deployed, DeployedTenant } from "./deployed.ts";
import { changeProblems, type Judgement } from "./tenantChanges.ts";

/** How a removed tenant file left the repository, as "in commit 1a2b3c4 (Ada, 2027-03-31): tidy up"; undefined where git does not know. */
export type RemovalOf = (name: string) => string | undefined;

/** What a set of changes is judged by. */
export interface TransitionJudgement extends Judgement {
  readonly removalOf: RemovalOf;
}

/**
 * Every change of tenants that would lose one or cannot be made: a file that is gone while its tenant is not
 * offboarding, an owner, namespace or store that changed, a Kubernetes version that goes down or skips a minor, and a
 * name or namespace under which data was kept.
 */
export function transitionProblems(
  before: Deployed,
  tenants: readonly Tenant[],
  judgement: TransitionJudgement,
): Problem[] {
  const now = new Map(tenants.map((tenant) => [tenant.name, tenant]));
  const changes = Object.entries(before.tenants).flatMap(([name, deployed]): Problem[] => {
    const tenant = now.get(name);
    if (tenant !== undefined) {
      const { owner, namespace, store, kubernetes, kubernetesVersion, chart, expose } = deployed;
      // Whose a tenant is that is being handed over, the state knows, and the guards ask it.
      const settled = owner !== undefined && judgement.handover[name] === undefined;
      const known = {
        ...(settled && { owner }),
        ...{ namespace, store, kubernetes },
        ...(kubernetesVersion !== undefined && { kubernetesVersion }),
        ...(chart !== undefined && { chart }),
        ...(expose !== undefined && { expose }),
      };
      return [...changeProblems(known, tenant, judgement), ...outlivingRights(deployed, tenant, judgement)];
    }
    if (deployed.lifecycle === "offboarding") return [];
    const added = tenants.filter((one) => !Object.hasOwn(before.tenants, one.name));
    const renamed = added.find((one) => isRenamed(name, deployed, one));
    return [removalProblem(name, deployed, judgement, renamed?.name)];
  });
  return [...changes, ...tenants.flatMap((tenant) => reuseProblems(before, tenant, judgement))];
}

/**
 * What is wrong with the setting `forgetRetained`. An entry that has done its work is told, and one of a tenant that goes now
 * and keeps its data is refused: what is kept would be forgotten at once.
 */
export function forgetProblems(
  { tenants, retained }: Deployed,
  now: readonly Tenant[],
  names: readonly string[],
  locate: (index: number) => Problem["location"],
): Problem[] {
  return names.flatMap((name, index): Problem[] => {
    const location = locate(index);
    const warn = (message: string): Problem[] => [{ severity: "warning", location, message }];
    if (now.some((tenant) => tenant.name === name)) {
      const message = `'forgetRetained' names '${name}', which is a tenant again: remove it from the setting once this is deployed, or what that tenant keeps one day would be forgotten`;
      return warn(message);
    }
    if (tenants[name]?.dataOnRemoval === "keep") {
      const message = `'forgetRetained' names '${name}', which goes with this deployment and keeps its data: that would be forgotten at once. Remove it from the setting`;
      return [{ location, message }];
    }
    if (Object.hasOwn(retained, name)) return [];
    return warn(`'forgetRetained' names '${name}', of which nothing is kept: it can be removed from the setting`);
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

/** True where a new tenant looks like one that is gone: the same owner's, in the same namespace or with the same of all that is known. */
function isRenamed(name: string, deployed: DeployedTenant, added: Tenant): boolean {
  if (deployed.owner === undefined || deployed.owner !== added.owner) return false;
  if (deployed.namespace === added.namespace) return true;
  const kept = ["store", "kubernetes", "dataOnRemoval", "hostRole", "expose"] as const;
  const isDefault = deployed.namespace === name && added.namespace === added.name;
  return isDefault && kept.every((field) => deployed[field] === added[field]);
}

/**
 * A tenant's file is gone, and its tenant is not offboarding.
 *
 * @param renamed the new tenant that it may be under another name
 */
export function removalProblem(
  name: string,
  deployed: Partial<DeployedTenant>,
  { locate, removalOf }: Pick<TransitionJudgement, "locate" | "removalOf">,
  renamed?: string,
): Problem {
  const { lifecycle = "active", namespace, dataOnRemoval = "delete" } = deployed;
  const removal = removalOf(name);
  const end =
    dataOnRemoval === "keep" ? "its disks are kept in the namespace" : "its namespace and its data are deleted";
  const offboarding =
    renamed === undefined
      ? "Offboarding takes two merged changes:"
      : `A tenant's name is for ever: if '${renamed}' is meant to be it, rename ${renamed}.yaml back to ${name}.yaml. If it is to go, offboarding takes two merged changes:`;
  const message = [
    `the file is gone${removal === undefined ? "" : ` (${removal})`}, but tenant '${name}' is deployed and ${lifecycle}${namespace === undefined ? "" : ` (namespace '${namespace}')`}. ${offboarding}`,
    "  1. put the file back with 'lifecycle: offboarding' and deploy: the control plane stops, access and protection are withdrawn, data is kept",
    `  2. then remove the file and deploy: the virtual cluster is deleted, ${end}`,
  ].join("\n");
  return { location: locate(name), message };
}

/** Withdrawing a role does not undo what its holders made with it. */
function outlivingRights(before: DeployedTenant, after: Tenant, { locate }: Judgement): Problem[] {
  if (!mayLeaveThings(before.hostRole ?? "none") || mayLeaveThings(after.hostRole)) return [];
  const message = `hostRole goes from '${before.hostRole}' to '${after.hostRole}'. RoleBindings, service account tokens or pods that people made in namespace '${after.namespace}' outlive their role: docs/offboarding.md, "What a host role leaves behind"`;
  return [{ severity: "warning", location: locate(after.name, "hostRole"), message }];
}

function reuseProblems({ tenants, retained }: Deployed, { name, namespace }: Tenant, { locate }: Judgement): Problem[] {
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
      message: `the data of the removed tenant '${gone}' is kept in namespace '${kept}': a new tenant here would begin with it. Choose another name and namespace. Where '${gone}' comes back before its removal went through, or nobody needs that data, the platform team adds '${gone}' to the setting forgetRetained: what the state still holds of it goes on as it was, and a namespace that it no longer holds must be deleted by hand first`,
    }));
}
