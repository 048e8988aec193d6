import type { Settings } from "../settings/settingsSchema.ts";
import type { Tenant } from "../tenant/tenantSchema.ts";
import type { Problem } from "../text/problems.ts";
import type { Locate } from "../text/validate.ts";
import type { Deployed } from "./deployed.ts";
import { sameOwner } from "./tenantChanges.ts";

/**
 * What there is to say of the setting `handover`: an entry that does not fit the tenant's file is an error, one that takes
 * effect is told loudly, and one that has done its work or does nothing is a warning. Whether it comes from the deployed owner
 * is for the guards to say, who know it whatever failed before, unless the owners are certain.
 *
 * @param locate finds where a setting is written
 * @param certain true where the owners are those of files, and no deployment can have left them wrong
 */
export function handoverProblems(
  { tenants: deployed }: Deployed,
  tenants: readonly Tenant[],
  handover: Settings["handover"],
  locate: Locate,
  { certain = false } = {},
): Problem[] {
  return Object.entries(handover).flatMap(([name, { from, to }]): Problem[] => {
    const location = locate(["handover", name], true);
    const refuse = (message: string): Problem[] => [{ location, message: `handover of '${name}': ${message}` }];
    const warn = (message: string): Problem[] =>
      refuse(message).map((problem) => ({ severity: "warning", ...problem }));
    const tenant = tenants.find((candidate) => candidate.name === name);
    if (tenant === undefined) return warn("there is no tenant of that name; remove the entry");
    if (!sameOwner(tenant.owner, to)) {
      return refuse(`it goes to '${to}', but the tenant's file names '${tenant.owner}' as owner; make the two agree`);
    }
    const owner = deployed[name]?.owner;
    if (owner !== undefined && sameOwner(owner, to)) {
      return warn(`it has done its work: '${to}' owns the tenant; remove the entry`);
    }
    if (certain && owner !== undefined && !sameOwner(owner, from)) {
      return refuse(`it comes from '${from}', but '${owner}' owns the tenant: 'from' names who has it until now`);
    }
    return warn(`'${to}' gets the tenant of '${from}', with its virtual cluster, data and Secrets`);
  });
}
