import { isDeepStrictEqual } from "node:util";
import { v5 as uuidv5 } from "uuid";
import type { ValueProblem, ValuesChecks } from "../../model/chart/chartSchema.ts";
import { annotationsOf, dnsLabelAnnotation, exposureOf, fixedAddressAnnotation } from "../../model/deploy/address.ts";
import {
  diskHolderName,
  fixedValues,
  isStopped,
  storeOf,
  type Values,
  valueAt,
} from "../../model/deploy/chartFacts.ts";
import { isHalfway } from "../../model/recovery/releases.ts";
import type { Properties } from "../engine/values.ts";
import { requireReachable } from "./aks.ts";
import { authorize, deployingIdentity, isAks, roleBindingType } from "./authorizer.ts";
import { managedClusterType, resourceGroupType } from "./azure.ts";
import { type Cloud, CloudError } from "./cloud.ts";
import { admissionPolicyType, policyBindingType } from "./guard.ts";
import { at, type Failure, type Kind, mustMatch, refuseTaken, text } from "./kind.ts";
import { requireAddress } from "./network.ts";

const namespaceType = "kubernetes:core/v1:Namespace";
const jobType = "kubernetes:batch/v1:Job";
const configMapType = "kubernetes:core/v1:ConfigMap";
const networkDenialType = "kubernetes:cilium.io/v2:CiliumClusterwideNetworkPolicy";
export const releaseType = "kubernetes:helm.sh/v3:Release";

/** Seed of the uids that the simulated API server gives. */
const uids = "0f7d3c5e-7a0b-4d2c-9a49-6f0f3a1f5b10";

/** What the API server adds to an object. */
const added = ["metadata.uid", "status"];

/** RFC 1123 label: what namespaces are named by. */
const label = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** What objects live in that are in a cluster that was there before. */
const existingCluster = "existing-cluster";

/** The id of the cluster that objects live in: the one AKS cluster, or a cluster that was there before. */
function clusterOf(cloud: Cloud): string {
  const [aks] = cloud.ofType(managedClusterType);
  if (aks === undefined && cloud.ofType(resourceGroupType).length > 0) {
    // Wording: the Kubernetes provider, for an API server that does not answer.
    throw new CloudError(503, "Unreachable", "configured Kubernetes cluster is unreachable");
  }
  if (aks !== undefined) requireReachable(cloud, aks.properties);
  return aks?.id ?? existingCluster;
}

/**
 * A refresh takes nothing for gone because the API server does not answer.
 *
 * @throws CloudError where the cluster is gone; what says otherwise is the provider's own environment variable
 */
export function requireCluster(cloud: Cloud, type: string): void {
  if (!type.startsWith("kubernetes:") || process.env.PULUMI_K8S_DELETE_UNREACHABLE === "true") return;
  if (cloud.ofType(managedClusterType).length > 0 || cloud.objects.some(({ parent }) => parent === existingCluster))
    return;
  // Wording: the Kubernetes provider.
  throw new CloudError(
    503,
    "Unreachable",
    'failed to read resource state due to unreachable cluster. If the cluster was deleted, you can remove this resource from Pulumi state by rerunning the operation with the PULUMI_K8S_DELETE_UNREACHABLE environment variable set to "true"',
  );
}

function namespaceId(name: string): string {
  return `namespaces/${name}`;
}

/** Wording: the Kubernetes API server. */
function requireNamespace(cloud: Cloud, name: string): void {
  clusterOf(cloud);
  if (cloud.get(namespaceId(name)) === undefined)
    throw new CloudError(404, "NotFound", `namespaces "${name}" not found`);
}

/** Wording: the Kubernetes API server. A preview is told so too: the provider asks it to create without doing it. */
function existing(what: string): CloudError {
  return new CloudError(409, "AlreadyExists", `${what} already exists`);
}

function metadataOf(inputs: Properties, id: string): Properties {
  return { ...(inputs.metadata as Properties), uid: uuidv5(id, uids) };
}

async function putNamespace(cloud: Cloud, name: string, inputs: Properties): Promise<Properties> {
  const properties = { ...inputs, metadata: metadataOf(inputs, namespaceId(name)), status: { phase: "Active" } };
  await cloud.put(namespaceId(name), { type: namespaceType, parent: clusterOf(cloud), properties });
  return properties;
}

