import { z } from "zod";
import { newestChart } from "../facts/chartLines.ts";
import { patchPattern } from "../facts/kubernetesVersions.ts";

const chartVersion = z.string().regex(patchPattern, `a chart version has three numbers, such as ${newestChart}`);

const pin = z.strictObject({
  digest: z
    .string()
    .regex(
      /^[0-9a-f]{64}$/,
      "the digest has 64 characters of 0-9 and a-f; npm run chart -- --pin <version> computes it",
    )
    .describe("a SHA-256 over the chart's files, as `npm run chart -- --pin <version>` prints it"),
});

/** The settings of `vcluster` that say which versions tenants run; what they must be together, `versionRules.ts` says. */
export const versionSettings = {
  channels: z
    .strictObject({
      default: chartVersion.default(newestChart).describe("chart version of tenants that name no channel"),
      canary: chartVersion.default(newestChart).describe("chart version of tenants in channel canary"),
    })
    .prefault({})
    .describe("chart versions by channel: default, canary"),
  charts: z
    .record(chartVersion, pin)
    .default({})
    .describe("chart versions beside those built in, each pinned: { 0.36.2: { digest: … } }"),
  kubernetesPatches: z
    .record(
      z.string(),
      z.string().regex(patchPattern, 'a patch release of Kubernetes has three numbers, such as "1.35.4"'),
    )
    .default({})
    .describe('by Kubernetes minor, the patch release that tenants of it run, such as { "1.35": "1.35.4" }'),
};
