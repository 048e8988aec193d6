import type { AzureRole } from "./roles.ts";

/** What somebody wants to do with a kind of object, as the Kubernetes API server asks its authorizer. */
export interface Request {
  /** Such as "get", "list", "create" or "delete". */
  readonly verb: string;
  /** The API group; empty for the core one. */
  readonly group: string;
  /** The plural, such as "pods". */
  readonly resource: string;
  /** Such as "exec" or "portforward"; empty for the object itself. */
  readonly subresource: string;
}

/** Kinds of object that `view`, `edit` and Azure's reader and writer roles know alike: reader reads, writer does all. */
const workloads = [
  "apps/daemonsets",
  "apps/deployments",
  "apps/replicasets",
  "apps/statefulsets",
  "autoscaling/horizontalpodautoscalers",
  "batch/cronjobs",
  "batch/jobs",
  "configmaps",
  "networking.k8s.io/ingresses",
  "networking.k8s.io/networkpolicies",
  "persistentvolumeclaims",
  "pods",
  "policy/poddisruptionbudgets",
  "replicationcontrollers",
  "serviceaccounts",
  "services",
];

/** Kinds that all of them only read. */
const readOnly = [
  "apps/controllerrevisions",
  "discovery.k8s.io/endpointslices",
  "events.k8s.io/events",
  "limitranges",
  "metrics.k8s.io/pods",
  "namespaces",
  "resourcequotas",
];

const reads = (kinds: readonly string[]) => kinds.map((kind) => `${kind}/read`);
const all = (kinds: readonly string[]) => kinds.map((kind) => `${kind}/*`);

/** Actions that a role has, and those that it lacks all the same. */
interface Rights {
  readonly may: readonly string[];
  readonly mayNot?: readonly string[];
}

/**
 * The data actions of Azure's roles, below `Microsoft.ContainerService/managedClusters/`.
 * Source: Azure built-in roles, "Containers".
 */
export const azureRights: Readonly<Record<AzureRole, Rights>> = {
  clusterAdmin: { may: ["*"] },
  clusterUser: { may: [] },
  admin: {
    may: ["*"],
    mayNot: ["resourcequotas/write", "resourcequotas/delete", "namespaces/write", "namespaces/delete"],
  },
  writer: {
    may: [
      ...all([...workloads, "endpoints", "events", "secrets"]),
      ...reads(readOnly),
      ...["read", "write", "delete"].map((action) => `coordination.k8s.io/leases/${action}`),
    ],
  },
  reader: { may: reads([...workloads, ...readOnly, "endpoints", "events"]) },
};

/**
 * What Kubernetes' own ClusterRoles let people do, in the same terms.
 * Source: Kubernetes, "Default roles and role bindings".
 */
export const kubernetesRights: Readonly<Record<"cluster-admin" | "admin" | "edit" | "view", Rights>> = {
  "cluster-admin": { may: ["*"] },
  admin: {
    may: [
      ...all([...workloads, "secrets", "coordination.k8s.io/leases"]),
      ...all(["rbac.authorization.k8s.io/roles", "rbac.authorization.k8s.io/rolebindings"]),
      ...reads([...readOnly, "endpoints", "events"]),
    ],
  },
  edit: {
    may: [
      ...all([...workloads, "secrets", "coordination.k8s.io/leases"]),
      ...reads([...readOnly, "endpoints", "events"]),
    ],
  },
  view: { may: reads([...workloads, ...readOnly, "endpoints", "events"]) },
};

/** True where a role lets somebody do it, within its scope. */
export function allows({ may, mayNot = [] }: Rights, request: Request): boolean {
  const action = actionOf(request);
  const covers = (pattern: string) =>
    pattern === action || (pattern.endsWith("*") && action.startsWith(pattern.slice(0, -1)));
  return may.some(covers) && !mayNot.some(covers);
}

/**
 * The data action that AKS asks Azure for.
 *
 * @example actionOf({ verb: "list", group: "apps", resource: "deployments", subresource: "" }) // "apps/deployments/read"
 */
export function actionOf({ verb, group, resource, subresource }: Request): string {
  const kind = group === "" ? resource : `${group}/${resource}`;
  if (resource === "pods" && subresource === "exec") return `${kind}/exec/action`;
  if (["get", "list", "watch"].includes(verb) && subresource !== "portforward") return `${kind}/read`;
  if (["delete", "deletecollection"].includes(verb)) return `${kind}/delete`;
  return ["bind", "escalate", "impersonate", "use"].includes(verb) ? `${kind}/${verb}/action` : `${kind}/write`;
}
