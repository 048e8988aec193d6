import { z } from "zod";
import { isHostProvider } from "../../model/deploy/tenantUrns.ts";
import { uncompared } from "../../model/plan/uncompared.ts";
import { ours, say } from "../../model/plan/words.ts";
import { oneLine } from "../../model/text/printable.ts";
import { messageOf, Refusal } from "../../model/text/problems.ts";
import { type Helm, type Kubectl, type KubectlTarget, withKubectl } from "../kubectl.ts";
import { pulumiEnvironment } from "../pulumiCli.ts";
import type { DriftedRelease } from "./helmHistory.ts";
import type { EngineState } from "./previewJson.ts";
import { type ReleaseDrift, releaseDrift, releasesByHand, releasesOf } from "./releaseDrift.ts";

interface Where {
  /** The project's folder: a kubeconfig's path begins there. */
  readonly root: string;
  readonly environment?: NodeJS.ProcessEnv | undefined;
}

/** What the state says of the way to the cluster; nothing of it for kubectl's own default. */
const target = z.object({ kubeconfig: z.string().optional(), context: z.string().optional() });

/** Works with kubectl, and Helm, on the cluster that a stack's releases are in, as its state has it. */
export async function onStackCluster<T>(
  resources: readonly EngineState[],
  { root, environment = {} }: Where,
  work: (kubectl: Kubectl, helm: Helm) => Promise<T>,
): Promise<T> {
  const provider = resources.find(isHostProvider);
  const { data } = target.safeParse(provider?.inputs ?? {});
  // kubectl's own default may be another cluster.
  if (data === undefined) throw new Refusal("the state does not tell in words how its cluster is reached");
  const { kubeconfig, context } = data;
  const cluster: KubectlTarget = {
    ...(kubeconfig !== undefined && { kubeconfig }),
    ...(context !== undefined && { context }),
  };
  return withKubectl(root, cluster, pulumiEnvironment({ ...process.env, ...environment }), work);
}

/**
 * What is inside a stack's releases, held against what their charts have rendered. Where the cluster cannot be asked, a note says
 * so: that is never taken for "nothing differs".
 *
 * @param gone URNs of what the cloud does not have any more
 */
export async function driftInReleases(
  resources: readonly EngineState[],
  where: Where,
  gone: ReadonlySet<string> = new Set(),
): Promise<ReleaseDrift> {
  const releases = releasesOf(resources).filter(({ urn }) => !gone.has(urn));
  if (releases.length === 0) return { objects: [], releases: [], notes: [] };
  try {
    return await onStackCluster(resources, where, async (kubectl) => {
      const { installed } = await kubectl(["version", "--client"]);
      if (installed) return releaseDrift(releases, kubectl);
      return { objects: [], releases: [], notes: [ours(`${uncompared}: kubectl is not on PATH.`)] };
    });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { objects: [], releases: [], notes: [say`${ours(uncompared)}: ${oneLine(messageOf(error))}`] };
  }
}

/**
 * The releases of a stack that somebody has deployed with other values, where no engine sees that; none where the cluster cannot be
 * asked, which is said where all drift is looked for.
 */
export async function byHandInReleases(resources: readonly EngineState[], where: Where): Promise<DriftedRelease[]> {
  try {
    return await onStackCluster(resources, where, (kubectl) => releasesByHand(releasesOf(resources), kubectl));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return [];
  }
}
