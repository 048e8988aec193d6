import type { Request } from "../../model/access/rights.ts";
import { Refusal } from "../../model/text/problems.ts";
import { didYouMean } from "../../model/text/validate.ts";

/*
 * The kinds of object that every Kubernetes has, by API group; the core group has no name. Also those of Cilium that the
 * guard of the host makes or refuses.
 * Source: `kubectl api-resources` of Kubernetes 1.36, the metrics API, and Cilium's CRDs.
 */

const ofTheCluster: Readonly<Record<string, readonly string[]>> = {
  "": ["componentstatuses", "namespaces", "nodes", "persistentvolumes"],
  "admissionregistration.k8s.io": [
    "mutatingadmissionpolicies",
    "mutatingadmissionpolicybindings",
    "mutatingwebhookconfigurations",
    "validatingadmissionpolicies",
    "validatingadmissionpolicybindings",
    "validatingwebhookconfigurations",
  ],
  "apiextensions.k8s.io": ["customresourcedefinitions"],
  "apiregistration.k8s.io": ["apiservices"],
  "authentication.k8s.io": ["selfsubjectreviews", "tokenreviews"],
  "authorization.k8s.io": ["selfsubjectaccessreviews", "selfsubjectrulesreviews", "subjectaccessreviews"],
  "cilium.io": ["ciliumclusterwidenetworkpolicies"],
  "certificates.k8s.io": ["certificatesigningrequests"],
  "flowcontrol.apiserver.k8s.io": ["flowschemas", "prioritylevelconfigurations"],
  "metrics.k8s.io": ["nodes"],
  "networking.k8s.io": ["ingressclasses", "ipaddresses", "servicecidrs"],
  "node.k8s.io": ["runtimeclasses"],
  "rbac.authorization.k8s.io": ["clusterrolebindings", "clusterroles"],
  "resource.k8s.io": ["deviceclasses", "resourceslices"],
  "scheduling.k8s.io": ["priorityclasses"],
  "storage.k8s.io": ["csidrivers", "csinodes", "storageclasses", "volumeattachments", "volumeattributesclasses"],
};

const ofNamespaces: Readonly<Record<string, readonly string[]>> = {
  "": [
    "bindings",
    "configmaps",
    "endpoints",
    "events",
    "limitranges",
    "persistentvolumeclaims",
    "pods",
    "podtemplates",
    "replicationcontrollers",
    "resourcequotas",
    "secrets",
    "serviceaccounts",
    "services",
  ],
  apps: ["controllerrevisions", "daemonsets", "deployments", "replicasets", "statefulsets"],
  "authorization.k8s.io": ["localsubjectaccessreviews"],
  autoscaling: ["horizontalpodautoscalers"],
  batch: ["cronjobs", "jobs"],
  "cilium.io": ["ciliumnetworkpolicies"],
  "coordination.k8s.io": ["leases"],
  "discovery.k8s.io": ["endpointslices"],
  "events.k8s.io": ["events"],
  "metrics.k8s.io": ["pods"],
  "networking.k8s.io": ["ingresses", "networkpolicies"],
  policy: ["poddisruptionbudgets"],
  "rbac.authorization.k8s.io": ["rolebindings", "roles"],
  "resource.k8s.io": ["resourceclaims", "resourceclaimtemplates"],
  "storage.k8s.io": ["csistoragecapacities"],
};

const shortNames: Readonly<Record<string, string>> = {
  cj: "cronjobs",
  cm: "configmaps",
  crd: "customresourcedefinitions",
  crds: "customresourcedefinitions",
  csr: "certificatesigningrequests",
  deploy: "deployments",
  ds: "daemonsets",
  ep: "endpoints",
  ev: "events",
  hpa: "horizontalpodautoscalers",
  ing: "ingresses",
  limits: "limitranges",
  netpol: "networkpolicies",
  no: "nodes",
  ns: "namespaces",
  pc: "priorityclasses",
  pdb: "poddisruptionbudgets",
  po: "pods",
  pv: "persistentvolumes",
  pvc: "persistentvolumeclaims",
  quota: "resourcequotas",
  rc: "replicationcontrollers",
  rs: "replicasets",
  sa: "serviceaccounts",
  sc: "storageclasses",
  sts: "statefulsets",
  svc: "services",
};

