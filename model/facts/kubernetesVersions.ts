/**
 * The Kubernetes minors that a virtual cluster of chart 0.36 can run, each with the image tag that the chart's
 * authors test it with.
 * Source: vCluster's compatibility matrix (1.34 to 1.36 on hosts 1.34 to 1.36) and its default image list, v0.36.1.
 */
export const virtualClusterImageTags = { "1.34": "v1.34.0", "1.35": "v1.35.0", "1.36": "v1.36.0" } as const;

/** A Kubernetes minor that a tenant can ask for, such as "1.35". Written in quotes: YAML reads 1.30 as 1.3. */
export type KubernetesMinor = keyof typeof virtualClusterImageTags;

/** The minors of {@link virtualClusterImageTags}, oldest first. */
export const kubernetesMinors = Object.keys(virtualClusterImageTags) as [KubernetesMinor, ...KubernetesMinor[]];

/** A minor as Kubernetes writes it, whether this program knows it or not. */
export const minorPattern = /^\d+\.\d+$/;

/** The minor of a version that may name a patch: "1.35" of "1.35.4". */
export function minorOf(version: string): string {
  return version.split(".").slice(0, 2).join(".");
}

/** How many minors lie between two versions, below zero where the second is the older one: 2 from "1.34" to "1.36". */
export function minorsBetween(from: string, to: string): number {
  return position(to) - position(from);
}

/** The minor after one: "1.36" after "1.35". */
export function minorAfter(version: string): string {
  const [major, minor] = version.split(".").map(Number);
  return `${major}.${(minor ?? 0) + 1}`;
}

/** Orders versions of different majors, too: no major has had a thousand minors. */
function position(version: string): number {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major * 1000 + minor;
}
