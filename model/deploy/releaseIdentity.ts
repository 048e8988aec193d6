import type { Tenant } from "../tenant/tenantSchema.ts";
import { imageTagValue, storeOf, storeValues, type Values, valueAt } from "./chartFacts.ts";

/** What a deployed release's values say of the virtual cluster that runs. */
export interface ReleaseIdentity {
  /** The Kubernetes minor, such as "1.35". */
  readonly kubernetes: string;
  readonly store: Tenant["store"];
}

/** Reads that from the inputs of a deployed release (see `chartValues.ts`); undefined where they do not say it. */
export function releaseIdentity(inputs: unknown): ReleaseIdentity | undefined {
  const { values = {} } = (inputs ?? {}) as { values?: Values };
  const [, kubernetes] = /^v?(\d+\.\d+)\./.exec(String(valueAt(values, imageTagValue))) ?? [];
  const saysStore = storeValues.some((path) => valueAt(values, path) !== undefined);
  return kubernetes !== undefined && saysStore ? { kubernetes, store: storeOf(values) } : undefined;
}
