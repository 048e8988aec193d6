/**
 * The private ranges. A tenant's pods reach what is public, their DNS and each other, and no private address: there are
 * the nodes, the pods and Services of others, and whatever the network is peered with.
 * Source: chart 0.36.1, policies.networkPolicy.workload.publicEgress.except, without the loopback.
 */
export const privateRanges = ["100.64.0.0/10", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];

/**
 * Azure's own two addresses, which hand out the node's identity and its settings: instance metadata, and the wire server.
 * Source: Azure, "Instance Metadata Service", "What is IP address 168.63.129.16?".
 */
export const platformAddresses = ["169.254.169.254/32", "168.63.129.16/32"];

/** Addresses that a tenant's pods cannot reach. A list replaces the chart's five ranges, so they are repeated. */
export const blockedAddresses = ["127.0.0.0/8", ...privateRanges, ...platformAddresses];