const namespace: Kind = {
  immutable: ["metadata.name"],
  computed: added,
  deleteBeforeReplace: true,
  check: (inputs) => mustMatch(inputs, "metadata.name", label, "not a namespace name"),
  keyOf: (inputs) => namespaceId(String(at(inputs, "metadata.name"))),
  taken: (inputs) => existing(`namespaces "${String(at(inputs, "metadata.name"))}"`),
  async create(cloud, inputs) {
    const name = String(at(inputs, "metadata.name"));
    clusterOf(cloud);
    refuseTaken(cloud, namespace, inputs);
    return { id: name, outs: await putNamespace(cloud, name, inputs) };
  },
  async update(cloud, id, inputs) {
    requireNamespace(cloud, id);
    return putNamespace(cloud, id, inputs);
  },
  delete: (cloud, id) => cloud.remove(namespaceId(id)),
};

/**
 * A kind of object that lives in a namespace and needs nothing else.
 *
 * @param plural what the API server calls it, such as "jobs.batch"
 */
function namespaced(type: string, plural: string, immutable: readonly string[], extra: Properties = {}): Kind {
  const put = async (cloud: Cloud, id: string, inputs: Properties): Promise<Properties> => {
    const [space = ""] = id.split("/");
    requireNamespace(cloud, space);
    const outs = { ...inputs, metadata: metadataOf(inputs, `${plural}/${id}`), ...extra };
    await cloud.put(`${plural}/${id}`, { type, parent: namespaceId(space), properties: outs });
    return outs;
  };
  const idOf = (inputs: Properties) =>
    `${String(at(inputs, "metadata.namespace"))}/${String(at(inputs, "metadata.name"))}`;
  const kind: Kind = {
    immutable: ["metadata.name", "metadata.namespace", ...immutable],
    computed: added,
    deleteBeforeReplace: true,
    keyOf: (inputs) => `${plural}/${idOf(inputs)}`,
    taken: (inputs) => existing(`${plural} "${String(at(inputs, "metadata.name"))}"`),
    async create(cloud, inputs) {
      requireNamespace(cloud, String(at(inputs, "metadata.namespace")));
      refuseTaken(cloud, kind, inputs);
      return { id: idOf(inputs), outs: await put(cloud, idOf(inputs), inputs) };
    },
    update: put,
    delete: (cloud, id) => cloud.remove(`${plural}/${id}`),
  };
  return kind;
}

/**
 * A kind of object of the whole cluster that needs nothing else.
 *
 * @param plural what the API server calls it, such as "validatingadmissionpolicies.admissionregistration.k8s.io"
 */
function clusterWide(type: string, plural: string): Kind {
  const put = async (cloud: Cloud, id: string, inputs: Properties): Promise<Properties> => {
    const outs = { ...inputs, metadata: metadataOf(inputs, `${plural}/${id}`) };
    await cloud.put(`${plural}/${id}`, { type, parent: clusterOf(cloud), properties: outs });
    return outs;
  };
  const idOf = (inputs: Properties) => String(at(inputs, "metadata.name"));
  const kind: Kind = {
    immutable: ["metadata.name"],
    computed: added,
    deleteBeforeReplace: true,
    keyOf: (inputs) => `${plural}/${idOf(inputs)}`,
    taken: (inputs) => existing(`${plural} "${idOf(inputs)}"`),
    async create(cloud, inputs) {
      clusterOf(cloud);
      refuseTaken(cloud, kind, inputs);
      return { id: idOf(inputs), outs: await put(cloud, idOf(inputs), inputs) };
    },
    update: put,
    delete: (cloud, id) => cloud.remove(`${plural}/${id}`),
  };
  return kind;
}

const admission = "admissionregistration.k8s.io";
const policies = "validatingadmissionpolicies";
const policyBindings = "validatingadmissionpolicybindings";
const networkDenials = "ciliumclusterwidenetworkpolicies";

const roleBinding = namespaced(roleBindingType, "rolebindings.rbac.authorization.k8s.io", ["roleRef"]);

/** Its data change in place, for the program's providers say `enableConfigMapMutable`; without, the provider replaces it. */
const configMap = namespaced(configMapType, "configmaps", []);

/** The cloud's key of a ConfigMap. */
export function configMapKey(namespace: string, name: string): string {
  return `configmaps/${namespace}/${name}`;
}

/** @throws CloudError where a release's control plane mounts a ConfigMap that is not there: its pod does not start. */
function requireVolumes(cloud: Cloud, space: string, values: Values): void {
  const volumes = valueAt(values, "controlPlane.statefulSet.persistence.addVolumes") ?? [];
  for (const { name, configMap } of volumes as { name: string; configMap: { name: string } }[]) {
    if (isStopped(values) || cloud.get(configMapKey(space, configMap.name)) !== undefined) continue;
    // Wording: Helm, which waits for the pod in vain, and the kubelet's event.
    const event = `MountVolume.SetUp failed for volume "${name}" : configmap "${configMap.name}" not found`;
    throw new CloudError(504, "Timeout", `context deadline exceeded: ${event}`);
  }
}

