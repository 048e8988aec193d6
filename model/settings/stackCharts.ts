import { builtInDigest } from "../facts/chartLines.ts";
import { InputError, Refusal } from "../text/problems.ts";
import { rightFields } from "../text/validate.ts";
import { readProject, stackFile, stackNames } from "./project.ts";
import { settingsOfProject } from "./settings.ts";
import { settingsSchema } from "./settingsSchema.ts";

/** A chart version with what it must consist of. */
export interface PinnedChart {
  readonly version: string;
  /** Over the chart's files; see `cli/chartArchive.ts`. */
  readonly digest: string;
  /** Where the digest stands, for a message. */
  readonly where: string;
}

/** A chart version that needs no pin; undefined for any other. */
export function builtInChart(version: string): PinnedChart | undefined {
  const digest = builtInDigest(version);
  return digest === undefined ? undefined : { version, digest, where: "built in: model/facts/chartLines.ts" };
}

/**
 * The charts that a stack installs from local copies, and those that it pins besides: what `npm run chart` keeps. Read from the
 * stack's file alone, so that it can be asked before anything is right; a stack that cannot be read has none.
 */
export function stackCharts(root: string, stack: string): PinnedChart[] {
  const { channels, charts, chartRepository } = vclusterOf(root, stack);
  const own = charts ?? {};
  const installed = chartRepository === "" ? Object.values(channels ?? {}) : [];
  return [...new Set([...installed, ...Object.keys(own)])].flatMap((version) => {
    const builtIn = builtInChart(version);
    if (builtIn !== undefined) return builtIn;
    const digest = own[version]?.digest;
    return digest === undefined ? [] : { version, digest, where: `${stackFile(stack)}, vcluster.charts` };
  });
}

/**
 * The charts of all stacks of a project, each once; none where the folder is no project.
 *
 * @throws Refusal where two stacks pin a version to different digests: one of them is wrong.
 */
export function projectCharts(root: string): PinnedChart[] {
  const all = new Map<string, PinnedChart>();
  for (const chart of stackNames(root).flatMap((stack) => stackCharts(root, stack))) {
    const other = all.get(chart.version);
    if (other !== undefined && other.digest !== chart.digest) {
      const both = [other, chart].map(({ digest, where }) => `${digest} (${where})`).join(" and ");
      throw new Refusal(`chart ${chart.version} is pinned to two digests, and one of them is wrong: ${both}`);
    }
    all.set(chart.version, chart);
  }
  return [...all.values()];
}

/** The chart versions of a stack's channels, wherever they come from. */
export function channelCharts(root: string, stack: string): string[] {
  return [...new Set(Object.values(vclusterOf(root, stack).channels ?? {}))];
}

function vclusterOf(root: string, stack: string) {
  const schema = settingsSchema.shape.vcluster.unwrap();
  try {
    const { project, values } = settingsOfProject(readProject(root, stack));
    return rightFields(schema, values[`${project}:vcluster`]);
  } catch (error) {
    if (error instanceof InputError || error instanceof Refusal) return rightFields(schema, {});
    throw error;
  }
}
