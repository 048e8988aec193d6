import { stringify } from "yaml";
import type { SignIn } from "../access/signIn.ts";
import { builtInVersions, tenantVersions, type VersionSettings } from "../chart/versions.ts";
import type { PodSecurity } from "../facts/podSecurityStandards.ts";
import type { Settings } from "../settings/settingsSchema.ts";
import { bootstrapValues } from "../tenant/bootstrap.ts";
import type { Size } from "../tenant/sizes.ts";
import type { Tenant } from "../tenant/tenantSchema.ts";
import { isMapping } from "../text/mapping.ts";
import { type Address, loadBalancerAnnotations } from "./address.ts";
import { controlPlaneBudget, etcdBudget, type Spread, spreadOf, topologySpread } from "./availability.ts";
import { besidePolicy } from "./besidePolicy.ts";
import type { Values } from "./chartFacts.ts";
import { securityValues } from "./podSecurity.ts";
import { containerDefaults, etcdResources, overheadOf, quotaOf } from "./quota.ts";
import { signInValues } from "./signInFile.ts";
import { blockedAddresses } from "./tenantAddresses.ts";

/** What a stack adds to the values of its tenants. */
export interface StackValues {
  /** The stack's own values for every tenant (setting `vcluster.helmValues`); what the program sets wins. */
  readonly helmValues?: Values;
  /** How people sign in (setting `signIn`); without it nobody does. */
  readonly signIn?: SignIn | undefined;
  /** How the tenant is found from outside; left out where it has no address of its own. */
  readonly address?: Address | undefined;
  /** How strictly the pods of a highly available tenant lie on different nodes; as well as can be where it is left out. */
  readonly spread?: Spread;
  /** Storage class of the stores' disks; empty for the host's default one. */
  readonly storageClass?: string;
  /** Which versions tenants run (setting `vcluster`). */
  readonly versions?: VersionSettings;
  /** The Pod Security Standard of tenants (setting `podSecurity`). */
  readonly podSecurity?: PodSecurity;
  /** Whether tenants may use Azure Files (setting `azureFiles`). */
  readonly azureFiles?: boolean;
}

/** The settings that decide the values of tenants. */
export type ValueSettings = Pick<Settings, "azure" | "signIn" | "vcluster" | "podSecurity" | "azureFiles">;

/** What the settings of a stack add to the values of its tenants. */
export function stackValues(settings: ValueSettings): StackValues {
  const { helmValues, storageClass } = settings.vcluster;
  const { signIn, podSecurity, azureFiles, vcluster: versions } = settings;
  return { helmValues, signIn, spread: spreadOf(settings), storageClass, versions, podSecurity, azureFiles };
}

/**
 * The values of the chart, of every line in `facts/chartLines.ts`, for one tenant: the open-source image, no telemetry,
 * the tenant's Kubernetes minor, its size as quota and limits, and the policies that keep tenants apart. Keys of the
 * paid editions are never set. Its people are not among them: any change of the values restarts the control plane.
 */
export function chartValues(tenant: Tenant, { helmValues = {}, ...stack }: StackValues) {
  return mergeValues(helmValues, tenantValues(tenant, stack)) as ReturnType<typeof tenantValues>;
}

/** Lays values over others as Helm does: mappings are merged, anything else is replaced. */
export function mergeValues(below: Values, above: Values): Values {
  const merged: Record<string, unknown> = { ...below };
  for (const [key, value] of Object.entries(above)) {
    const under = below[key];
    merged[key] = isMapping(value) && isMapping(under) ? mergeValues(under, value) : value;
  }
  return merged;
}

