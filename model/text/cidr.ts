import ipaddr from "ipaddr.js";

/** True for an IPv4 range written as its first address and a length, such as "10.0.0.0/16". */
export function isCidr(text: string): boolean {
  if (!ipaddr.IPv4.isValidCIDR(text)) return false;
  return ipaddr.IPv4.networkAddressFromCIDR(text).toString() === text.split("/")[0];
}

/** True where the address lies in the range. */
export function cidrContains(cidr: string, address: string): boolean {
  return ipaddr.IPv4.parse(address).match(ipaddr.IPv4.parseCIDR(cidr));
}

/** True where two ranges share an address. */
export function cidrsOverlap(a: string, b: string): boolean {
  const first = (cidr: string) => ipaddr.IPv4.networkAddressFromCIDR(cidr).toString();
  return cidrContains(a, first(b)) || cidrContains(b, first(a));
}

/** True for an IPv4 address in four decimal parts. */
export function isIpv4(text: string): boolean {
  return ipaddr.IPv4.isValidFourPartDecimal(text);
}

/** The number after the slash: 16 for "10.0.0.0/16". */
export function prefixLength(cidr: string): number {
  return ipaddr.IPv4.parseCIDR(cidr)[1];
}

/** The first two addresses of a range: that of the network, and the one that Kubernetes gives its API server. */
export function firstAddresses(cidr: string): [string, string] {
  const [a = 0, b = 0, c = 0, d = 0] = ipaddr.IPv4.networkAddressFromCIDR(cidr).octets;
  return [[a, b, c, d].join("."), [a, b, c, d + 1].join(".")];
}

/** True where all of a range lies in another. */
export function isWithin(inner: string, outer: string): boolean {
  return prefixLength(inner) >= prefixLength(outer) && cidrContains(outer, inner.split("/")[0] ?? "");
}

/** How many addresses a range has. */
export function addressCount(cidr: string): number {
  return 2 ** (32 - prefixLength(cidr));
}

/** The last addresses of a range that can be given away, the highest first: the very last one is the network's own. */
export function* highestAddresses(cidr: string): Generator<string> {
  const start = ipaddr.IPv4.networkAddressFromCIDR(cidr).octets.reduce((all, octet) => all * 256 + octet, 0);
  for (let i = addressCount(cidr) - 2; i > 0; i--) {
    const address = start + i;
    yield [24, 16, 8, 0].map((bits) => Math.floor(address / 2 ** bits) % 256).join(".");
  }
}
