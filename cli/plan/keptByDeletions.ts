import type { ChangedRun } from "../../model/deploy/changedRun.ts";
import { nameOf, platformType, tenantType } from "../../model/deploy/tenantUrns.ts";
import { assignmentType } from "../../model/recovery/ids.ts";
import { deployedBy } from "./realEngine.ts";

/**
 * What the state of a stack says of the platform and of each tenant, for a pass that only takes something away.
 *
 * @param stack the stack, as the CLI knows it
 * @param withheld URNs of roles that the pass takes away although the files ask for them
 * @throws Refusal where the CLI cannot be asked.
 */
export async function keptByDeletions(
  root: string,
  stack: string,
  withheld: readonly string[],
): Promise<NonNullable<ChangedRun["deletesOnly"]>> {
  const resources = await deployedBy(stack, { root });
  const tenants = resources.filter(({ type }) => type === tenantType);
  return {
    platform: resources.find(({ type }) => type === platformType)?.outputs ?? {},
    tenants: Object.fromEntries(tenants.map(({ urn, outputs }) => [nameOf(urn), outputs])),
    withheld: withheld.map(nameOf),
    assigned: resources.filter(({ type }) => type === assignmentType).map(({ urn }) => nameOf(urn)),
  };
}