function tenantValues(tenant: Tenant, stack: Omit<StackValues, "helmValues">) {
  const { address, spread = "preferred", versions = builtInVersions } = stack;
  const { podSecurity = "baseline", azureFiles = false } = stack;
  const { kubernetesVersion } = tenantVersions(tenant, versions);
  const signIn = stack.signIn !== undefined;
  const secured = securityValues(podSecurity);
  return {
    controlPlane: {
      advanced: { podDisruptionBudget: controlPlaneBudget(tenant) },
      distro: {
        k8s: {
          image: { tag: `v${kubernetesVersion}` },
          ...(secured !== undefined && { securityContext: secured.container }),
          ...(signIn && { apiServer: signInValues.apiServer }),
        },
      },
      backingStore: backingStore(tenant, stack),
      statefulSet: {
        image: { repository: "loft-sh/vcluster-oss" },
        highAvailability: { replicas: replicas(tenant).controlPlanes },
        resources: controlPlaneResources(tenant.resources),
        ...(secured !== undefined && { security: secured.security }),
        ...controlPlaneVolumes(tenant, stack),
        ...(tenant.store === "etcd" && {
          scheduling: { topologySpreadConstraints: topologySpread("controlPlane", tenant.name, spread) },
        }),
      },
      service: service(tenant, address),
      proxy: { extraSANs: [...serviceNames(tenant), ...(address?.host === undefined ? [] : [address.host])] },
    },
    sync: {
      toHost: {
        serviceAccounts: { enabled: true },
        // Otherwise they stand in annotations of pods, for whoever may read pods, and in the host's audit log.
        pods: { useSecretsForSATokens: true },
      },
    },
    // They would make a Service on the host for every node that the tenant's pods run on.
    networking: { advanced: { proxyKubelets: { byHostname: false, byIP: false } } },
    policies: {
      podSecurityStandard: podSecurity,
      resourceQuota: { enabled: true, quota: quotaOf(tenant, { azureFiles }) },
      limitRange: { enabled: true, ...containerDefaults },
      networkPolicy: { enabled: true, workload: { publicEgress: { enabled: true, except: blockedAddresses } } },
    },
    experimental: {
      // With an owner, the workloads' disks would go with the release, whatever the file says of them.
      syncSettings: { setOwner: false },
      deploy: {
        host: { manifests: hostManifests(tenant) },
        vcluster: {
          ...(signIn && { manifests: signInValues.manifests }),
          helm: bootstrapValues(tenant.bootstrap),
        },
      },
    },
    telemetry: { enabled: false },
  };
}

/** How many of each run: none of a tenant that is suspended or offboarding. */
function replicas({ lifecycle, store }: Tenant) {
  return lifecycle === "active" ? overheadOf({ store }) : { controlPlanes: 0, etcd: 0 };
}

/** Objects of the release on the host beside what the chart has templates for. */
function hostManifests(tenant: Tenant): string {
  return [besidePolicy(tenant), ...(tenant.store === "etcd" ? [etcdBudget(tenant)] : [])]
    .map((manifest) => stringify(manifest))
    .join("---\n");
}

function backingStore(tenant: Tenant, stack: Pick<StackValues, "spread" | "storageClass" | "podSecurity">) {
  if (tenant.store === "sqlite") return { database: { embedded: { enabled: true } } };
  const statefulSet = {
    highAvailability: { replicas: replicas(tenant).etcd },
    resources: etcdResources,
    persistence: persistence(tenant, stack),
    scheduling: { topologySpreadConstraints: topologySpread("etcd", tenant.name, stack.spread ?? "preferred") },
    ...(stack.podSecurity === "restricted" && { security: securityValues(stack.podSecurity)?.security }),
  };
  return { etcd: { deploy: { enabled: true, statefulSet } } };
}

function persistence({ resources, dataOnRemoval }: Tenant, { storageClass = "" }: Pick<StackValues, "storageClass">) {
  const retentionPolicy = dataOnRemoval === "keep" ? "Retain" : "Delete";
  const size = `${resources.diskGi}Gi`;
  return { volumeClaim: { size, retentionPolicy, ...(storageClass !== "" && { storageClass }) } };
}

/** With etcd the control plane has no disk: what stood here of one would mean nothing. */
function controlPlaneVolumes(tenant: Tenant, stack: StackValues) {
  const [disk, signIn] = [tenant.store === "sqlite", stack.signIn !== undefined];
  if (!disk && !signIn) return {};
  return { persistence: { ...(disk && persistence(tenant, stack)), ...(signIn && signInValues.persistence) } };
}

function controlPlaneResources({ controlPlane }: Size) {
  return {
    requests: { ...controlPlane.requests, "ephemeral-storage": "1Gi" },
    limits: { ...controlPlane.limits, "ephemeral-storage": "10Gi" },
  };
}

function service(tenant: Tenant, address: Address | undefined) {
  const { expose, allowedCidrs } = tenant;
  if (expose === "none") return { spec: { type: "ClusterIP" } };
  const annotations = loadBalancerAnnotations(tenant, address);
  const ranges = expose === "public" && { loadBalancerSourceRanges: allowedCidrs };
  return {
    ...(Object.keys(annotations).length > 0 && { annotations }),
    spec: { type: "LoadBalancer", ...ranges },
  };
}

/** Names inside the host cluster that the API server's certificate lacks by default: it has NAME and NAME.NAMESPACE. */
function serviceNames({ name, namespace }: Tenant): string[] {
  return [`${name}.${namespace}.svc`, `${name}.${namespace}.svc.cluster.local`];
}
