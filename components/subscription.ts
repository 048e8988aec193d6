import { getClientConfig } from "@pulumi/azure-native/authorization/getClientConfig.js";
import type { Settings } from "../model/settings/settingsSchema.ts";
import type { Tenant } from "../model/tenant/tenantSchema.ts";

/**
 * The subscription that is deployed to, where a tenant's public name is made of it; asked before any resource is registered,
 * so that the first preview shows the name.
 */
export async function subscriptionFor(
  { azure }: Pick<Settings, "azure">,
  tenants: readonly Tenant[],
): Promise<string | undefined> {
  if (azure === undefined || !tenants.some(({ expose }) => expose === "public")) return undefined;
  const { subscriptionId } = await getClientConfig();
  return subscriptionId;
}
