import { gzipSync } from "node:zlib";

/** A revision of a release as Helm keeps it in a Secret. */
export function helmRecord({
  config = {},
  manifest = "",
  chart = "0.36.1",
  defaults = {},
}: {
  readonly config?: object;
  readonly manifest?: string;
  readonly chart?: string;
  /** What the chart says by itself. */
  readonly defaults?: object;
}): string {
  const release = { manifest, chart: { metadata: { version: chart }, templates: [], values: defaults }, config };
  const kept = gzipSync(JSON.stringify(release)).toString("base64");
  return Buffer.from(kept).toString("base64");
}
