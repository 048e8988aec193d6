import type { ChangedRun } from "../../model/deploy/changedRun.ts";
import { nameOf, platformType, tenantType } from "../../model/deploy/tenantUrns.ts";
import { deployedBy } from "./realEngine.ts";

/**
 * What the state of a stack says of the platform and of each tenant, for a pass that only deletes.
 *
 * @param stack the stack, as the CLI knows it
 * @throws Refusal where the CLI cannot be asked.
 */
export async function keptByDeletions(root: string, stack: string): Promise<NonNullable<ChangedRun["deletesOnly"]>> {
  const resources = await deployedBy(stack, { root });
  const tenants = resources.filter(({ type }) => type === tenantType);
  return {
    platform: resources.find(({ type }) => type === platformType)?.outputs ?? {},
    tenants: Object.fromEntries(tenants.map(({ urn, outputs }) => [nameOf(urn), outputs])),
  };
}
