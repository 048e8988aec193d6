import { describe, expect, test } from "vitest";
import { costChange, differInCents, money, moneyChange, tenantCost, withItsDisk } from "../../../model/plan/cost.ts";
import { settingsSchema } from "../../../model/settings/settingsSchema.ts";
import { sizes } from "../../../model/tenant/sizes.ts";
import { completeTenant, type Tenant, tenantFileSchema } from "../../../model/tenant/tenantSchema.ts";

const azure = {
  location: "westeurope",
  resourceGroup: "rg",
  clusterName: "aks",
  nodePool: { vmSize: "Standard_D8s_v5", count: 3, osDiskSizeGiB: 100 },
  clusterAdmins: [{ user: "admin@contoso.com" }],
};

/** Invented, as every price here. */
const list = {
  currency: "USD",
  source: "an invented list",
  date: "2026-11-01",
  nodes: { Standard_D8s_v5: 300 },
  tiers: { Free: 0 },
  parts: { systemDiskGi: 0.1, diskGi: 0.2, loadBalancerRule: 8 },
};

const settingsOf = (prices?: object, count = 3) =>
  settingsSchema.parse({ azure: { ...azure, nodePool: { ...azure.nodePool, count } }, ...(prices && { prices }) });

function tenant(fields: object = {}): Tenant {
  const file = tenantFileSchema().parse({ owner: "team@contoso.com", purpose: "a test", ...fields });
  return completeTenant("t", file, { size: "small", kubernetes: "1.35", expose: "internal", sizes });
}

describe("what a stack costs", () => {
  test("is nothing that is known without prices, nor on a cluster that is there already", () => {
    expect(
      costChange({ settings: settingsOf(), tenants: [] }, { settings: settingsOf(), tenants: [] }),
    ).toBeUndefined();
    const existing = settingsSchema.parse({ existingCluster: { name: "kind" }, prices: list });
    expect(costChange({ settings: existing, tenants: [] }, { settings: existing, tenants: [] })).toBeUndefined();
  });

  test("is nodes, their disks, the tier, and each tenant's disks and address", () => {
    const change = costChange(
      { settings: settingsOf(list), tenants: [] },
      { settings: settingsOf(list), tenants: [tenant(), tenant({ store: "etcd", expose: "none" })] },
    );
    expect(change).toEqual({
      currency: "USD",
      source: "an invented list",
      date: "2026-11-01",
      before: { amount: 930, atLeast: false },
      // A disk of 5Gi and an address; three disks of 5Gi.
      after: { amount: 930 + 1 + 8 + 3, atLeast: false },
      unknown: [],
    });
  });

  test("is at least what has a price, and says what has none", () => {
    const { parts, tiers, ...rest } = list;
    const change = costChange(undefined, { settings: settingsOf(rest), tenants: [tenant({ expose: "none" })] });
    expect(change?.after).toEqual({ amount: 900, atLeast: true });
    expect(change?.before).toBeUndefined();
    expect(change?.unknown).toEqual([
      "system disks (parts.systemDiskGi)",
      "tier Free (tiers)",
      "disks of virtual clusters (parts.diskGi)",
    ]);
  });

  test("has the disk that a tenant began with: another size changes no disk, and no bill", () => {
    const side = (...tenants: Tenant[]) => ({ settings: settingsOf(list), tenants });
    const resized = costChange(side(tenant()), side(tenant({ size: "large" })));
    expect([resized?.before?.amount, resized?.after?.amount]).toEqual([939, 939]);
    // What is new begins with the disk of its size: 20Gi.
    expect(costChange(side(), side(tenant({ size: "large" })))?.after?.amount).toBe(942);
    expect(tenantCost(withItsDisk(tenant({ size: "large" }), tenant()), settingsOf(list))?.own.amount).toBe(9);
  });

  test("is compared by the prices of after alone: another price list changes no bill", () => {
    const dearer = { ...list, nodes: { Standard_D8s_v5: 400 } };
    const change = costChange(
      { settings: settingsOf(list), tenants: [] },
      { settings: settingsOf(dearer), tenants: [] },
    );
    expect(change?.before).toEqual(change?.after);
  });
});

describe("what a tenant costs", () => {
  test("is its own disks and address, and its part of the nodes by its requests", () => {
    // CPU 1720m of 3 * (8000 - 280) - 540 = 22620m; of memory it asks for less.
    const cost = tenantCost(tenant(), settingsOf(list));
    expect(cost?.own).toEqual({ amount: 9, atLeast: false });
    expect(cost?.share).toBeCloseTo((1720 / 22620) * 900);
  });

  test("is its disks alone while it is stopped, and no part of nodes that have no price", () => {
    expect(tenantCost(tenant({ lifecycle: "suspended", expose: "none" }), settingsOf(list))).toEqual({
      own: { amount: 1, atLeast: false },
      share: 0,
    });
    expect(tenantCost(tenant(), settingsOf({ ...list, nodes: {} }))).toEqual({ own: { amount: 9, atLeast: false } });
    expect(tenantCost(tenant(), settingsOf())).toBeUndefined();
  });
});

test("money is written with its currency, and small amounts with cents", () => {
  expect([money(38, "USD"), money(1204.4, "EUR"), money(0.4, "USD"), money(7, "GBP")]).toEqual([
    "US$38",
    "€1,204",
    "US$0.40",
    "£7",
  ]);
  expect([moneyChange(10, 48, "USD"), moneyChange(48, 10, "USD"), moneyChange(1, 1.001, "USD")]).toEqual([
    "+US$38",
    "-US$38",
    undefined,
  ]);
});

test("amounts that differ in their cents alone are written with them", () => {
  expect(differInCents(1133, 1133.4, "EUR")).toBe(true);
  expect(money(1133.4, "EUR", { cents: true })).toBe("€1,133.40");
  expect([differInCents(1133, 1134, "EUR"), differInCents(1133, 1133, "EUR"), differInCents(2.1, 2.2, "EUR")]).toEqual([
    false,
    false,
    false,
  ]);
});
