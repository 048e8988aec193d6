import { maxSurge, surgeNodes } from "../facts/nodeSizes.ts";
import { addressCount, cidrContains, cidrsOverlap, firstAddresses, isWithin, prefixLength } from "../text/cidr.ts";
import { rightFields } from "../text/validate.ts";
import type { Path } from "../text/yamlSource.ts";
import { networkSchema } from "./networkSchema.ts";
import { lastPart } from "./reach.ts";
import { azureSchema } from "./settingsSchema.ts";

/** Ranges that AKS uses itself. Source: AKS, prerequisites of its networking options. */
const reservedRanges = ["169.254.0.0/16", "172.30.0.0/16", "172.31.0.0/16", "192.0.2.0/24"];
/** The virtual network that AKS makes where it is given no subnet. Source: AKS, "Configure Azure CNI Overlay networking". */
const ownNetworkOfAks = "10.224.0.0/12";
/** Prefix length that a service range must be longer than. Source: AKS, "IP address planning". */
const largestServiceRange = 12;
/** Prefix length of the range that each node of an overlay network takes. Source: AKS, "IP address planning". */
const rangeOfNode = 24;
/** Addresses of each subnet that are Azure's: the first four and the last. Source: Azure, "Virtual network FAQ". */
const azuresOwnAddresses = 5;

/** Addresses that a subnet has for nodes and load balancers. */
export function usableAddresses(subnetCidr: string): number {
  return Math.max(addressCount(subnetCidr) - azuresOwnAddresses, 0);
}

/** A range of addresses, and where it is written; without a path it is AKS's. */
interface Range {
  readonly path?: Path;
  readonly name: string;
  readonly cidr: string;
}

const nameOf = (path: Path) =>
  `azure.${path.map((step) => (typeof step === "number" ? `[${step}]` : step)).join(".")}`.replaceAll(".[", "[");
const rangeAt = (path: Path, cidr: string | undefined): Range[] =>
  cidr ? [{ path, name: `'${nameOf(path)}'`, cidr }] : [];

/** What is wrong between the settings of a network that are each right, below `azure`. */
export function* networkProblems(azure: unknown): Generator<[Path, string]> {
  const { network, nodePool } = azure as { network?: unknown; nodePool?: unknown };
  const right = rightFields(networkSchema, network);
  const { count } = rightFields(azureSchema.shape.nodePool.unwrap(), nodePool);
  const isMissing = (network as { subnet?: unknown } | undefined)?.subnet === undefined;
  yield* overlaps(right, isMissing);
  yield* sizes(right, count);
  yield* services(right);
  yield* ownNetwork(right, isMissing);
}

type Right = ReturnType<typeof rightFields<typeof networkSchema>>;

/** Each two ranges that share an address, at both: one of them must go elsewhere, and only the reader knows which. */
function* overlaps(
  { podCidr, serviceCidr, subnet, reachableFrom = [] }: Right,
  aksOwn: boolean,
): Generator<[Path, string]> {
  const vnet = subnet?.vnetCidr;
  const ranges: Range[] = [
    ...rangeAt(["network", "podCidr"], podCidr),
    ...rangeAt(["network", "serviceCidr"], serviceCidr),
    // What the program makes around a subnet is one range with it.
    ...(vnet ? rangeAt(["network", "subnet", "vnetCidr"], vnet) : rangeAt(["network", "subnet", "cidr"], subnet?.cidr)),
    ...reachableFrom.flatMap(({ cidrs }, i) =>
      cidrs.flatMap((range, j) => rangeAt(["network", "reachableFrom", i, "cidrs", j], range)),
    ),
  ];
  const ofAks = [
    ...reservedRanges.map((cidr): Range => ({ name: "which AKS uses itself", cidr })),
    ...(aksOwn
      ? [{ name: "the network that AKS makes where 'azure.network.subnet' names none", cidr: ownNetworkOfAks }]
      : []),
  ];
  for (const [i, one] of ranges.entries()) {
    if (one.path === undefined) continue;
    for (const other of [...ranges.filter((_, j) => i !== j), ...ofAks]) {
      if (!cidrsOverlap(one.cidr, other.cidr)) continue;
      const whose = other.path === undefined ? `${other.cidr}, ${other.name}` : `${other.name} '${other.cidr}'`;
      yield [one.path, `${one.name} is '${one.cidr}': it overlaps ${whose}`];
    }
  }
}

/** Whether the nodes find room, and during an upgrade those beside them. */
function* sizes({ podCidr, subnet }: Right, count: number | undefined): Generator<[Path, string]> {
  if (count === undefined) return;
  const nodes = `each of ${count} nodes, and ${surgeNodes(count)} more during upgrades (${maxSurge}),`;
  const needed = count + surgeNodes(count);
  if (podCidr && 2 ** (rangeOfNode - prefixLength(podCidr)) < needed) {
    const message = `'azure.network.podCidr' is '${podCidr}': ${nodes} takes a /${rangeOfNode} of it; choose a larger range`;
    yield [["network", "podCidr"], message];
  }
  if (subnet && usableAddresses(subnet.cidr) < needed) {
    const message = `'azure.network.subnet.cidr' is '${subnet.cidr}', with ${usableAddresses(subnet.cidr)} addresses beside Azure's own ${azuresOwnAddresses}: ${nodes} takes one of them; choose a larger range`;
    yield [["network", "subnet", "cidr"], message];
  }
}

