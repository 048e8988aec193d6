import { sizes } from "../../model/tenant/sizes.ts";
import { completeTenant, type Tenant, tenantFileSchema } from "../../model/tenant/tenantSchema.ts";

/** A tenant as its file and a plain stack make it: only what a test cares about is given. */
export function tenantOf(name: string, fields: Readonly<Record<string, unknown>> = {}): Tenant {
  const file = tenantFileSchema().parse({ owner: "team@contoso.com", purpose: "a test", ...fields });
  return completeTenant(name, file, { size: "small", kubernetes: "1.35", expose: "internal", sizes });
}