const verbs = [
  ...["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"],
  ...["bind", "escalate", "impersonate", "use"],
];

const subresources = [
  ...["attach", "binding", "ephemeralcontainers", "eviction", "exec", "log", "portforward", "proxy", "resize"],
  ...["approval", "finalize", "scale", "status", "token"],
];

/** Every kind with its group; the first of a name is meant where no group is written. */
const kinds = [ofNamespaces, ofTheCluster].flatMap((table) =>
  Object.entries(table).flatMap(([group, plurals]) => plurals.map((plural) => ({ group, plural }))),
);

/**
 * Reads a question about rights: a plural, singular or short name, with its group where it is none of Kubernetes' own, and
 * a subresource where one is meant, as roles write it. (`kubectl auth can-i` has --subresource for that, and reads a name
 * after the "/"; names of objects decide nothing here.)
 *
 * @example readRequest("create", "rayclusters.ray.io")
 * @example readRequest("create", "pods/exec")
 * @throws Refusal where there is no such verb or subresource, or no such kind in Kubernetes itself.
 */
export function readRequest(verb: string, text: string): Request {
  if (!verbs.includes(verb)) {
    throw new Refusal(`no verb '${verb}'${didYouMean(verb, verbs) || ":"} there are ${verbs.join(", ")}`);
  }
  const [kind = "", ...parts] = text.toLowerCase().split("/");
  const subresource = parts.join("/");
  if (subresource !== "" && !subresources.includes(subresource)) {
    const guess = didYouMean(subresource, subresources) || ";";
    throw new Refusal(
      `no subresource '${subresource}'${guess} there are ${subresources.join(", ")}. Names of objects are not part of a question`,
    );
  }
  const [name = "", ...rest] = kind.split(".").filter((part, i) => i !== 1 || !/^v\d/.test(part));
  const group = rest.join(".");
  const ofGroup = kinds.filter((one) => group === "" || one.group === group);
  // A group that none of Kubernetes' own kinds is in.
  if (ofGroup.length === 0) return { verb, group, resource: name, subresource };
  const known = kindOf(name, ofGroup);
  if (known === undefined) {
    const names = ofGroup.map(({ plural }) => plural);
    throw new Refusal(
      `no kind of object '${kind}' in Kubernetes${didYouMean(name, names) || ";"} a custom one is written with its group, such as rayclusters.ray.io`,
    );
  }
  return { verb, group: known.group, resource: known.plural, subresource };
}

/** The kind that a plural, a singular or a short name stands for. */
function kindOf(name: string, among: typeof kinds): (typeof kinds)[number] | undefined {
  const plurals = [name, shortNames[name], `${name}s`, `${name}es`, name.replace(/y$/, "ies")];
  return plurals.flatMap((wanted) => among.find(({ plural }) => plural === wanted) ?? [])[0];
}

/** True where an object of this kind, or the list of all of them, is in no namespace: only a role at the whole cluster counts. */
export function isOfCluster({ group, resource, verb }: Request): boolean {
  // Whoever makes a RoleBinding to a ClusterRole is asked whether they may bind it in that namespace.
  // Source: Kubernetes, pkg/registry/rbac, BindingAuthorized.
  if (verb === "bind") return false;
  // A namespace is in itself, as roles see it; making one and listing them all is of the cluster.
  if (group === "" && resource === "namespaces") return ["create", "list", "watch", "deletecollection"].includes(verb);
  return ofTheCluster[group]?.includes(resource) ?? false;
}
