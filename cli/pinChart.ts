import { chartName } from "../model/chart/chart.ts";
import { valuesCheck } from "../model/chart/chartSchema.ts";
import { chartValues } from "../model/deploy/chartValues.ts";
import { chartLines, lineOf } from "../model/facts/chartLines.ts";
import { patchPattern } from "../model/facts/kubernetesVersions.ts";
import type { TenantMinor } from "../model/facts/tenantMinors.ts";
import { builtInChart, projectCharts } from "../model/settings/stackCharts.ts";
import { sizes } from "../model/tenant/sizes.ts";
import { completeTenant, exposures, lifecycles, stores, tenantFileSchema } from "../model/tenant/tenantSchema.ts";
import { Refusal } from "../model/text/problems.ts";
import { show } from "../model/text/validate.ts";
import { type ChartFiles, type ChartSource, digestOf, getArchive } from "./chartArchive.ts";
import { requirePinned, storeArchive } from "./chartStore.ts";

/**
 * Gets a chart version, keeps it, and says what to write into a stack's settings so that it can be installed. The digest is
 * computed here, from what this machine got; once it is written down, every other machine must get the same.
 *
 * @returns lines to print
 * @throws Refusal where this program does not know the chart's line, the chart cannot be had, is not the one that is built in
 * or pinned already, or does not take what this program sets.
 */
export async function pinChart(root: string, version: string, source: ChartSource): Promise<string[]> {
  requireKnownLine(version);
  // What it must consist of already: as built in, or as some stack pins it.
  const known = builtInChart(version) ?? projectCharts(root).find((chart) => chart.version === version);
  let digest = "";
  const archive = await getArchive(version, source);
  const path = await storeArchive(root, archive, version, (files) => {
    if (known !== undefined) requirePinned(files, known);
    requireOwnValues(files, version);
    digest = digestOf(files);
  });
  const stored = [`chart ${version}: ${path}`, `digest ${digest}, of what ${archive.origin} holds`];
  if (builtInChart(version) !== undefined) return [...stored, "It is built in: only name it in vcluster.channels."];
  if (known !== undefined) return [...stored, `It is the pinned one (${known.where}).`];
  return [
    ...stored,
    "It is pinned nowhere yet. Compare the digest with what another machine or another network gets; then write into",
    "Pulumi.<stack>.yaml, under config:",
    "  virtual-clusters:vcluster:",
    "    charts:",
    `      ${version}: { digest: ${digest} }`,
    "    channels:",
    `      canary: ${version}`,
    "and give a tenant or two 'channel: canary'. docs/upgrading.md says how to go on.",
  ];
}

function requireKnownLine(version: string): void {
  if (!patchPattern.test(version)) {
    throw new Refusal(
      `${show(version)} is no chart version: three numbers are, such as 0.36.1; none that is a candidate`,
    );
  }
  if (lineOf(version) !== undefined) return;
  throw new Refusal(
    `this program knows charts of ${Object.keys(chartLines).join(", ")}, and ${version} is of another line: its values and templates were not held against what is set here, so it is not installed. Update this program; docs/upgrading.md says how a line is added`,
  );
}

/** A later chart of a line may take other values than the ones that were read. */
function requireOwnValues(files: ChartFiles, version: string): void {
  const schema = files.get(`${chartName}/values.schema.json`)?.toString("utf8");
  if (schema === undefined) throw new Refusal(`chart ${version} has no values.schema.json: it is not a whole chart`);
  const check = valuesCheck(JSON.parse(schema) as object);
  const wrong = new Set(
    [...sampleValues(version)].flatMap((values) =>
      check(values).map(({ path, expected }) => `${path.join(".")} (${expected})`),
    ),
  );
  if (wrong.size === 0) return;
  throw new Refusal(
    `chart ${version} does not take what this program sets: ${[...wrong].join("; ")}. It is not installed: update this program`,
  );
}

/** The values of every kind of tenant that this program can make, with sign-in. */
function* sampleValues(version: string) {
  const file = tenantFileSchema().parse({ owner: "nobody@example.com", purpose: "a sample" });
  const signIn = { issuer: "https://example.com", clientId: "sample", usernameClaim: "oid", groupsClaim: "groups" };
  const versions = { channels: { default: version, canary: version }, kubernetesPatches: {} };
  for (const kubernetes of Object.keys(lineOf(version)?.kubernetes ?? {}) as TenantMinor[]) {
    for (const store of stores) {
      for (const expose of exposures) {
        for (const lifecycle of lifecycles) {
          const allowedCidrs = expose === "public" ? ["203.0.113.0/24"] : [];
          const bootstrap = [{ chart: "kuberay-operator" as const, values: {} }];
          const tenant = completeTenant(
            "sample",
            { ...file, store, lifecycle, allowedCidrs, bootstrap },
            { size: "small", kubernetes, expose, sizes },
          );
          yield chartValues(tenant, { admins: [], developers: [], viewers: [] }, { signIn, versions });
        }
      }
    }
  }
}
