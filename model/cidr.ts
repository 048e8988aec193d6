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
