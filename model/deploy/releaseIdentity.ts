import { patchPattern } from "../facts/kubernetesVersions.ts";
import type { Tenant } from "../tenant/tenantSchema.ts";
import { imageTagValue, storeOf, storeValues, type Values, valueAt } from "./chartFacts.ts";

/** What a deployed release's values say of the virtual cluster that runs. */
export interface ReleaseIdentity {
  /** The Kubernetes minor, such as "1.35". */
  readonly kubernetes: string;
  /** The patch release, such as "1.35.4"; left out where the tag does not say it. */
  readonly kubernetesVersion?: string;
  /** The chart version, such as "0.36.1"; left out where the release does not say it. */
  readonly chart?: string;
  readonly store: Tenant["store"];
}

/** Reads that from the inputs of a deployed release (see `chartValues.ts`); undefined where they do not say it. */
export function releaseIdentity(inputs: unknown): ReleaseIdentity | undefined {
  const { values = {}, version } = (inputs ?? {}) as { values?: Values; version?: unknown };
  const [, kubernetes, patch] = /^v?(\d+\.\d+)\.(\d+)?/.exec(String(valueAt(values, imageTagValue))) ?? [];
  const saysStore = storeValues.some((path) => valueAt(values, path) !== undefined);
  if (kubernetes === undefined || !saysStore) return undefined;
  return {
    kubernetes,
    store: storeOf(values),
    ...(patch !== undefined && { kubernetesVersion: `${kubernetes}.${patch}` }),
    ...(typeof version === "string" && patchPattern.test(version) && { chart: version }),
  };
}
