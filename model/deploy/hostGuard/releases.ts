import { tenantLabel } from "../namespace.ts";
import { signInConfigMap } from "../signInFile.ts";
import { celList, celText, type GuardRule } from "./policy.ts";
import { notThePlatform } from "./who.ts";

/** How Helm names the Secrets that hold a release. Source: Helm, pkg/storage. */
const record = "sh.helm.release.v1.";

const workloads = ["statefulsets", "deployments", "replicasets", "jobs"];

const is = (...resources: string[]) => `request.resource.resource in ${celList(resources)}`;
const either = (expression: string) => `[object, oldObject].exists(o, o != null && ${expression})`;
const label = (of: string, name: string) =>
  `(has(${of}.metadata.labels) && ${celText(name)} in ${of}.metadata.labels ? ${of}.metadata.labels[${celText(name)}] : '')`;
const named = (prefix: string) => `(has(o.metadata.name) && o.metadata.name.startsWith(${prefix}))`;
const ofHelm = `${label("o", "owner")} == 'helm'`;
const releaseOfPods = `(has(o.spec.template) && has(o.spec.template.metadata) ? ${label("o.spec.template", "release")} : '')`;
const isSignIn = `(has(o.metadata.name) && o.metadata.name == ${celText(signInConfigMap)})`;

const changedByHelm = `${is("secrets")} && ${either(
  `(${named(`${celText(record)} + variables.tenant + '.v'`)} || (${ofHelm} && ${label("o", "name")} == variables.tenant))`,
)}`;
const otherPods = `${is(...workloads)} && ${either(`${releaseOfPods} == variables.tenant`)} && (request.operation == 'CREATE' || object.spec.template != oldObject.spec.template)`;

/**
 * What a tenant's release consists of. Whoever holds a role in the namespace may have what they like beside it; this is
 * the platform's alone:
 *
 * - what Helm remembers. Helm finds it by labels, also under another name, and believes it: an upgrade deletes what stands
 *   there and is no longer in the chart, a removal runs the hooks that stand there, both with the platform's rights on the
 *   whole host. The syncer copies labels of Secrets from inside. Other releases in the namespace are their makers' own;
 * - what its pods are made from. Rule `pods` knows them by their owner, and whoever changes an owner's template, or makes an
 *   owner of that name, makes such pods (rule `revisions` has the rest). The number of replicas may change: the vCluster
 *   CLI pauses by it;
 * - the file that says who is who inside: an edit would outlive the role of who made it.
 */
export const releases: GuardRule = {
  name: "releases",
  resources: [
    { apiGroups: [""], resources: ["secrets", "configmaps"], operations: ["CREATE", "UPDATE", "DELETE"] },
    {
      apiGroups: ["apps"],
      resources: ["statefulsets", "deployments", "replicasets"],
      operations: ["CREATE", "UPDATE"],
    },
    { apiGroups: ["batch"], resources: ["jobs"], operations: ["CREATE", "UPDATE"] },
  ],
  conditions: notThePlatform({
    where: [
      `(${is("secrets")} && ${either(`(${named(celText(record))} || ${ofHelm})`)})`,
      `(${is("configmaps")} && ${either(isSignIn)})`,
      `(${is(...workloads)} && ${either(`${releaseOfPods} != ''`)})`,
    ].join(" || "),
  }),
  variables: { tenant: `namespaceObject.metadata.labels[${celText(tenantLabel)}]` },
  validations: [
    {
      expression: `!(${changedByHelm})`,
      message: "what Helm remembers of the virtual cluster's release is the platform's alone",
    },
    {
      expression: `!(${otherPods})`,
      message: "pods with the label 'release' and the tenant's name are the control plane's: the platform's to change",
    },
    {
      expression: `!(${is("configmaps")} && ${either(isSignIn)})`,
      message: "who may do what inside is said by the tenant's file, which the platform's ConfigMap follows",
    },
  ],
};
