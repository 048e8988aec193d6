import { virtualClusterImageTags } from "./kubernetesVersions.ts";
import { type Size, sizes } from "./sizes.ts";
import type { Tenant } from "./tenantSchema.ts";

/**
 * Addresses that a tenant's pods cannot reach: the chart's five private ranges, and Azure's two link-local and
 * platform addresses, which hand out the node's identity. A list replaces the chart's, so the five are repeated.
 * Source: chart 0.36.1, policies.networkPolicy.workload.publicEgress.except; Azure, "169.254.169.254" (instance
 * metadata) and "168.63.129.16" (wire server).
 */
const blockedAddresses = [
  "100.64.0.0/10",
  "127.0.0.0/8",
  "10.0.0.0/8",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "169.254.169.254/32",
  "168.63.129.16/32",
];

/** Makes Azure give a Service of type LoadBalancer an address of the virtual network. Source: AKS, "internal load balancer". */
const internalLoadBalancer = { "service.beta.kubernetes.io/azure-load-balancer-internal": "true" };

/**
 * The values of chart 0.36.1 for one tenant: the open-source image, no telemetry, the tenant's Kubernetes minor, its
 * size as quota and limits, and the policies that keep tenants apart. Keys of the paid editions are never set.
 */
export function chartValues(tenant: Tenant) {
  const size = sizes[tenant.size];
  return {
    controlPlane: {
      distro: { k8s: { image: { tag: virtualClusterImageTags[tenant.kubernetes] } } },
      backingStore: { database: { embedded: { enabled: true } } },
      statefulSet: {
        image: { repository: "loft-sh/vcluster-oss" },
        highAvailability: { replicas: tenant.lifecycle === "active" ? 1 : 0 },
        resources: controlPlaneResources(size),
        persistence: { volumeClaim: { size: size.disk } },
      },
      service: service(tenant),
      proxy: { extraSANs: serviceNames(tenant) },
    },
    sync: { toHost: { serviceAccounts: { enabled: true } } },
    policies: {
      podSecurityStandard: "baseline",
      resourceQuota: { enabled: true, quota: quota(tenant, size) },
      limitRange: { enabled: true },
      networkPolicy: { enabled: true, workload: { publicEgress: { enabled: true, except: blockedAddresses } } },
    },
    telemetry: { enabled: false },
  };
}

function controlPlaneResources({ controlPlane }: Size) {
  return {
    requests: { ...controlPlane.requests, "ephemeral-storage": "1Gi" },
    limits: { ...controlPlane.limits, "ephemeral-storage": "10Gi" },
  };
}

function service({ expose, allowedCidrs }: Tenant) {
  if (expose === "none") return { spec: { type: "ClusterIP" } };
  if (expose === "internal") return { annotations: internalLoadBalancer, spec: { type: "LoadBalancer" } };
  return { spec: { type: "LoadBalancer", loadBalancerSourceRanges: allowedCidrs } };
}

/** Names inside the host cluster that the API server's certificate lacks by default: it has NAME and NAME.NAMESPACE. */
function serviceNames({ name, namespace }: Tenant): string[] {
  return [`${name}.${namespace}.svc`, `${name}.${namespace}.svc.cluster.local`];
}

/** A Service of type LoadBalancer is charged for its node ports too: https and kubelet. */
function quota({ expose }: Tenant, { quota }: Size) {
  const loadBalancers = expose === "none" ? 0 : 1;
  return {
    "requests.cpu": quota.requests.cpu,
    "requests.memory": quota.requests.memory,
    "requests.storage": quota.storage,
    "limits.cpu": quota.limits.cpu,
    "limits.memory": quota.limits.memory,
    "count/pods": quota.pods,
    "services.loadbalancers": loadBalancers,
    "services.nodeports": loadBalancers * 2,
  };
}
