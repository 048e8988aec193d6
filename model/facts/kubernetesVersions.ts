/** A minor as Kubernetes writes it, whether this program knows it or not. */
export const minorPattern = /^\d+\.\d+$/;

/** A patch release as Kubernetes and Helm charts write it, such as 1.35.4 or 0.36.1; the first group is its minor. */
export const patchPattern = /^(\d+\.\d+)\.\d+$/;

/** The minor that a patch release belongs to: "1.35" for "1.35.4", "0.36" for "0.36.1". */
export function minorOf(version: string): string {
  return version.split(".").slice(0, 2).join(".");
}

/** How many minors lie between two versions, below zero where the second is the older one: 2 from "1.34" to "1.36". */
export function minorsBetween(from: string, to: string): number {
  return position(to) - position(from);
}

/** How many patches lie between two releases of one minor, below zero where the second is the older one. */
export function patchesBetween(from: string, to: string): number {
  const patch = (version: string) => Number(version.split(".")[2]);
  return patch(to) - patch(from);
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
