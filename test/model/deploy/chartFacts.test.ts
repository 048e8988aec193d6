import fc from "fast-check";
import { expect, test } from "vitest";
import {
  diskHolderName,
  diskValues,
  fixedValues,
  isExposed,
  isStopped,
  manifestsOf,
  storeOf,
  storeValues,
  valueAt,
} from "../../../model/deploy/chartFacts.ts";
import { chartValues } from "../../../model/deploy/chartValues.ts";
import { releaseIdentity } from "../../../model/deploy/releaseIdentity.ts";
import type { Tenant } from "../../../model/tenant/tenantSchema.ts";
import { tenant as arbitraryTenant } from "../../support/arbitraries.ts";

const nobody = { admins: [], developers: [], viewers: [] };
const signIn = { issuer: "https://id", clientId: "app", usernameClaim: "oid", groupsClaim: "groups" };
const valuesOf = (tenant: Tenant) => chartValues(tenant, nobody, { signIn });

test("what is read from a release's values is what the tenant's file said", () => {
  fc.assert(
    fc.property(arbitraryTenant, (tenant) => {
      const values = valuesOf(tenant);
      expect(storeOf(values)).toBe(tenant.store);
      const { kubernetes, store } = tenant;
      const identity = { kubernetes, store, kubernetesVersion: `${kubernetes}.0` };
      expect(releaseIdentity({ values })).toEqual(identity);
      expect(releaseIdentity({ values, version: "0.36.1" })).toEqual({ ...identity, chart: "0.36.1" });
      expect(isStopped(values)).toBe(tenant.lifecycle !== "active");
      expect(isExposed(values)).toBe(tenant.expose !== "none");
      expect(valueAt(values, diskValues(tenant.store)[0] ?? "")).toBe(`${tenant.resources.diskGi}Gi`);
      expect(manifestsOf(values)).toContain("ClusterRoleBinding");
      expect(manifestsOf(chartValues(tenant, nobody, {}))).toBeUndefined();
    }),
  );
});

test("a tenant's values name the disk of its own store and no other", () => {
  fc.assert(
    fc.property(arbitraryTenant, (tenant) => {
      const other = tenant.store === "etcd" ? "sqlite" : "etcd";
      expect(diskValues(other).map((path) => valueAt(valuesOf(tenant), path))).toEqual([undefined, undefined]);
      expect(storeValues.filter((path) => valueAt(valuesOf(tenant), path) !== undefined)).toHaveLength(1);
    }),
  );
});

test("the StatefulSet with the disks is the control plane's, or etcd's own", () => {
  expect([diskHolderName("ml", "sqlite"), diskHolderName("ml", "etcd")]).toEqual(["ml", "ml-etcd"]);
  expect(fixedValues("sqlite")).toEqual([
    "controlPlane.statefulSet.persistence.volumeClaim.size",
    "controlPlane.statefulSet.persistence.volumeClaim.storageClass",
    "controlPlane.statefulSet.scheduling.podManagementPolicy",
  ]);
  expect(fixedValues("etcd")).toEqual([
    "controlPlane.backingStore.etcd.deploy.statefulSet.persistence.volumeClaim.size",
    "controlPlane.backingStore.etcd.deploy.statefulSet.persistence.volumeClaim.storageClass",
    "controlPlane.backingStore.etcd.deploy.statefulSet.scheduling.podManagementPolicy",
  ]);
});
