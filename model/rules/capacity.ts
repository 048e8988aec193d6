import { lookUpKey } from "../access/people.ts";
import { hostMembers } from "../access/roles.ts";
import { overheadOf, ownShareOf, totalOf } from "../deploy/quota.ts";
import { maxPodsPerNode, nodeSizes, surgeNodes } from "../facts/nodeSizes.ts";
import { usableAddresses } from "../settings/networkRules.ts";
import type { AzureSettings } from "../settings/settingsSchema.ts";
import { claimsOf } from "../tenant/sizes.ts";
import type { Tenant } from "../tenant/tenantSchema.ts";
import type { Problem, Severity } from "../text/problems.ts";
import { amountOf } from "../text/quantities.ts";
import type { Stack } from "./stack.ts";

/** Role assignments that a subscription can hold, at all scopes. Source: Azure RBAC limits. */
export const maxRoleAssignments = 4000;
/** Load-balancing rules of a node's network interface, which one standard load balancer has. Source: Azure load balancer limits. */
export const maxLoadBalancerRules = 300;

/**
 * What a tenant cannot have of a node: the part that AKS keeps for itself (source: AKS, "Resource reservations",
 * rounded up), and what the system's pods on each node ask for (kube-proxy, network, disk and node agents).
 */
const perNode = { milliCpu: 280, memoryMi: 2100, pods: 10 };
/** What the system's other pods ask for, such as DNS, metrics and the tunnel; on all nodes together. */
const perCluster = { milliCpu: 540, memoryMi: 800, pods: 15 };

/**
 * The tenants of a stack against what its node pool and Azure can hold, each with the number that is missing. What the
 * virtual clusters themselves ask for must fit, for they all run; what their workloads may ask for at most can be more
 * than there is, for they seldom do all at once: that is a warning.
 */
export function capacityProblems({
  settings,
  tenants,
  locateSetting,
}: Pick<Stack, "settings" | "tenants" | "locateSetting">): Problem[] {
  if (tenants.length === 0) return [];
  return checksOf(settings?.azure, tenants)
    .filter(({ needed, available }) => needed > available)
    .map(({ what, needed, available, unit, path, advice, severity }) => ({
      severity,
      location: locateSetting(path),
      message: `${what}: ${tenants.length} tenants come to ${needed}${unit}, and ${available}${unit} can be had: ${needed - available}${unit} too many. ${advice}`,
    }));
}

/** What a part of a stack still has room for. */
export interface Room {
  /** Whose room it is: what is counted. */
  readonly whose: string;
  /** Such as "CPU 2680m, memory 8760Mi"; what is lacking as "CPU 320m too many". */
  readonly left: string;
}

/** What a stack still has room for; nothing where it is not known. */
export function roomLeft({ settings, tenants }: Pick<Stack, "settings" | "tenants">): Room[] {
  const checks = checksOf(settings?.azure, tenants);
  return [...new Set(checks.map(({ whose }) => whose))].map((whose) => {
    const parts = checks.filter((check) => check.whose === whose);
    const left = parts.map(({ short, needed, available, unit }) =>
      needed > available ? `${short} ${needed - available}${unit} too many` : `${short} ${available - needed}${unit}`,
    );
    return { whose, left: left.join(", ") };
  });
}

/** What is left of one thing that a stack's tenants share. */
export interface Left {
  /** What is counted, as in {@link Room}. */
  readonly whose: string;
  /** Such as "CPU". */
  readonly what: string;
  readonly unit: string;
  /** Below zero where it is lacking. */
  readonly left: number;
  readonly available: number;
  /** What the system keeps for itself beside what is available. */
  readonly reserved: number;
  /** What is taken and belongs to no tenant. */
  readonly shared: number;
  /** What each tenant takes, by its name. */
  readonly taken: ReadonlyMap<string, number>;
  /** True where less than is asked for is a warning, and not an error: what may be asked for seldom all is. */
  readonly soft: boolean;
}

/** {@link roomLeft} in numbers, to compare and to calculate with. */
export function numbersLeft({ settings, tenants }: Pick<Stack, "settings" | "tenants">): Left[] {
  return checksOf(settings?.azure, tenants).map(
    ({ whose, short, unit, needed, available, reserved = 0, shared, taken, severity }) => ({
      whose,
      what: short,
      unit,
      left: available - needed,
      available,
      reserved,
      shared,
      taken,
      soft: severity === "warning",
    }),
  );
}

function checksOf(azure: AzureSettings | undefined, tenants: readonly Tenant[]): Check[] {
  if (azure === undefined) return [];
  return [...nodePoolChecks(azure, tenants), ...subnetChecks(azure, tenants), ...azureChecks(azure, tenants)];
}

/** What is asked for of one thing: what each tenant takes of it, what belongs to none, and both together. */
interface Demand {
  readonly taken: ReadonlyMap<string, number>;
  readonly shared: number;
  readonly needed: number;
}

function demand(tenants: readonly Tenant[], of: (tenant: Tenant) => number, shared = 0): Demand {
  const taken = new Map(tenants.map((tenant) => [tenant.name, of(tenant)]));
  return { taken, shared, needed: [...taken.values()].reduce((all, amount) => all + amount, shared) };
}

