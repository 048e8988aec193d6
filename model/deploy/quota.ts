import { claimsOf } from "../tenant/sizes.ts";
import type { Tenant } from "../tenant/tenantSchema.ts";
import { type Resources, sum } from "../text/quantities.ts";
import { budgetsOf } from "./availability.ts";

/** Members of a highly available store, and replicas of the control plane beside it. */
const etcdMembers = 3;

/** One etcd member. Its requests are the chart's; without limits the tenant's own quota would refuse its pod. */
export const etcdResources = {
  requests: { cpu: "20m", memory: "150Mi" },
  limits: { cpu: "500m", memory: "1Gi" },
} as const;

/** The virtual cluster's DNS, as the chart sets it. Source: chart 0.36.1, controlPlane.coredns.deployment.resources. */
const coreDns = {
  requests: { cpu: "20m", memory: "64Mi" },
  limits: { cpu: "1", memory: "170Mi" },
} as const;

/** Pods and disks that the virtual cluster itself takes in its namespace while it is active. */
export function overheadOf({ store }: Pick<Tenant, "store">) {
  const etcd = store === "etcd" ? etcdMembers : 0;
  const controlPlanes = store === "etcd" ? etcdMembers : 1;
  // One pod is the DNS, one the job that stops a tenant.
  return { etcd, controlPlanes, disks: store === "etcd" ? etcd : 1, pods: etcd + controlPlanes + 2 };
}

/**
 * Services of the virtual cluster itself: its own, the headless one of each StatefulSet, etcd's and DNS, and one by which
 * the syncer finds out the host's Service range. Source: chart 0.36.1, service.yaml, headless-service.yaml,
 * etcd-service.yaml, etcd-headless-service.yaml; vCluster, pkg/util/servicecidr.
 */
const ownServices = { sqlite: 4, etcd: 5 } as const;

/**
 * Control planes that are there beside the others while they are rolled. A StatefulSet makes none. Source: chart 0.36.1,
 * statefulset.yaml, maxSurge.
 */
const surge = { sqlite: 0, etcd: 1 } as const;

/** What the virtual cluster itself asks for while it is active: control plane, store and DNS. */
export function ownShareOf(tenant: Pick<Tenant, "resources" | "store">, kind: "requests" | "limits"): Resources {
  const { controlPlane } = tenant.resources;
  const { etcd, controlPlanes } = overheadOf(tenant);
  return sum([controlPlane[kind], controlPlanes], [etcdResources[kind], etcd], [coreDns[kind], 1]);
}

/** What a tenant may ask for in its namespace in all: its workloads' share and the virtual cluster's own. */
export function totalOf(tenant: Pick<Tenant, "resources" | "store">, kind: "requests" | "limits"): Resources {
  return sum([tenant.resources.workloads[kind], 1], [ownShareOf(tenant, kind), 1]);
}

/**
 * AKS's storage classes of Azure Files. One storage account serves all of a cluster, and its key lies in a Secret beside each
 * claim: whoever reads that Secret reads every tenant's shares. Source: AKS, "Use Azure Files", built-in storage classes.
 */
const azureFilesClasses = ["azurefile", "azurefile-csi", "azurefile-csi-premium", "azurefile-premium"];

/**
 * The resource quota of a tenant's namespace. The chart's own numbers are laid under these, so that each of its keys
 * that depends on the size is named here. There is room for all that the release itself ever has at once, a control plane
 * more while it is rolled among it: no upgrade waits for what the tenant's own pods leave over. A Service of type
 * LoadBalancer is charged for the node port of each of its ports, and the chart's has https alone; any more would be a
 * node port for the tenant to open.
 *
 * @param stack.azureFiles whether the stack's tenants may use Azure Files (setting `azureFiles`)
 */
export function quotaOf(
  tenant: Pick<Tenant, "resources" | "store" | "expose">,
  { azureFiles }: { readonly azureFiles: boolean },
) {
  const { diskGi, workloads } = tenant.resources;
  const { disks, pods: ownPods } = overheadOf(tenant);
  const withSurge = (kind: "requests" | "limits") =>
    sum([totalOf(tenant, kind), 1], [tenant.resources.controlPlane[kind], surge[tenant.store]]);
  const [requests, limits] = [withSurge("requests"), withSurge("limits")];
  const pods = workloads.pods + ownPods + surge[tenant.store];
  const loadBalancers = tenant.expose === "none" ? 0 : 1;
  return {
    "requests.cpu": requests.cpu,
    "requests.memory": requests.memory,
    "requests.storage": `${workloads.storageGi + disks * diskGi}Gi`,
    "requests.ephemeral-storage": `${pods}Gi`,
    "limits.cpu": limits.cpu,
    "limits.memory": limits.memory,
    "limits.ephemeral-storage": `${pods * 10}Gi`,
    "services.loadbalancers": loadBalancers,
    "services.nodeports": loadBalancers,
    "count/pods": pods,
    "count/services": workloads.pods + ownServices[tenant.store],
    "count/endpoints": pods * 2,
    "count/configmaps": pods * 5,
    "count/secrets": pods * 5,
    "count/persistentvolumeclaims": claimsOf(tenant.resources) + disks,
    // A budget of the tenant's own could hold up drains: the release's are the only ones.
    "count/poddisruptionbudgets.policy": budgetsOf(tenant),
    ...(azureFiles ? {} : closed(azureFilesClasses)),
  };
}

/** Quota keys that leave no claim to a storage class. */
function closed(classes: readonly string[]): Record<string, number> {
  return Object.fromEntries(classes.map((name) => [`${name}.storageclass.storage.k8s.io/persistentvolumeclaims`, 0]));
}

/** What a container gets that names no resources of its own: little, so that the quota is the tenant's to spend. */
export const containerDefaults = {
  default: { cpu: "500m", memory: "512Mi", "ephemeral-storage": "4Gi" },
  defaultRequest: { cpu: "50m", memory: "128Mi", "ephemeral-storage": "256Mi" },
} as const;
