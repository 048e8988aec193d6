import type { Members } from "../access/roles.ts";
import { accessManifests, type SignIn, signInFlags } from "../access/signIn.ts";
import { virtualClusterImageTags } from "../facts/kubernetesVersions.ts";
import type { PodSecurity } from "../facts/podSecurityStandards.ts";
import { bootstrapValues } from "../tenant/bootstrap.ts";
import type { Size } from "../tenant/sizes.ts";
import type { Tenant } from "../tenant/tenantSchema.ts";
import { besidePolicy } from "./besidePolicy.ts";
import type { Values } from "./chartFacts.ts";
import { loadBalancerAnnotations } from "./loadBalancer.ts";
import { securityValues } from "./podSecurity.ts";
import { containerDefaults, etcdResources, overheadOf, quotaOf } from "./quota.ts";
import { blockedAddresses } from "./tenantAddresses.ts";

/** What a stack adds to the values of its tenants. */
export interface StackValues {
  /** The stack's own values for every tenant (setting `vcluster.helmValues`); what the program sets wins. */
  readonly helmValues?: Values;
  /** How people sign in (setting `signIn`); without it nobody does. */
  readonly signIn?: SignIn | undefined;
  /** The Pod Security Standard of tenants (setting `podSecurity`). */
  readonly podSecurity?: PodSecurity;
  /** Whether tenants may use Azure Files (setting `azureFiles`). */
  readonly azureFiles?: boolean;
}

/**
 * The values of chart 0.36.1 for one tenant: the open-source image, no telemetry, the tenant's Kubernetes minor, its
 * size as quota and limits, its people's rights inside, and the policies that keep tenants apart. Keys of the paid
 * editions are never set.
 *
 * @param members the tenant's people by object id
 */
export function chartValues(tenant: Tenant, members: Members, { helmValues = {}, ...stack }: StackValues) {
  return mergeValues(helmValues, tenantValues(tenant, members, stack)) as ReturnType<typeof tenantValues>;
}

/** Lays values over others as Helm does: mappings are merged, anything else is replaced. */
function mergeValues(below: Values, above: Values): Values {
  const merged: Record<string, unknown> = { ...below };
  for (const [key, value] of Object.entries(above)) {
    const under = below[key];
    merged[key] = isMapping(value) && isMapping(under) ? mergeValues(under, value) : value;
  }
  return merged;
}

function isMapping(value: unknown): value is Values {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function tenantValues(
  tenant: Tenant,
  members: Members,
  { signIn, podSecurity = "baseline", azureFiles = false }: StackValues,
) {
  const secured = securityValues(podSecurity);
  return {
    controlPlane: {
      distro: {
        k8s: {
          image: { tag: virtualClusterImageTags[tenant.kubernetes] },
          ...(secured !== undefined && { securityContext: secured.container }),
          ...(signIn !== undefined && { apiServer: { extraArgs: signInFlags(signIn) } }),
        },
      },
      backingStore: backingStore(tenant, podSecurity),
      statefulSet: {
        image: { repository: "loft-sh/vcluster-oss" },
        highAvailability: { replicas: replicas(tenant).controlPlanes },
        resources: controlPlaneResources(tenant.resources),
        ...(secured !== undefined && { security: secured.security }),
        // With etcd the control plane has no disk: whatever stood here would mean nothing.
        ...(tenant.store === "sqlite" && { persistence: persistence(tenant) }),
      },
      service: service(tenant),
      proxy: { extraSANs: serviceNames(tenant) },
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
        host: { manifests: besidePolicy(tenant) },
        vcluster: {
          ...(signIn !== undefined && { manifests: accessManifests(members) }),
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

function backingStore(tenant: Tenant, podSecurity: PodSecurity) {
  if (tenant.store === "sqlite") return { database: { embedded: { enabled: true } } };
  const statefulSet = {
    highAvailability: { replicas: replicas(tenant).etcd },
    resources: etcdResources,
    persistence: persistence(tenant),
    ...(podSecurity !== "baseline" && { security: securityValues(podSecurity)?.security }),
  };
  return { etcd: { deploy: { enabled: true, statefulSet } } };
}

function persistence({ resources, dataOnRemoval }: Tenant) {
  const retentionPolicy = dataOnRemoval === "keep" ? "Retain" : "Delete";
  return { volumeClaim: { size: `${resources.diskGi}Gi`, retentionPolicy } };
}

function controlPlaneResources({ controlPlane }: Size) {
  return {
    requests: { ...controlPlane.requests, "ephemeral-storage": "1Gi" },
    limits: { ...controlPlane.limits, "ephemeral-storage": "10Gi" },
  };
}

function service(tenant: Tenant) {
  const { expose, allowedCidrs } = tenant;
  const annotations = loadBalancerAnnotations(tenant);
  if (expose === "none") return { spec: { type: "ClusterIP" } };
  if (expose === "internal") return { annotations, spec: { type: "LoadBalancer" } };
  return { spec: { type: "LoadBalancer", loadBalancerSourceRanges: allowedCidrs } };
}

/** Names inside the host cluster that the API server's certificate lacks by default: it has NAME and NAME.NAMESPACE. */
function serviceNames({ name, namespace }: Tenant): string[] {
  return [`${name}.${namespace}.svc`, `${name}.${namespace}.svc.cluster.local`];
}
