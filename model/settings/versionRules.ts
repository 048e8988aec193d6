import { builtInCharts, builtInDigest, chartLines, lineOf } from "../facts/chartLines.ts";
import { minorOf } from "../facts/kubernetesVersions.ts";
import { tenantMinorNames } from "../facts/tenantMinors.ts";
import type { Problem } from "../text/problems.ts";
import { type Locate, rightFields, show } from "../text/validate.ts";
import { azureSchema, type Settings, settingsSchema } from "./settingsSchema.ts";

const lines = () => Object.keys(chartLines).join(", ");

/**
 * What is wrong between the settings that name versions: a chart that is neither built in nor pinned, or of a line that this
 * program does not know; a host that the chart's authors say nothing of; a patch release of another minor.
 *
 * @param vcluster the setting as it is written
 * @param azure likewise
 */
export function versionRuleProblems(vcluster: unknown, azure: unknown, locate: Locate): Problem[] {
  const { channels, charts, kubernetesPatches } = rightFields(settingsSchema.shape.vcluster.unwrap(), vcluster);
  const { kubernetesVersion: host } = rightFields(azureSchema, azure);
  return [
    ...Object.entries(charts ?? {}).flatMap(([version, { digest }]) => chartProblems(version, digest, locate)),
    ...(channels === undefined ? [] : channelProblems(channels, charts, locate)),
    ...(channels === undefined || azure === undefined || host === undefined
      ? []
      : hostProblems(host, channels, locate)),
    ...Object.entries(kubernetesPatches ?? {}).flatMap(([minor, patch]) => patchProblems(minor, patch, locate)),
  ];
}

function chartProblems(version: string, digest: string, locate: Locate): Problem[] {
  const path = ["vcluster", "charts", version];
  if (lineOf(version) === undefined) {
    const message = `'vcluster.charts' pins ${version}: this program knows charts of ${lines()} only, and installs no other. A later release of it may`;
    return [{ location: locate(path, true), message }];
  }
  const own = builtInDigest(version);
  if (own === undefined || own === digest) return [];
  const message = `'vcluster.charts.${version}.digest' is ${show(digest)}, but chart ${version} is built in with ${own}: remove the entry`;
  return [{ location: locate([...path, "digest"]), message }];
}

function channelProblems(
  channels: Settings["vcluster"]["channels"],
  charts: Settings["vcluster"]["charts"] | undefined,
  locate: Locate,
): Problem[] {
  return Object.entries(channels).flatMap(([channel, version]): Problem[] => {
    const location = locate(["vcluster", "channels", channel]);
    const refuse = (why: string): Problem[] => [
      { location, message: `'vcluster.channels.${channel}' is '${version}': ${why}` },
    ];
    if (lineOf(version) === undefined) return refuse(`this program knows charts of ${lines()} only`);
    // Where pins are wrong themselves, that is said already.
    if (charts === undefined || Object.hasOwn(charts, version) || builtInDigest(version) !== undefined) return [];
    return refuse(
      `neither built in (${builtInCharts.join(", ")}) nor pinned in vcluster.charts; 'npm run chart -- --pin ${version}' computes its digest and prints what to set`,
    );
  });
}

/** A host of which the chart's authors say nothing for any tenant: once there, it cannot go back. */
function hostProblems(host: string, channels: Settings["vcluster"]["channels"], locate: Locate): Problem[] {
  const named = [...new Set(Object.values(channels))];
  const silent = named.flatMap((version) => {
    const known = Object.keys(lineOf(version)?.hosts ?? { [host]: {} });
    return known.includes(host) ? [] : [`chart ${version} is for hosts of ${known.join(", ")}`];
  });
  if (silent.length === 0) return [];
  const message = `'azure.kubernetesVersion' is "${host}", but ${silent.join(", and ")}, as its authors say; a host cannot go back. Wait until the stack's channels name a chart that is for it`;
  return [{ location: locate(["azure", "kubernetesVersion"]), message }];
}

function patchProblems(minor: string, patch: string, locate: Locate): Problem[] {
  const path = ["vcluster", "kubernetesPatches", minor];
  if (!(tenantMinorNames as readonly string[]).includes(minor)) {
    const allowed = tenantMinorNames.map((name) => `"${name}"`).join(", ");
    const message = `'vcluster.kubernetesPatches' has ${show(minor)}: expected one of ${allowed}, in quotes`;
    return [{ location: locate(path, true), message }];
  }
  if (minorOf(patch) === minor) return [];
  const message = `'vcluster.kubernetesPatches.${minor}' is '${patch}': expected a patch release of ${minor}, such as "${minor}.4"`;
  return [{ location: locate(path), message }];
}
