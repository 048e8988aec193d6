import { withPulumi } from "../engine/recovery.ts";
import { openSecrets, type Properties } from "../engine/values.ts";
import { releaseType } from "./apiServer.ts";
import { guid } from "./arm.ts";
import { azureKinds, roleAssignmentType, sameGrant } from "./azure.ts";
import type { Cloud } from "./cloud.ts";
import { at, idOf } from "./kind.ts";

/*
 * What stays in the cloud, and lets every further step on it fail, until somebody clears it: with Pulumi `npm run recover`, on the
 * sandbox the next deployment, at its beginning.
 */

/** Who gives roles by hand. */
const somebody = guid("somebody");

/** What becomes of a release whose upgrade is killed before it has changed anything: Helm's newest revision is halfway. */
export async function leaveHalfway(cloud: Cloud, id: string): Promise<void> {
  const found = cloud.get(`releases/${id}`);
  if (found === undefined || found.statusBefore !== undefined) return;
  const before = (found.properties.status ?? {}) as Properties;
  const status = { ...before, revision: Number(before.revision ?? 0) + 1, status: "pending-upgrade" };
  await cloud.put(`releases/${id}`, {
    ...found,
    properties: { ...found.properties, status },
    statusBefore: before,
  });
}

/** Gives a role as somebody does by hand: under another name. */
export async function giveByHand(cloud: Cloud, inputs: Properties): Promise<void> {
  const wanted = openSecrets(inputs);
  if (sameGrant(cloud, wanted) !== undefined) return;
  const roleAssignmentName = guid(`${String(wanted.roleAssignmentName)}/by hand`);
  await azureKinds[roleAssignmentType]?.create(cloud, { ...wanted, roleAssignmentName, createdBy: somebody });
}

/**
 * Clears what would let a deployment's steps fail. A release may be uninstalled as it is.
 *
 * @returns what was cleared, a line for each
 */
export async function settleLeft(cloud: Cloud): Promise<string[]> {
  const lines: string[] = [];
  for (const { id, statusBefore, ...release } of cloud.ofType(releaseType)) {
    if (statusBefore === undefined) continue;
    const [status, revision] = [at(release.properties, "status.status"), at(release.properties, "status.revision")];
    await cloud.put(id, { ...release, properties: { ...release.properties, status: statusBefore } });
    lines.push(
      `Helm stopped halfway with release ${idOf(id)}: ${String(status)}, revision ${String(revision)}. That revision is forgotten, and pods and volumes stay ${withPulumi}`,
    );
  }
  for (const { id, properties } of cloud.ofType(roleAssignmentType)) {
    if (properties.createdBy !== somebody) continue;
    await cloud.remove(id);
    lines.push(
      `somebody gave a role by hand that this stack gives, as ${String(properties.name)}. It is replaced by the one of the stack's name ${withPulumi}`,
    );
  }
  return lines;
}
