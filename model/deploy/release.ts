import { isDeepStrictEqual } from "node:util";
import { chartSource } from "../chart/chart.ts";
import type { Tenant } from "../tenant/tenantSchema.ts";
import { type Address, addressOf } from "./address.ts";
import { diskValues, type Values, withValue } from "./chartFacts.ts";
import { chartValues, stackValues, type ValueSettings } from "./chartValues.ts";

/** The inputs of a tenant's release that say what it installs: the chart, its version and its values. */
export function releaseInputs(tenant: Tenant, settings: ValueSettings, address: Address | undefined) {
  return {
    ...chartSource(settings.vcluster, tenant.channel),
    values: chartValues(tenant, { ...stackValues(settings), address }),
  };
}

/** Inputs that stay as they were deployed: a StatefulSet's volume claims are immutable, so a tenant keeps its disk. */
export function keptInputs({ store }: Tenant): string[] {
  return diskValues(store).map((path) => `values.${path}`);
}

/** Stands for the cluster's subscription where only a difference is asked for: it is the same before and after. */
const sameSubscription = "subscription";

/** A tenant as it is deployed. */
export interface Deployment {
  readonly tenant: Tenant;
  readonly settings: ValueSettings;
}

/**
 * True where a change of a release that is there makes its control plane's pods anew. The chart puts a hash of all its
 * values into them, and its version into their image. Source: chart 0.36.1, templates/_vclusterconfighash.tpl, which
 * leaves out only `privateNodes.autoNodes`.
 */
export function restartsControlPlane(before: Deployment, after: Deployment): boolean {
  const [old, now] = [before, after].map(({ tenant, settings }) => {
    const address = addressOf(tenant, { settings, subscriptionId: sameSubscription });
    const { version, values } = releaseInputs(tenant, settings, address);
    const withoutDisk = (kept: Values, path: string) => withValue(kept, path, undefined);
    return { version, values: diskValues(tenant.store).reduce(withoutDisk, values) };
  });
  return !isDeepStrictEqual(old, now);
}
