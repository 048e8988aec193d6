/**
 * The Kubernetes minors that virtual clusters can run, each with the day after which Kubernetes' authors mend nothing in it;
 * AKS's support is for hosts and says nothing of them. Which of them a chart runs, its line says (`chartLines.ts`).
 * Source: kubernetes.io, "Releases", end of life of each.
 */
export const tenantMinors = {
  "1.34": { endOfLife: "2026-10-27" },
  "1.35": { endOfLife: "2027-02-28" },
  "1.36": { endOfLife: "2027-06-28" },
} as const;

/** A Kubernetes minor that a tenant can ask for, such as "1.35". Written in quotes: YAML reads 1.30 as 1.3. */
export type TenantMinor = keyof typeof tenantMinors;

/** The minors of {@link tenantMinors}, oldest first. */
export const tenantMinorNames = Object.keys(tenantMinors) as [TenantMinor, ...TenantMinor[]];
