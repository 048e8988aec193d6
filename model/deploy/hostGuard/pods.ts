import { longestEnd } from "../drain.ts";
import { tenantLabel } from "../namespace.ts";
import { releaseApps } from "../releaseApps.ts";
import { celList, celText, type GuardRule } from "./policy.ts";

/** What the guard must know of the stack to judge pods. */
export interface PodRules {
  /** Tolerations that the stack's own values give to what they deploy (setting `vcluster.helmValues`). */
  readonly tolerations: readonly Toleration[];
  /** True where the stack lets tenants use the host's runtime classes (`sync.fromHost.runtimeClasses`). */
  readonly runtimeClasses: boolean;
}

/** A toleration of a pod, as Kubernetes takes it. */
export interface Toleration {
  readonly key?: string;
  readonly operator?: string;
  readonly value?: string;
  readonly effect?: string;
}

/** The label that the syncer puts on every pod of a virtual cluster. The chart's network policies go by it. */
export const managedByLabel = "vcluster.loft.sh/managed-by";

/**
 * Values of the label `app` for which the chart's policies open the network: to any address at TCP 443, and into the
 * control planes of all tenants. Source: chart 0.36.1, templates/networkpolicy.yaml.
 */
const opening = ["vcluster-snapshot", "loft"];

/** Volumes that reach neither the node nor anything that is not the tenant's. Any other kind is refused, also a new one. */
const volumes = [
  "configMap",
  "downwardAPI",
  "emptyDir",
  "ephemeral",
  "image",
  "persistentVolumeClaim",
  "projected",
  "secret",
];

/** Finalizers of Kubernetes' own, which remove themselves. Source: Kubernetes, "Finalizers", "Tracking Jobs". */
const finalizers = ["batch.kubernetes.io/job-tracking", "foregroundDeletion", "orphan"];

const label = (name: string) => `(${celText(name)} in variables.labels ? variables.labels[${celText(name)}] : '')`;
const created = (expression: string) => `request.operation != 'CREATE' || (${expression})`;
/** For what containers are: they are given with the pod, and added to it by a subresource. */
const contained = (expression: string) =>
  `(request.operation == 'UPDATE' && request.subResource != 'ephemeralcontainers') || (${expression})`;
const relabelled = (expression: string) => `variables.sameLabels || (${expression})`;
const everyContainer = (expression: string) =>
  ["containers", "initContainers", "ephemeralContainers"]
    .map((list) => `(!has(object.spec.${list}) || object.spec.${list}.all(c, ${expression}))`)
    .join(" && ");
/** A pod of another namespace in an affinity keeps a node from its tenant, or tells where it runs. */
const atHome = (term: string) =>
  `(!has(${term}.namespaceSelector) && (!has(${term}.namespaces) || ${term}.namespaces.all(n, n == request.namespace)))`;
const affinityAtHome = ["podAffinity", "podAntiAffinity"]
  .flatMap((kind) => [
    [kind, "requiredDuringSchedulingIgnoredDuringExecution", "t"],
    [kind, "preferredDuringSchedulingIgnoredDuringExecution", "t.podAffinityTerm"],
  ])
  .map(([kind, terms, term = ""]) => {
    const list = `object.spec.affinity.${kind}.${terms}`;
    return `(!has(object.spec.affinity.${kind}) || !has(${list}) || ${list}.all(t, ${atHome(term)}))`;
  })
  .join(" && ");
const text = (field: string) => `(has(t.${field}) ? t.${field} : '')`;

/**
 * Whose a pod with the label `release` of the tenant is: the chart's workloads' and the job's that stops a tenant. Their
 * pods are made by Kubernetes' controllers, never by a person or by the syncer.
 */
const ofTheRelease = [
  "request.userInfo.username.startsWith('system:serviceaccount:kube-system:')",
  `!(${celText(managedByLabel)} in variables.labels)`,
  `has(object.metadata.ownerReferences) && object.metadata.ownerReferences.exists(o, ${[
    "(o.kind == 'StatefulSet' && o.name in [variables.tenant, variables.tenant + '-etcd'])",
    "(o.kind == 'ReplicaSet' && o.name.matches('^' + variables.tenant + '-[a-z0-9]{6,10}$'))",
    "(o.kind == 'Job' && o.name == variables.tenant + '-stop')",
  ].join(" || ")})`,
].join(" && ");

/**
 * What a pod of a tenant may not be, whoever makes it: nobody is asked who they are, for most pods are made by Kubernetes'
 * own controllers. On an update only what changes is judged, so that a pod of before can still end. The Pod Security
 * Standard `baseline` refuses a part of this too; that one goes by a label.
 */
