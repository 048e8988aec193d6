import {
  diskHolderName,
  imageTagValue,
  isStopped,
  storeOf,
  type Values,
  valueAt,
} from "../../model/deploy/chartFacts.ts";
import { type KubernetesObject, objectKey, objectStep } from "../../model/plan/chartObjects.ts";
import type { DriftStep } from "../../model/plan/drift.ts";
import type { ResourceState } from "../engine/checkpoint.ts";
import type { Properties } from "../engine/values.ts";
import { releaseType } from "./apiServer.ts";
import { type Cloud, CloudError, type CloudObject } from "./cloud.ts";
import { statefulSetRule } from "./helm.ts";
import { withField } from "./kind.ts";

/*
 * What a release's chart has made, as far as anybody may want to tamper with it. The simulated cloud keeps none of it but what
 * somebody has changed: the rest is what the release's values say. An upgrade puts all of it back, as Helm's does.
 */

/** What somebody has done to an object of a release: it is gone, or some of its fields have other values. */
export type Edit =
  | { readonly deleted: true }
  | { readonly fields: Readonly<Record<string, string | number | boolean>> };

/** The main objects that the chart renders. Source: chart 0.36.1, templates/. */
function rendered({ name, namespace, values: given }: Properties): KubernetesObject[] {
  const [release, values] = [String(name), (given ?? {}) as Values];
  const store = storeOf(values);
  const object = (apiVersion: string, kind: string, of: string, rest: Properties): KubernetesObject => ({
    ...{ apiVersion, kind, metadata: { name: of, namespace: String(namespace) }, ...rest },
  });
  const replicas = (holder: string) => Number(valueAt(values, `${holder}.highAvailability.replicas`) ?? 1);
  const controlPlane = {
    replicas: isStopped(values) ? 0 : replicas("controlPlane.statefulSet"),
    template: { spec: { image: `kubernetes:${String(valueAt(values, imageTagValue))}` } },
  };
  const quota = valueAt(values, "policies.resourceQuota.quota") as Properties | undefined;
  const limits = valueAt(values, "policies.limitRange") as Properties | undefined;
  const { enabled: _, ...containers } = limits ?? {};
  const policy = (of: string, podSelector: Properties) =>
    object("networking.k8s.io/v1", "NetworkPolicy", of, { spec: { podSelector, policyTypes: ["Egress", "Ingress"] } });
  return [
    ...(store === "etcd"
      ? [object("apps/v1", "Deployment", release, { spec: controlPlane })]
      : [object("apps/v1", "StatefulSet", release, { spec: { ...controlPlane, serviceName: `${release}-headless` } })]),
    ...(store === "etcd"
      ? [
          object("apps/v1", "StatefulSet", diskHolderName(release, store), {
            spec: {
              replicas: replicas("controlPlane.backingStore.etcd.deploy.statefulSet"),
              serviceName: `${release}-etcd-headless`,
            },
          }),
        ]
      : []),
    object("v1", "Service", release, { spec: { type: String(valueAt(values, "controlPlane.service.spec.type")) } }),
    ...(valueAt(values, "policies.networkPolicy.enabled") === true
      ? [
          policy(`vc-work-${release}`, { matchLabels: { "vcluster.loft.sh/managed-by": release } }),
          policy(`vc-cp-${release}`, { matchLabels: { release } }),
        ]
      : []),
    ...(quota === undefined ? [] : [object("v1", "ResourceQuota", `vc-${release}`, { spec: { hard: quota } })]),
    ...(limits === undefined ? [] : [object("v1", "LimitRange", `vc-${release}`, { spec: { limits: containers } })]),
  ];
}

/** An object of a release as it is; undefined for one that somebody has deleted. */
function live(object: KubernetesObject, edit: Edit | undefined): KubernetesObject | undefined {
  if (edit === undefined) return object;
  if ("deleted" in edit) return undefined;
  return Object.entries(edit.fields).reduce<KubernetesObject>(
    (changed, [path, value]) => withField(changed as Properties, path.split("\n"), value) as KubernetesObject,
    object,
  );
}

/** A release's objects, as the simulated cloud has them, those that are gone left out. */
export function objectsOf({ properties, edits = {} }: CloudObject): KubernetesObject[] {
  return rendered(properties).flatMap((object) => live(object, edits[objectKey(object)]) ?? []);
}

/** What is otherwise inside the releases of a state than their charts have rendered it. */
export function insideDrift(cloud: Cloud, resources: readonly ResourceState[]): DriftStep[] {
  return resources.flatMap(({ urn, type, id = "" }): DriftStep[] => {
    const found = type === releaseType ? cloud.get(`releases/${id}`) : undefined;
    if (found?.edits === undefined) return [];
    const [namespace = "", name = ""] = id.split("/");
    return rendered(found.properties).flatMap((expected) => {
      const is = live(expected, found.edits?.[objectKey(expected)]);
      return objectStep({ urn, name, namespace }, { expected, live: is }) ?? [];
    });
  });
}

/** Puts back what is inside the releases of a state. */
export async function mendInside(cloud: Cloud, resources: readonly ResourceState[]): Promise<void> {
  for (const { type, id = "" } of resources) {
    const found = type === releaseType ? cloud.get(`releases/${id}`) : undefined;
    if (found?.edits === undefined) continue;
    const { edits: _, ...whole } = found;
    await cloud.put(`releases/${id}`, whole);
  }
}

/** Parts of a StatefulSet that can change. Source: Kubernetes, pkg/apis/apps/validation. */
const changeable = /^spec\.(replicas|template)\b/;

/**
 * Does something to an object of a release, behind everybody's back.
 *
 * @throws CloudError where the API server would not let it happen
 */
export async function editInside(
  cloud: Cloud,
  id: string,
  object: KubernetesObject,
  edit: "delete" | { readonly path: readonly string[]; readonly value: string | number | boolean },
): Promise<void> {
  const found = cloud.get(`releases/${id}`);
  if (found === undefined) return;
  const key = objectKey(object);
  if (edit !== "delete" && object.kind === "StatefulSet" && !changeable.test(edit.path.join("."))) {
    const reason = `StatefulSet.apps "${object.metadata.name}" is invalid: spec: Forbidden: ${statefulSetRule}`;
    throw new CloudError(422, "Invalid", reason);
  }
  const before = found.edits?.[key];
  const fields = before !== undefined && "fields" in before ? before.fields : {};
  const edits: Edit =
    edit === "delete" ? { deleted: true } : { fields: { ...fields, [edit.path.join("\n")]: edit.value } };
  await cloud.put(`releases/${id}`, { ...found, edits: { ...found.edits, [key]: edits } });
}
