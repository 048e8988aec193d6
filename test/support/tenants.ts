import type { ExposureDefault } from "../../model/rules/tenantChanges.ts";
import { sizes } from "../../model/tenant/sizes.ts";
import { completeTenant, type Tenant, tenantFileSchema } from "../../model/tenant/tenantSchema.ts";

/** A tenant as its file and a plain stack make it: only what a test cares about is given. */
export function tenantOf(name: string, fields: Readonly<Record<string, unknown>> = {}): Tenant {
  const file = tenantFileSchema().parse({ owner: "team@contoso.com", purpose: "a test", ...fields });
  return completeTenant(name, file, { size: "small", kubernetes: "1.35", expose: "none", sizes });
}

/** A stack that says how its tenants are exposed, on which internal addresses lead nowhere. */
export const exposure: ExposureDefault = {
  isSaid: true,
  location: { file: "Pulumi.test.yaml", line: 1, column: 1 },
  reach: { reachable: false, why: "there is no way", needs: "a way" },
};
