import { overheadOf, totalOf } from "../deploy/quota.ts";
import { numbersLeft } from "../rules/capacity.ts";
import type { Prices } from "../settings/prices.ts";
import type { Settings } from "../settings/settingsSchema.ts";
import type { Tenant } from "../tenant/tenantSchema.ts";
import { amountOf } from "../text/quantities.ts";
import type { CostChange, Sum, TenantCost } from "./plan.ts";

/** A part of a bill: how many, and what one costs a month; unknown where nobody has said it. */
interface Item {
  readonly what: string;
  readonly count: number;
  readonly price: number | undefined;
}

function sumOf(items: readonly Item[]): Sum {
  const counted = items.filter(({ count }) => count > 0);
  return {
    amount: counted.reduce((all, { count, price = 0 }) => all + count * price, 0),
    atLeast: counted.some(({ price }) => price === undefined),
  };
}

/** What the bill has for one tenant alone. The disks stay while it is stopped; what its workloads store is not known. */
function ownItems({ store, resources, expose }: Tenant, { parts }: Prices): Item[] {
  const { disks } = overheadOf({ store });
  return [
    { what: "disks of virtual clusters (parts.diskGi)", count: disks * resources.diskGi, price: parts.diskGi },
    {
      what: "rules of the load balancer (parts.loadBalancerRule)",
      count: expose === "none" ? 0 : 1,
      price: parts.loadBalancerRule,
    },
  ];
}

function nodeItems({ azure, prices }: Settings): Item[] {
  if (azure === undefined || prices === undefined) return [];
  const { vmSize, count } = azure.nodePool;
  return [{ what: `nodes ${vmSize} (nodes)`, count, price: prices.nodes[vmSize] }];
}

function itemsOf(settings: Settings, tenants: readonly Tenant[]): Item[] {
  const { azure, prices } = settings;
  if (azure === undefined || prices === undefined) return [];
  const { nodePool, tier } = azure;
  return [
    ...nodeItems(settings),
    {
      what: "system disks (parts.systemDiskGi)",
      count: nodePool.count * nodePool.osDiskSizeGiB,
      price: prices.parts.systemDiskGi,
    },
    { what: `tier ${tier} (tiers)`, count: 1, price: prices.tiers[tier] },
    ...tenants.flatMap((tenant) => ownItems(tenant, prices)),
  ];
}

/** A stack with its settings, on one side of a comparison. */
export interface Priced {
  readonly settings?: Settings | undefined;
  readonly tenants: readonly Tenant[];
}

/** Tenants with the disks that they began with. */
export function withTheirDisks(tenants: readonly Tenant[], before: readonly Tenant[] = []): Tenant[] {
  const old = new Map(before.map((tenant) => [tenant.name, tenant]));
  return tenants.map((tenant) => withItsDisk(tenant, old.get(tenant.name)));
}

/** A tenant with the disk that it began with, which no other size changes: what is billed is not what its file would get today. */
export function withItsDisk(tenant: Tenant, before: Tenant | undefined): Tenant {
  const { resources } = tenant;
  return { ...tenant, resources: { ...resources, diskGi: before?.resources.diskGi ?? resources.diskGi } };
}

/** What a stack costs a month, before and after, by the prices that hold after; undefined where there are none. */
export function costChange(before: Priced | undefined, after: Priced | undefined): CostChange | undefined {
  const prices = after?.settings?.prices ?? before?.settings?.prices;
  const azure = (side: Priced | undefined) => side?.settings?.azure !== undefined;
  // Of a cluster that is there already, nothing is known.
  if (prices === undefined || !(azure(before) || azure(after))) return undefined;
  const items = (side: Priced | undefined) =>
    side?.settings === undefined ? [] : itemsOf({ ...side.settings, prices }, side.tenants);
  const kept = after && { ...after, tenants: withTheirDisks(after.tenants, before?.tenants) };
  const [was, is] = [items(before), items(kept)];
  const unknown = [...was, ...is].filter(({ count, price }) => count > 0 && price === undefined);
  const { currency, source, date } = prices;
  return {
    currency,
    source,
    date,
    ...(before?.settings && { before: sumOf(was) }),
    ...(after?.settings && { after: sumOf(is) }),
    unknown: [...new Set(unknown.map(({ what }) => what))],
  };
}

/**
 * What one tenant costs a month: what the bill has for it alone, and its part of the nodes. That is what it may request, of
 * what all tenants can have, by CPU or memory, whichever is more; nothing while it is stopped.
 */
export function tenantCost(tenant: Tenant, settings: Settings | undefined): TenantCost | undefined {
  if (settings?.prices === undefined || settings.azure === undefined) return undefined;
  const own = sumOf(ownItems(tenant, settings.prices));
  const nodes = sumOf(nodeItems(settings));
  const room = numbersLeft({ settings, tenants: [] });
  const available = (what: string) => room.find((one) => one.what === what)?.available ?? 0;
  const { milliCpu, memoryMi } = amountOf(totalOf(tenant, "requests"));
  const [cpu, memory] = [available("CPU"), available("memory")];
  if (nodes.atLeast || cpu <= 0 || memory <= 0) return { own };
  const part = tenant.lifecycle === "active" ? Math.max(milliCpu / cpu, memoryMi / memory) : 0;
  return { own, share: nodes.amount * part };
}

/** An amount of money: "US$38", "€1,204", "US$0.40"; small amounts with cents, and any where they are asked for. */
export function money(amount: number, currency: string, { cents = false } = {}): string {
  const digits = cents || (Math.abs(amount) < 10 && !Number.isInteger(amount)) ? 2 : 0;
  const format = { style: "currency", currency, minimumFractionDigits: digits, maximumFractionDigits: digits } as const;
  return new Intl.NumberFormat("en-001", format).format(amount);
}

/** True for two amounts that differ in their cents alone: without them, they would read as the same. */
export function differInCents(one: number, other: number, currency: string): boolean {
  return Math.abs(one - other) >= 0.005 && money(one, currency) === money(other, currency);
}

/** "+US$38", "-US$2"; undefined where nothing changes. */
export function moneyChange(before: number, after: number, currency: string): string | undefined {
  const change = after - before;
  if (Math.abs(change) < 0.005) return undefined;
  return `${change > 0 ? "+" : "-"}${money(Math.abs(change), currency)}`;
}
