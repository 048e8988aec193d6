import { v5 as uuidv5 } from "uuid";
import type { ValuesChecks } from "../../model/chart/chartSchema.ts";
import type { Properties } from "../engine/values.ts";
import { clusterOf, existing, namespaceId, notFound, releaseType, requireNamespace } from "./apiServer.ts";
import { authorize, deployingIdentity, isAks, roleBindingType } from "./authorizer.ts";
import { type Cloud, CloudError } from "./cloud.ts";
import { admissionPolicyType, policyBindingType } from "./guard.ts";
import { release } from "./helm.ts";
import { at, type Kind, mustMatch, refuseGone, refuseTaken } from "./kind.ts";

const namespaceType = "kubernetes:core/v1:Namespace";
const jobType = "kubernetes:batch/v1:Job";
const configMapType = "kubernetes:core/v1:ConfigMap";
const networkDenialType = "kubernetes:cilium.io/v2:CiliumClusterwideNetworkPolicy";

/** Seed of the uids that the simulated API server gives. */
const uids = "0f7d3c5e-7a0b-4d2c-9a49-6f0f3a1f5b10";

/** What the API server adds to an object. */
const added = ["metadata.uid", "status"];

/** RFC 1123 label: what namespaces are named by. */
const label = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

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
  gone: (inputs) => notFound(`namespaces "${String(at(inputs, "metadata.name"))}"`),
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
    gone: (inputs) => notFound(`${plural} "${String(at(inputs, "metadata.name"))}"`),
    async create(cloud, inputs) {
      requireNamespace(cloud, String(at(inputs, "metadata.namespace")));
      refuseTaken(cloud, kind, inputs);
      return { id: idOf(inputs), outs: await put(cloud, idOf(inputs), inputs) };
    },
    async update(cloud, id, inputs) {
      const [space = ""] = id.split("/");
      requireNamespace(cloud, space);
      refuseGone(cloud, kind, inputs);
      return put(cloud, id, inputs);
    },
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
    gone: (inputs) => notFound(`${plural} "${idOf(inputs)}"`),
    async create(cloud, inputs) {
      clusterOf(cloud);
      refuseTaken(cloud, kind, inputs);
      return { id: idOf(inputs), outs: await put(cloud, idOf(inputs), inputs) };
    },
    async update(cloud, id, inputs) {
      clusterOf(cloud);
      refuseGone(cloud, kind, inputs);
      return put(cloud, id, inputs);
    },
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

/** A job that has run: what it deletes are pods, which the sandbox does not have. */
const job = namespaced(jobType, "jobs.batch", ["spec.template"], { status: { succeeded: 1 } });

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