/** A job that has run: what it deletes are pods, which the sandbox does not have. */
const job = namespaced(jobType, "jobs.batch", ["spec.template"], { status: { succeeded: 1 } });

const valuesOf = (release: Properties) => (release.values ?? {}) as Values;

/** Wording: the Kubernetes API server, for a StatefulSet. */
export const statefulSetRule =
  "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";

/**
 * What an upgrade changes of a release's StatefulSet that Kubernetes never changes. Another store is another matter:
 * Helm then removes the old workloads and creates new ones.
 */
function fixedChanges(before: Properties, after: Properties): Failure[] {
  const [old, now] = [valuesOf(before), valuesOf(after)];
  const store = storeOf(old);
  const sameRelease = before.name === after.name && before.namespace === after.namespace;
  if (!sameRelease || store !== storeOf(now)) return [];
  const changed = fixedValues(store).filter((path) => !isDeepStrictEqual(valueAt(old, path), valueAt(now, path)));
  if (changed.length === 0) return [];
  const paths = changed.map((path) => `values.${path}`).join(" and ");
  // Which values it is about is the sandbox's own word.
  const reason = `StatefulSet.apps "${diskHolderName(text(after, "name"), store)}" is invalid: spec: Forbidden: ${statefulSetRule} (${paths} cannot change)`;
  return [{ property: "", reason: new CloudError(422, "Invalid", reason).message }];
}

/** What Azure's load balancer refuses a release's Service: a fixed address or a name that is not to be had. */
function requireLoadBalancer(cloud: Cloud, id: string, values: Values): void {
  if (!isAks(cloud) || exposureOf(values) === "none") return;
  const others = cloud
    .ofType(releaseType)
    .filter((other) => other.id !== `releases/${id}`)
    .map(({ properties }) => annotationsOf(valuesOf(properties)));
  const { [fixedAddressAnnotation]: address, [dnsLabelAnnotation]: label } = annotationsOf(values);
  if (typeof address === "string") {
    requireAddress(
      cloud,
      address,
      others.map((other) => String(other[fixedAddressAnnotation])),
    );
  }
  if (typeof label !== "string" || !others.some((other) => other[dnsLabelAnnotation] === label)) return;
  // Wording: Azure, DnsRecordInUse; Helm waits, and says no more than that its time is up.
  throw new CloudError(400, "DnsRecordInUse", `DNS record ${label} is already used by another public IP.`);
}

