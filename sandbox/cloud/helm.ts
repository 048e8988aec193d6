import { isDeepStrictEqual } from "node:util";
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
import { configMapKey, existing, namespaceId, releaseType, requireHelm, requireNamespace } from "./apiServer.ts";
import { isAks } from "./authorizer.ts";
import { type Cloud, CloudError } from "./cloud.ts";
import { at, type Failure, type Kind, mustMatch, refuseTaken, text } from "./kind.ts";
import { requireAddress } from "./network.ts";

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

function requireRelease(cloud: Cloud, id: string, otherwise: string) {
  const found = cloud.get(`releases/${id}`);
  if (found === undefined) throw new CloudError(404, "NotFound", otherwise);
  return found;
}

/** A Helm release of the vCluster chart. Its values are checked against the chart's schema where a copy is at hand. */
export function release(checkOf: ValuesChecks): Kind {
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
      requireHelm(cloud, "create");
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
      requireHelm(cloud, "update");
      // Wording: Helm.
      const before = requireRelease(cloud, id, `"${id.split("/").at(-1)}" has no deployed releases`);
      // Wording: Helm, which looks at the newest revision before anything else. It uninstalls such a release all the same.
      if (isHalfway({ status: String(at(before.properties, "status.status")) }))
        throw new CloudError(409, "UpgradeFailed", "another operation (install/upgrade/rollback) is in progress");
      // The check compares with the last deployment; the cloud may hold something else.
      const [forbidden] = fixedChanges(before.properties, inputs);
      if (forbidden !== undefined) throw new Error(forbidden.reason);
      const revision = at(before.properties, "status.revision");
      return put(cloud, id, inputs, (typeof revision === "number" ? revision : 0) + 1);
    },
    async delete(cloud, id) {
      const name = id.split("/").at(-1) ?? "";
      // Wording: Helm. Pulumi's provider hands that on: what somebody else has uninstalled must be looked for first.
      requireRelease(cloud, id, `uninstall: Release not loaded: ${name}: release: not found`);
      await cloud.remove(`releases/${id}`);
    },
  };
  return kind;
}

/** Helm's wording of a value that a chart's schema refuses; that of a wrong type is assumed. */
function helmWording({ path, expected, unknown = false }: ValueProblem): string {
  const at = (steps: readonly string[]) => `at '${steps.map((step) => `/${step}`).join("")}'`;
  if (!unknown) return `${at(path)}: want ${expected}`;
  return `${at(path.slice(0, -1))}: additional properties '${path.at(-1)}' not allowed`;
}
