import type { Settings } from "../settings/settingsSchema.ts";
import type { Draft, FieldLocation } from "../tenant/tenantFiles.ts";
import type { Tenant } from "../tenant/tenantSchema.ts";
import type { Location } from "../text/problems.ts";
import type { Path } from "../text/yamlSource.ts";

/** What the rules look at: a stack's settings and all its tenants together. */
export interface Stack {
  /** Left out where they are not right: what depends on them is then not checked. */
  readonly settings: Settings | undefined;
  readonly tenants: readonly Tenant[];
  /** Tenants that are right in part. */
  readonly drafts?: readonly Draft[];
  readonly locate: FieldLocation;
  /** Where a setting stands, such as ["azure", "nodePool"]. */
  readonly locateSetting: (path: Path) => Location;
  /** The day of the run, as 2027-03-31. */
  readonly today: string;
}
