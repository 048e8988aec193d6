/** A Kubernetes minor of AKS. Months are as AKS's calendar has them; a month's end is meant where it names no day. */
export interface HostMinor {
  /** The month in which it became generally available. */
  readonly available: string;
  /** The last day of support; no new cluster of it can be made afterwards. */
  readonly endOfSupport: string;
  /** The last day of long-term support, which needs tier Premium and its support plan. This program sets neither. */
  readonly endOfLongTermSupport: string;
}

/**
 * The Kubernetes minors of AKS hosts. AKS supports the newest three ("N-2"), each for about a year.
 * Source: AKS, "Supported Kubernetes versions", calendar of 2026-08-21; that 1.37 came in October 2026 also its release
 * notes of 2026-10-25. The calendar says of months to come what is planned: all ends of support here.
 */
export const hostMinors = {
  "1.34": { available: "2025-11", endOfSupport: "2026-11-30", endOfLongTermSupport: "2027-11-30" },
  "1.35": { available: "2026-03", endOfSupport: "2027-03-31", endOfLongTermSupport: "2028-03-31" },
  "1.36": { available: "2026-06", endOfSupport: "2027-06-30", endOfLongTermSupport: "2028-06-30" },
  "1.37": { available: "2026-10", endOfSupport: "2027-10-31", endOfLongTermSupport: "2028-10-31" },
} as const satisfies Readonly<Record<string, HostMinor>>;

/** A Kubernetes minor that a stack may choose for its host, such as "1.35". Written in quotes: YAML reads 1.30 as 1.3. */
export type HostMinorName = keyof typeof hostMinors;

/** The minors of {@link hostMinors}, oldest first. */
export const hostMinorNames = Object.keys(hostMinors) as [HostMinorName, ...HostMinorName[]];

/**
 * True where AKS makes clusters of a minor on a day. One that AKS has left, or does not have yet, is refused for new
 * clusters and as the target of an upgrade; what runs it goes on. Source: AKS, "Platform support policy".
 */
export function isOffered(minor: string, today: string): boolean {
  const known: HostMinor | undefined = (hostMinors as Readonly<Record<string, HostMinor>>)[minor];
  return known !== undefined && known.available <= today.slice(0, 7) && today <= known.endOfSupport;
}