export function pods({ tolerations, runtimeClasses }: PodRules): GuardRule {
  const tolerated = tolerations.map(({ key = "", operator = "", value = "", effect = "" }) =>
    [key, operator, value, effect].join("|"),
  );
  const toleration = [
    `${text("key")}.startsWith('node.kubernetes.io/')`,
    "(request.operation == 'UPDATE' && has(oldObject.spec.tolerations) && t in oldObject.spec.tolerations)",
    `${["key", "operator", "value", "effect"].map(text).join(" + '|' + ")} in ${celList(tolerated)}`,
    // Kubernetes' plugin ExtendedResourceToleration, which AKS has on, adds it to a pod that asks for a GPU.
    // A request of 0 fits every node, so it asks for none.
    `(has(t.key) && object.spec.containers.exists(c, has(c.resources) && has(c.resources.requests) && t.key in c.resources.requests && string(c.resources.requests[t.key]).matches('[1-9]')))`,
  ].join(" || ");
  return {
    name: "pods",
    resources: [
      {
        apiGroups: [""],
        resources: ["pods", "pods/ephemeralcontainers"],
        operations: ["CREATE", "UPDATE"],
      },
    ],
    variables: {
      tenant: `namespaceObject.metadata.labels[${celText(tenantLabel)}]`,
      labels: "has(object.metadata.labels) ? object.metadata.labels : {}",
      oldLabels: "oldObject != null && has(oldObject.metadata.labels) ? oldObject.metadata.labels : {}",
      sameLabels: "request.operation == 'UPDATE' && variables.labels == variables.oldLabels",
    },
    validations: [
      {
        expression: relabelled(`!(${label("app")} in ${celList(opening)})`),
        message: `a pod with the label app=${opening.join(" or app=")} would pass the network policies of tenants`,
      },
      {
        expression: relabelled(`${label("release")} != variables.tenant || (${ofTheRelease})`),
        message: "the label 'release' with the tenant's name is for the virtual cluster's own pods",
      },
      {
        expression: relabelled(
          `!(${label("app")} in ${celList(Object.values(releaseApps))}) || ${label("release")} == variables.tenant || ${celText(managedByLabel)} in variables.labels`,
        ),
        message: `the labels app=${Object.values(releaseApps).join(", app=")} are for the virtual cluster's own pods, and for those made inside`,
      },
      {
        expression: relabelled(
          `!(${celText(managedByLabel)} in variables.labels) || ${label(managedByLabel)} == variables.tenant`,
        ),
        message: `the label ${managedByLabel} has the tenant's name, or the pod is none of the virtual cluster's`,
      },
      {
        expression: relabelled(
          `!(${celText(managedByLabel)} in variables.oldLabels) || ${celText(managedByLabel)} in variables.labels`,
        ),
        message: `a pod keeps its label ${managedByLabel}: the network policies go by it`,
      },
      {
        expression: created(
          `request.userInfo.username != 'system:serviceaccount:' + request.namespace + ':vc-' + variables.tenant || ${celText(managedByLabel)} in variables.labels`,
        ),
        message: `the virtual cluster's pods have the label ${managedByLabel}: the network policies go by it`,
      },
      {
        expression: created(
          ["hostNetwork", "hostPID", "hostIPC"]
            .map((field) => `(!has(object.spec.${field}) || !object.spec.${field})`)
            .join(" && "),
        ),
        message: "a tenant's pods do not share the node's network, processes or IPC (hostNetwork, hostPID, hostIPC)",
      },
      {
        expression: created(
          `!has(object.spec.volumes) || object.spec.volumes.all(v, ${volumes.map((kind) => `has(v.${kind})`).join(" || ")})`,
        ),
        message: `volumes of a tenant's pods are of the kinds ${volumes.join(", ")}: no hostPath, no inline csi, nfs or disk`,
      },
      {
        expression: contained(
          everyContainer(
            [
              "!has(c.securityContext)",
              [
                "(!has(c.securityContext.privileged) || !c.securityContext.privileged)",
                "(!has(c.securityContext.windowsOptions) || !has(c.securityContext.windowsOptions.hostProcess) || !c.securityContext.windowsOptions.hostProcess)",
              ].join(" && "),
            ].join(" || "),
          ),
        ),
        message: "containers of a tenant are not privileged, and no host processes",
      },
      {
        expression: created(everyContainer("!has(c.ports) || c.ports.all(p, !has(p.hostPort) || p.hostPort == 0)")),
        message: "containers of a tenant take no port of the node (hostPort)",
      },
      {
        expression: created("!has(object.spec.nodeName) || object.spec.nodeName == ''"),
        message: "the scheduler chooses the node: a tenant's pods come without nodeName",
      },
      {
        expression: `!has(object.spec.tolerations) || object.spec.tolerations.all(t, ${toleration})`,
        message:
          "a tenant's pods tolerate what Kubernetes itself puts on nodes (node.kubernetes.io/…), and no taint by which the platform keeps nodes for others",
      },
      {
        expression: created(
          // The stack's own values may spread control planes of all its tenants.
          `!has(object.spec.affinity) || ${label("release")} == variables.tenant || (${affinityAtHome})`,
        ),
        message:
          "a tenant's pods look for, or keep away from, pods of their own namespace alone (namespaces, namespaceSelector of affinities)",
      },
      ...(runtimeClasses
        ? []
        : [
            {
              expression: created("!has(object.spec.runtimeClassName) || object.spec.runtimeClassName == ''"),
              message: "a tenant's pods name no runtime class: the stack shares none (sync.fromHost.runtimeClasses)",
            },
          ]),
      {
        expression: `!has(object.metadata.finalizers) || object.metadata.finalizers.all(f, f in ${celList(finalizers)} || (oldObject != null && has(oldObject.metadata.finalizers) && f in oldObject.metadata.finalizers))`,
        message: "a tenant's pods have no finalizer of their own: the drain of a node waits until they are gone",
      },
      {
        expression: created(
          `!has(object.spec.terminationGracePeriodSeconds) || object.spec.terminationGracePeriodSeconds <= ${longestEnd}`,
        ),
        message: `a tenant's pods take at most ${longestEnd} seconds to end (terminationGracePeriodSeconds): a drain waits for them`,
      },
      {
        expression: created(
          "!has(object.spec.priorityClassName) || !object.spec.priorityClassName.startsWith('system-')",
        ),
        message: "the priority classes 'system-…' are for the host's own pods",
      },
    ],
  };
}
