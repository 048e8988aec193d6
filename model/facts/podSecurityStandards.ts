/**
 * The Pod Security Standards that tenants may be held to: `privileged` is none.
 * Source: Kubernetes, "Pod Security Standards".
 */
export const podSecurityStandards = ["baseline", "restricted"] as const;

/** One of {@link podSecurityStandards}. */
export type PodSecurity = (typeof podSecurityStandards)[number];