function* services({ serviceCidr, dnsServiceIp }: Right): Generator<[Path, string]> {
  if (serviceCidr && prefixLength(serviceCidr) <= largestServiceRange) {
    yield [
      ["network", "serviceCidr"],
      `'azure.network.serviceCidr' is '${serviceCidr}': AKS takes a range smaller than /${largestServiceRange}`,
    ];
  }
  if (!serviceCidr || !dnsServiceIp) return;
  if (!cidrContains(serviceCidr, dnsServiceIp)) {
    yield [
      ["network", "dnsServiceIp"],
      `'azure.network.dnsServiceIp' is '${dnsServiceIp}': it must lie in serviceCidr '${serviceCidr}'`,
    ];
  } else if (firstAddresses(serviceCidr).includes(dnsServiceIp)) {
    yield [
      ["network", "dnsServiceIp"],
      `'azure.network.dnsServiceIp' is '${dnsServiceIp}': the first addresses of serviceCidr are the network's and the API server's; take a later one, such as the tenth`,
    ];
  }
}

/** The subnet of one's own, and what only has a meaning with it. */
function* ownNetwork(
  { subnet, reachableFrom = [], privateDnsZone = "", addresses = {} }: Right,
  isMissing: boolean,
): Generator<[Path, string]> {
  const at: Path = ["network", "subnet"];
  if (isMissing) {
    const without = "has no meaning without 'azure.network.subnet': AKS's own network is not this program's to open";
    if (reachableFrom.length > 0) yield [["network", "reachableFrom"], `'azure.network.reachableFrom' ${without}`];
    if (privateDnsZone !== "") yield [["network", "privateDnsZone"], `'azure.network.privateDnsZone' ${without}`];
    if (Object.keys(addresses).length > 0) yield [["network", "addresses"], `'azure.network.addresses' ${without}`];
  }
  if (subnet === undefined) return;
  const { cidr, vnetCidr, id } = subnet;
  if ((vnetCidr === "") === (id === "")) {
    const what = id === "" ? "needs one of" : "has both";
    const ways = "vnetCidr (the program makes a network of these addresses) or id (a subnet that is there)";
    yield [at, `'azure.network.subnet' ${what} vnetCidr and id: write ${ways}`];
  } else if (vnetCidr !== "" && !isWithin(cidr, vnetCidr)) {
    yield [[...at, "cidr"], `'azure.network.subnet.cidr' is '${cidr}': it must lie in vnetCidr '${vnetCidr}'`];
  }
  yield* reaches(reachableFrom, id);
  yield* fixedAddresses(addresses, cidr);
}

function* reaches(reachableFrom: NonNullable<Right["reachableFrom"]>, subnetId: string): Generator<[Path, string]> {
  const names = reachableFrom.map(({ vnet }) => lastPart(vnet).toLowerCase());
  for (const [i, { vnet, cidrs, gateway, routed }] of reachableFrom.entries()) {
    const path: Path = ["network", "reachableFrom", i];
    if (vnet !== "" && names.indexOf(lastPart(vnet).toLowerCase()) < i) {
      yield [
        path,
        `'${nameOf(path)}.vnet': another one in the list is called '${lastPart(vnet)}', too, and so would be the two peerings`,
      ];
    }
    if ((vnet === "") === (routed === "")) {
      const message = `'${nameOf(path)}' must have one of vnet (a network to peer with) and routed (by whom or what): these two, and nothing else, lead to the subnet`;
      yield [path, message];
    } else if (routed !== "" && (cidrs.length > 0 || gateway)) {
      yield [path, `'${nameOf(path)}' has 'routed': cidrs and gateway are of a network to peer with`];
    } else if (vnet !== "" && subnetId !== "") {
      const message = `'${nameOf(path)}.vnet': the network of 'azure.network.subnet.id' is not this program's, so it peers it with nothing; make the peering where that network is made, and write { routed: <by what> } here`;
      yield [path, message];
    } else if (vnet !== "" && cidrs.length === 0) {
      yield [path, `'${nameOf(path)}' lacks cidrs: the addresses of that network, which may overlap with nothing here`];
    }
  }
}

function* fixedAddresses(addresses: Readonly<Record<string, string>>, cidr: string): Generator<[Path, string]> {
  const holders = new Map<string, string>();
  for (const [tenant, address] of Object.entries(addresses)) {
    const path: Path = ["network", "addresses", tenant];
    const holder = holders.get(address);
    holders.set(address, holder ?? tenant);
    const message = `'azure.network.addresses.${tenant}' is '${address}'`;
    if (holder !== undefined) yield [path, `${message}: it is that of '${holder}' already`];
    if (!cidrContains(cidr, address)) yield [path, `${message}: it must lie in 'azure.network.subnet.cidr' '${cidr}'`];
  }
}