/** A Helm release of the vCluster chart. Its values are checked against the chart's schema where a copy is at hand. */
function release(checkOf: ValuesChecks): Kind {
  const put = async (cloud: Cloud, id: string, inputs: Properties, revision: number): Promise<Properties> => {
    const [space = "", name = ""] = id.split("/");
    requireLoadBalancer(cloud, id, valuesOf(inputs));
    const status = {
      name,
      namespace: space,
      revision,
      status: "deployed",
      chart: "vcluster",
      version: inputs.version ?? "",
      appVersion: inputs.version ?? "",
    };
    requireVolumes(cloud, space, valuesOf(inputs));
    const outs = { ...inputs, status };
    await cloud.put(`releases/${id}`, { type: releaseType, parent: namespaceId(space), properties: outs });
    return outs;
  };
  const idOf = (inputs: Properties) => `${String(inputs.namespace)}/${String(inputs.name)}`;
  const kind: Kind = {
    immutable: ["name", "namespace"],
    computed: ["status"],
    deleteBeforeReplace: true,
    troubles(properties) {
      const [name, status] = [at(properties, "status.name"), at(properties, "status.status")];
      // Wording: Pulumi's Kubernetes provider, shortened.
      return status === "deployed"
        ? []
        : [`Helm release "${String(name)}" was created but has a ${String(status)} status`];
    },
    keyOf: (inputs) => `releases/${idOf(inputs)}`,
    // Wording: Helm.
    taken: ({ name }) => existing(`cannot re-use a name that is still in use: release "${String(name)}"`),
    check: (inputs, before) => [
      // Source: Helm's limit for release names.
      ...mustMatch(
        inputs,
        "name",
        /^[a-z0-9]([-a-z0-9.]{0,51}[a-z0-9])?$/,
        "not a release name of at most 53 characters",
      ),
      ...(checkOf(text(inputs, "version"))?.(inputs.values) ?? []).map((problem) => ({
        property: "values",
        // Wording: Helm.
        reason: `values don't meet the specifications of the schema(s) in the following chart(s):\nvcluster:\n- ${helmWording(problem)}`,
      })),
      ...(before === undefined ? [] : fixedChanges(before, inputs)),
    ],
    async create(cloud, inputs) {
      const [space, id] = [String(inputs.namespace), idOf(inputs)];
      requireNamespace(cloud, space);
      refuseTaken(cloud, kind, inputs);
      const other = cloud.ofType(releaseType).find(({ properties }) => properties.namespace === space);
      if (other !== undefined) {
        // Wording: vCluster's control plane, which does not start beside another one.
        throw new CloudError(409, "Conflict", `there is already a virtual cluster in namespace ${space}`);
      }
      return { id, outs: await put(cloud, id, inputs, 1) };
    },
    async update(cloud, id, inputs) {
      const before = cloud.get(`releases/${id}`);
      // Wording: Helm.
      if (before === undefined) throw new CloudError(404, "NotFound", `release: not found (${id})`);
      // Wording: Helm, which looks at the newest revision before anything else. It uninstalls such a release all the same.
      if (isHalfway({ status: String(at(before.properties, "status.status")) }))
        throw new CloudError(409, "UpgradeFailed", "another operation (install/upgrade/rollback) is in progress");
      // The check compares with the last deployment; the cloud may hold something else.
      const [forbidden] = fixedChanges(before.properties, inputs);
      if (forbidden !== undefined) throw new Error(forbidden.reason);
      const revision = at(before.properties, "status.revision");
      return put(cloud, id, inputs, (typeof revision === "number" ? revision : 0) + 1);
    },
    delete: (cloud, id) => cloud.remove(`releases/${id}`),
  };
  return kind;
}

/** A kind behind AKS's authorizer: whoever deploys needs a role that is in effect. Helm keeps a release in a Secret. */
function authorized(kind: Kind, group: string, resource: string): Kind {
  const require = (cloud: Cloud, verb: string, space: string | undefined) => {
    if (!isAks(cloud)) return;
    const { allowed, why } = authorize(
      cloud,
      deployingIdentity(cloud),
      { verb, group, resource, subresource: "" },
      space,
    );
    if (!allowed) throw new CloudError(403, "Forbidden", why);
  };
  const spaceOf = (id: string) => id.split("/")[0];
  const { update } = kind;
  return {
    ...kind,
    async create(cloud, inputs) {
      const space = at(inputs, "metadata.namespace") ?? inputs.namespace;
      require(cloud, "create", space === undefined ? undefined : String(space));
      return kind.create(cloud, inputs);
    },
    ...(update !== undefined && {
      async update(cloud, id, inputs) {
        require(cloud, "patch", spaceOf(id));
        return update(cloud, id, inputs);
      },
    }),
    async delete(cloud, id) {
      require(cloud, "delete", spaceOf(id));
      return kind.delete(cloud, id);
    },
  };
}

/** The Kubernetes resources that the program registers. */
export function kubernetesKinds(checkOf: ValuesChecks): Readonly<Record<string, Kind>> {
  return {
    [namespaceType]: authorized(namespace, "", "namespaces"),
    [admissionPolicyType]: authorized(
      clusterWide(admissionPolicyType, `${policies}.${admission}`),
      admission,
      policies,
    ),
    [policyBindingType]: authorized(
      clusterWide(policyBindingType, `${policyBindings}.${admission}`),
      admission,
      policyBindings,
    ),
    [networkDenialType]: authorized(
      clusterWide(networkDenialType, `${networkDenials}.cilium.io`),
      "cilium.io",
      networkDenials,
    ),
    [roleBindingType]: authorized(roleBinding, "rbac.authorization.k8s.io", "rolebindings"),
    [jobType]: authorized(job, "batch", "jobs"),
    [configMapType]: authorized(configMap, "", "configmaps"),
    [releaseType]: authorized(release(checkOf), "", "secrets"),
  };
}

/** Helm's wording of a value that a chart's schema refuses; that of a wrong type is assumed. */
function helmWording({ path, expected, unknown = false }: ValueProblem): string {
  const at = (steps: readonly string[]) => `at '${steps.map((step) => `/${step}`).join("")}'`;
  if (!unknown) return `${at(path)}: want ${expected}`;
  return `${at(path.slice(0, -1))}: additional properties '${path.at(-1)}' not allowed`;
}
