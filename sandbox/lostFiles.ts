import { existsSync } from "node:fs";
import type { SandboxFiles } from "../model/settings/project.ts";
import { oneLine } from "../model/text/printable.ts";
import { Refusal } from "../model/text/problems.ts";
import { repairOf, upOf } from "./atomicFile.ts";
import type { Cloud } from "./cloud/cloud.ts";
import { idOf } from "./cloud/kind.ts";
import type { ResourceState, StateStore } from "./engine/checkpoint.ts";
import { withPulumi } from "./engine/recovery.ts";
import type { Command } from "./engine/run.ts";

/**
 * True where the state is gone and the cloud is not: what the program describes is then taken over from it.
 *
 * @throws Refusal where the cloud is gone and the state is not, or where there is nothing to destroy, or to compare the cloud with
 */
export function isLost(files: SandboxFiles, command: Command, state: StateStore, cloud: Cloud): boolean {
  if (!existsSync(files.cloud)) {
    const known = state.read().resources.filter(({ custom, type }) => custom && !type.startsWith("pulumi:"));
    if (known.length === 0) return false;
    const repair = repairOf("the simulated cloud", files.cloud);
    throw new Refusal(
      `the simulated cloud is gone, ${files.cloud}, and the state has ${known.length} resources in it. ${repair}`,
    );
  }
  const lost = !existsSync(files.state) && cloud.objects.length > 0;
  if (!lost || !(command in without)) return lost;
  throw new Refusal(
    `the state is gone, ${files.state}, and with it what is to be ${without[command]}. '${upOf(files.state)}' makes it anew from the simulated cloud; or delete all of it: the folder ${files.folder}`,
  );
}

/** @throws Refusal where the cloud is gone, or nothing was deployed to it */
export function requireCloud({ cloud, state }: SandboxFiles, stack: string): void {
  if (existsSync(cloud)) return;
  throw new Refusal(
    existsSync(state)
      ? `the simulated cloud is gone, ${cloud}. ${repairOf("the simulated cloud", cloud)}`
      : `stack '${stack}' is not deployed on the sandbox: npm run sandbox -- up --stack ${stack}`,
  );
}

/** What has nothing to begin with where the state is gone. */
const without: Partial<Record<Command, string>> = { destroy: "destroyed", refresh: "compared with the cloud" };

/** Objects of the cloud that no resource of the state stands for. */
export function leftOver(cloud: Cloud, { resources }: { readonly resources: readonly ResourceState[] }): string[] {
  const known = new Set(resources.map(({ type, id = "" }) => `${type} ${id.toLowerCase()}`));
  return cloud.objects
    .filter(({ type, id }) => !known.has(`${type} ${idOf(id)}`))
    .map(({ type, id }) => `${type.split(":").at(-1)} ${idOf(id)}`);
}

/** What is told once of a state that was made anew. */
export function rebuilt({ state }: SandboxFiles, left: readonly string[]): string {
  const nobodys = `The state does not have, and so nothing deletes: ${left.map(oneLine).join(", ")}. A removed tenant's file brings its part back: delete the state again then`;
  return [
    `the state was gone, ${state}: what the cloud has under this stack's names is taken over. What outputs remembered of removed tenants is lost`,
    ...(left.length === 0 ? [] : [nobodys]),
  ].join(". ");
}

/** What is told of a stack that was destroyed, of which the cloud keeps something: on Pulumi the same would be left in the cluster. */
export function staying({ folder, cloud, state }: SandboxFiles, left: readonly string[]): string {
  return [
    `what was to be kept stays in the simulated cloud, ${cloud}: ${left.map(oneLine).join(", ")}. As on Pulumi, the state has forgotten it, and a deployment that asks for it again is refused, for it exists already`,
    `To begin with an empty cloud, delete the folder ${folder}; to have it taken over, ${state} alone ${withPulumi}`,
  ].join(". ");
}
