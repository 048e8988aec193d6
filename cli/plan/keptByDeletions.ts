import type { ChangedRun } from "../../model/deploy/changedRun.ts";
import { tenantType } from "../../model/plan/steps.ts";
import { deployedBy } from "./realEngine.ts";

/**
 * What the state of a stack says of the platform and of each tenant, for a pass that only deletes.
 *
 * @throws Refusal where the CLI cannot be asked.
 */
export async function keptByDeletions(root: string, stack: string): Promise<NonNullable<ChangedRun["deletesOnly"]>> {
  const resources = await deployedBy(stack, { root });
  const outputsOf = ({ outputs = {} }: (typeof resources)[number]) => ({ ...outputs });
  const platform = resources.find(({ type }) => type === "virtual-clusters:index:Platform");
  const tenants = resources.filter(({ type }) => type === tenantType);
  return {
    platform: platform === undefined ? {} : outputsOf(platform),
    tenants: Object.fromEntries(tenants.map((one) => [one.urn.split("::").slice(3).join("::"), outputsOf(one)])),
  };
}
