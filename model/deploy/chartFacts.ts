import type { Tenant } from "../tenant/tenantSchema.ts";

/*
 * What the chart makes of the values that `chartValues` sets, as far as anything else must know it: the release's
 * options, the simulated cloud and whoever reads a release. Source: chart 0.36.1, templates/_persistence.tpl,
 * statefulset.yaml, etcd-statefulset.yaml and service.yaml.
 */

/** Chart values, as Helm takes them. */
export type Values = Readonly<Record<string, unknown>>;

type Store = Tenant["store"];

const etcdEnabled = "controlPlane.backingStore.etcd.deploy.enabled";

/**
 * The values of the StatefulSet that has the store's disks. With SQLite that is the control plane. With etcd it is
 * etcd's own: the control plane is then a Deployment, for which `controlPlane.statefulSet.persistence` means nothing.
 */
const diskHolder: Readonly<Record<Store, string>> = {
  sqlite: "controlPlane.statefulSet",
  etcd: "controlPlane.backingStore.etcd.deploy.statefulSet",
};

/** Where size and storage class of the store's disks stand among the values: a tenant keeps those that it began with. */
export function diskValues(store: Store): string[] {
  return ["size", "storageClass"].map((key) => `${diskHolder[store]}.persistence.volumeClaim.${key}`);
}

/** Values that Kubernetes never changes in a StatefulSet that is there: Helm's upgrade fails. */
export function fixedValues(store: Store): string[] {
  return [...diskValues(store), `${diskHolder[store]}.scheduling.podManagementPolicy`];
}

/** The name of the StatefulSet that has the store's disks. */
export function diskHolderName(release: string, store: Store): string {
  return store === "etcd" ? `${release}-etcd` : release;
}

/** Values that choose the store. Another one begins empty, whatever Helm says of the upgrade. */
export const storeValues = ["controlPlane.backingStore.database", etcdEnabled];

/** Where the image of the virtual cluster's Kubernetes stands among the values: its tag has the minor. */
export const imageTagValue = "controlPlane.distro.k8s.image.tag";

/** The store of a release with these values. */
export function storeOf(values: Values): Store {
  return valueAt(values, etcdEnabled) === true ? "etcd" : "sqlite";
}

/** True where the control plane of a release with these values is stopped. */
export function isStopped(values: Values): boolean {
  return valueAt(values, "controlPlane.statefulSet.highAvailability.replicas") === 0;
}

/** True where a release with these values has an address of its own. */
export function isExposed(values: Values): boolean {
  return valueAt(values, "controlPlane.service.spec.type") === "LoadBalancer";
}

/** The manifests that a release with these values applies inside; undefined where the stack has no sign-in. */
export function manifestsOf(values: Values): string | undefined {
  const manifests = valueAt(values, "experimental.deploy.vcluster.manifests");
  return typeof manifests === "string" ? manifests : undefined;
}

/** The value at a path such as `controlPlane.service`; undefined where there is none. */
export function valueAt(values: Values, path: string): unknown {
  return path.split(".").reduce<unknown>((value, step) => (value as Values | undefined)?.[step], values);
}
