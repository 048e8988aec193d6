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
const azureRights: Readonly<Record<AzureRole, Rights>> = {
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

/** A ClusterRole that every Kubernetes has. */
export type ClusterRole = "cluster-admin" | "admin" | "edit" | "view";

/*
 * Kubernetes' roles name subresources one by one. Source: the ClusterRoles of Kubernetes 1.36 as they are in a cluster
 * (`kubectl get clusterroles view edit admin`); "Default roles and role bindings".
 */
const changes = (kinds: readonly string[]) => kinds.flatMap((kind) => [`${kind}/write`, `${kind}/delete`]);
const claims = ["resource.k8s.io/resourceclaims", "resource.k8s.io/resourceclaimtemplates"];
const scalable = ["apps/deployments", "apps/replicasets", "apps/statefulsets", "replicationcontrollers"];
const roles = ["rbac.authorization.k8s.io/roles", "rbac.authorization.k8s.io/rolebindings"];
const views = [
  ...[...workloads, ...readOnly, "endpoints", "events", "bindings", ...claims].flatMap((kind) => [
    `${kind}/read`,
    ...["status", "scale"].map((subresource) => `${kind}/${subresource}/read`),
  ]),
  "pods/log/read",
];
const edits = [
  ...views,
  ...reads(["secrets", "coordination.k8s.io/leases"]),
  ...changes([...workloads, ...claims, "secrets", "events", "events.k8s.io/events", "coordination.k8s.io/leases"]),
  ...changes(scalable.map((kind) => `${kind}/scale`)),
  ...all(["pods/attach", "pods/exec", "pods/portforward", "pods/proxy", "services/proxy"]),
  ...["pods/eviction", "serviceaccounts/token"].map((kind) => `${kind}/create`),
  "serviceaccounts/impersonate/action",
];

/** What Kubernetes' own ClusterRoles let people do, in the same terms. */
const kubernetesRights: Readonly<Record<ClusterRole, Rights>> = {
  "cluster-admin": { may: ["*"] },
  admin: {
    may: [...edits, ...reads(roles), ...changes(roles), "authorization.k8s.io/localsubjectaccessreviews/create"],
  },
  edit: { may: edits },
  view: { may: views },
};

/** True where one of Azure's roles lets its holder do it, within the role's scope. */
export function azureAllows(role: AzureRole, request: Request): boolean {
  return covers(azureRights[role], azureAction(request));
}

/** True where one of Kubernetes' roles does. */
export function kubernetesAllows(role: ClusterRole, request: Request): boolean {
  const { subresource } = request;
  const kind = subresource === "" ? kindOf(request) : `${kindOf(request)}/${subresource}`;
  // Of what is made and never changed, Kubernetes' roles give "create" alone.
  const actions = [accessOf(request), ...(request.verb === "create" ? ["create"] : [])];
  return actions.some((action) => covers(kubernetesRights[role], `${kind}/${action}`));
}

function covers({ may, mayNot = [] }: Rights, action: string): boolean {
  const matches = (pattern: string) =>
    pattern === action || (pattern.endsWith("*") && action.startsWith(pattern.slice(0, -1)));
  return may.some(matches) && !mayNot.some(matches);
}

/**
 * The data action that AKS asks Azure for. Of all subresources only exec has one of its own: a port-forward that begins
 * with "create", as on hosts from Kubernetes 1.35, is a write of the pod, and one that begins with "get" a read.
 * Source: the authorizer of AKS (Azure/guard).
 *
 * @example azureAction({ verb: "list", group: "apps", resource: "deployments", subresource: "" }) // "apps/deployments/read"
 */
function azureAction(request: Request): string {
  const exec = request.resource === "pods" && request.subresource === "exec";
  return `${kindOf(request)}/${exec ? "exec/action" : accessOf(request)}`;
}

function kindOf({ group, resource }: Request): string {
  return group === "" ? resource : `${group}/${resource}`;
}

function accessOf({ verb }: Request): string {
  if (["get", "list", "watch"].includes(verb)) return "read";
  if (["delete", "deletecollection"].includes(verb)) return "delete";
  return ["bind", "escalate", "impersonate", "use"].includes(verb) ? `${verb}/action` : "write";
}
