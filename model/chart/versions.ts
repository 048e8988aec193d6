import { lineOf, newestChart } from "../facts/chartLines.ts";
import type { Tenant } from "../tenant/tenantSchema.ts";

/** The part of the setting `vcluster` that says which versions tenants run. */
export interface VersionSettings {
  readonly channels: Readonly<Record<Tenant["channel"], string>>;
  /** By Kubernetes minor, the patch release that tenants of it run. */
  readonly kubernetesPatches: Readonly<Record<string, string>>;
}

/** The exact versions that a tenant runs. */
export interface TenantVersions {
  /** A patch release of Kubernetes, such as "1.35.4". */
  readonly kubernetesVersion: string;
  /** A chart version, such as "0.36.1". */
  readonly chart: string;
}

/** What a stack gets that says nothing of versions. */
export const builtInVersions: VersionSettings = {
  channels: { default: newestChart, canary: newestChart },
  kubernetesPatches: {},
};

/**
 * The versions that a stack's settings give a tenant: the chart of its channel, and the patch release that the stack names
 * for its minor, or else the one that the chart's authors test.
 */
export function tenantVersions(
  { channel, kubernetes }: Pick<Tenant, "channel" | "kubernetes">,
  { channels, kubernetesPatches }: VersionSettings,
): TenantVersions {
  const chart = channels[channel];
  const tested = lineOf(chart)?.kubernetes[kubernetes] ?? `${kubernetes}.0`;
  const named = Object.hasOwn(kubernetesPatches, kubernetes) ? kubernetesPatches[kubernetes] : undefined;
  return { kubernetesVersion: named ?? tested, chart };
}
