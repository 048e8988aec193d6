import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { checkpointSchema, clusterIdIn, described, unaskedIn } from "../../model/recovery/checkpoint.ts";
import { recoverCommand } from "../../model/recovery/errors.ts";
import { age } from "../../model/recovery/lock.ts";
import { readProjectName, stackOfFiles } from "../../model/settings/project.ts";
import { goneBy } from "../recover/host.ts";
import { stateFolder } from "../stateFolder.ts";
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

const lockSchema = z.object({ pid: z.int(), username: z.string(), hostname: z.string(), timestamp: z.coerce.date() });

/**
 * Who holds a stack, where its state is kept in a folder; other places are asked by `npm run recover` alone.
 *
 * @param url where the CLI says that it keeps the state; undefined where it does not say
 * @param root the project's folder
 */
export function checkLock(url: string | undefined, root: string, stack: string, now = new Date()): Finding[] {
  const state = url && stateFolder(url, root);
  if (!state) return [];
  const folder = join(state, ".pulumi/locks");
  if (!existsSync(folder)) return [];
  return globSync(`*/${readProjectName(root)}/${stackOfFiles(stack)}/*.json`, { cwd: folder }).flatMap((file) => {
    const lock = lockSchema.safeParse(json({ ok: true, stdout: readFileSync(join(folder, file), "utf8") })).data;
    if (lock === undefined) return [];
    const { username, hostname, pid, timestamp } = lock;
    const found = `held by ${username}@${hostname}, process ${pid}, for ${age(timestamp, now)}`;
    return [broken("lock", found, `wait for its end; where it runs no more: ${recoverCommand(stack)}`)];
  });
}