interface Check extends Demand {
  readonly severity: Severity;
  /** What is counted, for a summary. */
  readonly whose: string;
  readonly what: string;
  /** The same in a word or two. */
  readonly short: string;
  readonly available: number;
  /** What the system keeps for itself; nothing where it is left out. */
  readonly reserved?: number;
  readonly unit: string;
  readonly path: readonly string[];
  readonly advice: string;
}

const ofThemselves = "for virtual clusters themselves";
const ofAll = "for all that tenants may request";

function nodePoolChecks({ nodePool }: AzureSettings, tenants: readonly Tenant[]): Check[] {
  const node = nodePool.capacity ?? nodeSizes.get(nodePool.vmSize);
  if (node === undefined) return [];
  const path = ["azure", "nodePool"];
  const advice = "Raise nodePool.count, choose a larger nodePool.vmSize, or smaller tenants";
  const { count } = nodePool;
  const kept = {
    milliCpu: count * perNode.milliCpu + perCluster.milliCpu,
    memoryMi: count * perNode.memoryMi + perCluster.memoryMi,
    pods: count * perNode.pods + perCluster.pods,
  };
  const requests = (severity: Severity, counted: string, whose: string, share: typeof totalOf, times = 1): Check[] => {
    const common = { severity, whose: counted, path, advice };
    const asked = (tenant: Tenant) => amountOf(share(tenant, "requests"));
    return [
      {
        ...common,
        what: `CPU that ${whose}`,
        short: "CPU",
        ...demand(tenants, (tenant) => asked(tenant).milliCpu),
        available: Math.floor(times * (count * node.vCpus * 1000 - kept.milliCpu)),
        reserved: kept.milliCpu,
        unit: "m",
      },
      {
        ...common,
        what: `memory that ${whose}`,
        short: "memory",
        ...demand(tenants, (tenant) => asked(tenant).memoryMi),
        available: Math.floor(times * (count * node.memoryGiB * 1024 - kept.memoryMi)),
        reserved: kept.memoryMi,
        unit: "Mi",
      },
    ];
  };
  return [
    ...requests("error", ofThemselves, "the virtual clusters themselves request", ownShareOf),
    ...requests("warning", ofAll, "tenants may request at most", totalOf, nodePool.overcommit),
    {
      severity: "error",
      whose: ofThemselves,
      what: "disks of the control planes",
      short: "disks",
      ...demand(tenants, (tenant) => overheadOf(tenant).disks),
      available: count * node.dataDisks,
      unit: "",
      path,
      advice,
    },
    {
      severity: "warning",
      whose: ofAll,
      what: "disks that tenants may claim at most, with those of the control planes",
      short: "disks",
      ...demand(tenants, (tenant) => claimsOf(tenant.resources) + overheadOf(tenant).disks),
      available: count * node.dataDisks,
      unit: "",
      path,
      advice,
    },
    {
      severity: "error",
      whose: ofThemselves,
      what: "pods of the virtual clusters themselves",
      short: "pods",
      ...demand(tenants, (tenant) => overheadOf(tenant).pods),
      available: count * maxPodsPerNode - kept.pods,
      reserved: kept.pods,
      unit: "",
      path,
      advice,
    },
  ];
}

/** Nodes and internal load balancers share the subnet; the pods of an overlay network take no address of it. */
function subnetChecks(
  { nodePool: { count }, network: { subnet } }: AzureSettings,
  tenants: readonly Tenant[],
): Check[] {
  if (subnet === undefined) return [];
  const addresses = demand(tenants, ({ expose }) => Number(expose === "internal"), count + surgeNodes(count));
  const loadBalancers = addresses.needed - addresses.shared;
  return [
    {
      severity: "error",
      whose: "in the subnet",
      what: `addresses of the subnet (${count} nodes, ${surgeNodes(count)} during upgrades, ${loadBalancers} internal addresses of tenants)`,
      short: "addresses",
      ...addresses,
      available: usableAddresses(subnet.cidr),
      unit: "",
      path: ["azure", "network", "subnet"],
      advice: "Choose a larger azure.network.subnet.cidr, or expose: public or none for some",
    },
  ];
}

function azureChecks({ clusterAdmins }: AzureSettings, tenants: readonly Tenant[]): Check[] {
  const people = new Set(tenants.flatMap(hostMembers).map(lookUpKey)).size;
  const path = ["azure"];
  return [
    {
      severity: "error",
      whose: "in Azure",
      what: "role assignments in the subscription",
      short: "role assignments",
      ...demand(tenants, (tenant) => hostMembers(tenant).length, clusterAdmins.length + people),
      available: maxRoleAssignments,
      unit: "",
      path,
      advice: "Name groups instead of people, or use another subscription",
    },
    {
      severity: "error",
      whose: "in Azure",
      what: "rules of the load balancer",
      short: "load-balancer rules",
      ...demand(tenants, ({ expose }) => Number(expose !== "none")),
      available: maxLoadBalancerRules,
      unit: "",
      path,
      advice: "Set expose: none for some, or use another cluster",
    },
  ];
}
