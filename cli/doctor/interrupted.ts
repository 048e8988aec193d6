import { checkpointSchema, clusterIdIn, described, unaskedIn } from "../../model/recovery/checkpoint.ts";
import { recoverCommand } from "../../model/recovery/errors.ts";
import { age } from "../../model/recovery/lock.ts";
import type { HeldLock } from "../../model/recovery/situation.ts";
import { goneBy } from "../recover/host.ts";
import { ask, json, type Reply } from "./ask.ts";
import { broken, type Finding } from "./finding.ts";

/** Resources that are named; of more, there are only so many. */
const named = 3;

/**
 * What an interrupted deployment has left of a stack in its state: `npm run recover` mends it.
 *
 * @param exported what `pulumi stack export` answered
 */
export async function checkInterrupted(exported: Reply, stack: string): Promise<Finding[]> {
  const state = checkpointSchema.safeParse(json(exported)).data;
  if (state === undefined) return [];
  const fix = recoverCommand(stack);
  const pending = (state.deployment.pending_operations ?? []).map(
    ({ type, resource }) => `${described(resource)} (${type})`,
  );
  const more = pending.length > named ? ` and ${pending.length - named} more` : "";
  const cutOff = `the last run was cut off at ${pending.slice(0, named).join(", ")}${more}`;
  const id = clusterIdIn(state);
  const gone =
    id !== undefined && goneBy(await ask("az", ["aks", "show", "--ids", id, "--output", "json"])) !== undefined;
  return [
    ...(pending.length === 0 ? [] : [broken("interrupted run", cutOff, fix)]),
    ...(unaskedIn(state).length === 0 ? [] : [broken("interrupted recovery", "npm run recover was cut off", fix)]),
    ...(gone ? [broken("host cluster", "the state has it, and Azure has not", fix)] : []),
  ];
}

/** Who holds a stack, where its state is kept in a folder; other places are asked by `npm run recover` alone. */
export function lockFindings(locks: readonly HeldLock[], stack: string, now = new Date()): Finding[] {
  return locks.flatMap(({ holder }) => {
    if (holder === undefined) return [];
    const found = `held by ${holder.user}@${holder.host}, process ${holder.pid}, for ${age(holder.since, now)}`;
    return [broken("lock", found, `wait for its end; where it runs no more: ${recoverCommand(stack)}`)];
  });
}
