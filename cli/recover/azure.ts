import { z } from "zod";
import type { StateRecord } from "../../model/recovery/checkpoint.ts";
import { assignmentType, idOf } from "../../model/recovery/ids.ts";
import type { Existing, Looked } from "../../model/recovery/situation.ts";
import { ask, json, type Reply } from "../doctor/ask.ts";

const assignmentsSchema = z.object({
  value: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      properties: z.object({ scope: z.string(), principalId: z.string(), roleDefinitionId: z.string() }),
    }),
  ),
});

/** What of these resources Azure has already, under their own name or, for a role assignment, under another. */
export async function existingInAzure(
  creations: readonly StateRecord[],
  subscriptionId: string | undefined,
): Promise<Looked> {
  const existing: Existing[] = [];
  for (const record of creations) {
    const id = record.type.startsWith("azure-native:") ? idOf(record, subscriptionId) : undefined;
    if (id === undefined) continue;
    const one = record.type === assignmentType ? await sameGrant(record, id) : await sameName(record, id);
    if (one === undefined) continue;
    // Each further question would wait as long.
    if ("reason" in one) return { existing, silence: `az: ${one.reason}` };
    existing.push(one);
  }
  return { existing };
}

/**
 * The resource groups among what was being created that hold something already, or may: none of this stack's can be in them yet.
 */
export async function inhabitedGroups(
  pending: readonly { readonly type: string; readonly resource: StateRecord }[],
  subscriptionId: string | undefined,
): Promise<Set<string>> {
  const inhabited = new Set<string>();
  for (const { type, resource } of pending) {
    if (type !== "creating" || resource.type !== resourceGroupType) continue;
    const group = idOf(resource, subscriptionId);
    if (group === undefined) continue;
    const url = `https://management.azure.com${group}/resources?api-version=2021-04-01&$top=1`;
    const reply = await ask("az", ["rest", "--method", "get", "--url", url]);
    const list = resourcesSchema.safeParse(json(reply)).data;
    const isEmpty = list === undefined ? isAbsent(reply) : list.value.length === 0;
    if (!isEmpty) inhabited.add(resource.urn);
  }
  return inhabited;
}

const resourceGroupType = "azure-native:resources:ResourceGroup";
const resourcesSchema = z.object({ value: z.array(z.unknown()) });

/** The subscription that the Azure CLI is signed in to: providers use it where nothing names another. */
export async function signedInSubscription(): Promise<string | undefined> {
  const { ok, stdout } = await ask("az", ["account", "show", "--query", "id", "--output", "tsv"]);
  return ok ? stdout.trim() : undefined;
}

/** True where Azure says that there is no such thing. Any other failure, such as a sign-in that is over, says nothing of that. */
function isAbsent({ ok, stderr }: Reply): boolean {
  return !ok && /\b(?:Parent)?Resource(?:Group)?NotFound\b|\(NotFound\)|"code":\s*"NotFound"/.test(stderr);
}

/** @returns undefined where Azure has none; its reply where it does not say */
async function sameName(record: StateRecord, id: string): Promise<Existing | Reply | undefined> {
  const reply = await ask("az", ["resource", "show", "--ids", id, "--output", "none"]);
  if (reply.ok) return { record, id };
  return isAbsent(reply) ? undefined : reply;
}

/** Azure keeps one assignment of a role to a principal at a scope, whatever its name. */
async function sameGrant(record: StateRecord, id: string): Promise<Existing | Reply | undefined> {
  const { scope, principalId, roleDefinitionId } = (record.inputs ?? {}) as Readonly<Record<string, string>>;
  const where = `https://management.azure.com${scope}/providers/Microsoft.Authorization/roleAssignments`;
  const url = `${where}?api-version=2022-04-01&$filter=principalId eq '${principalId}'`;
  const reply = await ask("az", ["rest", "--method", "get", "--url", url]);
  const list = assignmentsSchema.safeParse(json(reply)).data;
  if (list === undefined) return isAbsent(reply) ? undefined : reply;
  const same = (a: string, b: string | undefined) => a.toLowerCase() === b?.toLowerCase();
  const held = list.value.find(
    ({ properties }) => same(properties.scope, scope) && same(properties.roleDefinitionId, roleDefinitionId),
  );
  if (held === undefined) return undefined;
  return same(held.id, id) ? { record, id } : { record, id: held.id, inputs: { roleAssignmentName: held.name } };
}
