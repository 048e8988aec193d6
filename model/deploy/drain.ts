/**
 * Minutes that a node's drain has: for evictions, which wait for the budgets of releases, and for the pods that end then.
 * After them the node is set aside. Source: AKS, "Customize node surge upgrade", drain timeout.
 */
export const drainMinutes = 30;

/** Seconds that a tenant's pod may take to end. Half of a drain, so that an eviction that waits has the other half. */
export const longestEnd = (drainMinutes * 60) / 2;
