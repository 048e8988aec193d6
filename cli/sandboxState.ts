import { existsSync, readFileSync } from "node:fs";
import { z } from "zod";
import { sandboxFiles } from "../model/settings/project.ts";
import { Refusal } from "../model/text/problems.ts";

/** A tenant's release as the sandbox has deployed it. */
export interface DeployedRelease {
  readonly namespace: string;
  readonly chart: string;
  readonly kubernetes: string;
  readonly stopped: boolean;
  readonly protect: boolean;
}

/** The type of a Helm release in a state. */
const releaseType = "kubernetes:helm.sh/v3:Release";

const release = z.object({
  type: z.literal(releaseType),
  protect: z.boolean().default(false),
  inputs: z.object({
    name: z.string(),
    namespace: z.string(),
    version: z.string().default("of the repository"),
    values: z.object({
      controlPlane: z.object({
        distro: z.object({ k8s: z.object({ image: z.object({ tag: z.string() }) }) }),
        statefulSet: z.object({ highAvailability: z.object({ replicas: z.int() }) }),
      }),
    }),
  }),
});

const state = z.object({
  deployment: z.object({ resources: z.array(z.looseObject({ type: z.string() })).default([]) }),
});

/**
 * What the sandbox's state of a stack says of a tenant; undefined where it says nothing.
 *
 * @throws Refusal where the state is there and cannot be read.
 */
export function releaseOnSandbox(root: string, stack: string, tenant: string): DeployedRelease | undefined {
  const file = sandboxFiles(root, stack).state;
  if (!existsSync(file)) return undefined;
  const { resources } = parseState(file);
  const releases = resources
    .filter(({ type }) => type === releaseType)
    .flatMap((one) => release.safeParse(one).data ?? []);
  const found = releases.find(({ inputs }) => inputs.name === tenant);
  if (found === undefined) return undefined;
  const { namespace, version, values } = found.inputs;
  const { distro, statefulSet } = values.controlPlane;
  return {
    namespace,
    chart: version,
    kubernetes: distro.k8s.image.tag,
    stopped: statefulSet.highAvailability.replicas === 0,
    protect: found.protect,
  };
}

function parseState(file: string) {
  try {
    return state.parse(JSON.parse(readFileSync(file, "utf8"))).deployment;
  } catch {
    throw new Refusal(`${file} is not a state of the sandbox`);
  }
}
