import { z } from "zod";
import type { StateRecord } from "../../model/recovery/checkpoint.ts";
import { assignmentType, idOf } from "../../model/recovery/ids.ts";
import type { Existing } from "../../model/recovery/situation.ts";
import { ask, json } from "../doctor/ask.ts";

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
): Promise<Existing[]> {
  const found: Existing[] = [];
  for (const record of creations) {
    const id = record.type.startsWith("azure-native:") ? idOf(record, subscriptionId) : undefined;
    if (id === undefined) continue;
    const one = record.type === assignmentType ? await sameGrant(record, id) : await sameName(record, id);
    if (one !== undefined) found.push(one);
  }
  return found;
}

/** The resource groups among what was being created that hold something already: none of this stack's can be in them yet. */
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
    const list = resourcesSchema.safeParse(json(await ask("az", ["rest", "--method", "get", "--url", url]))).data;
    if (list !== undefined && list.value.length > 0) inhabited.add(resource.urn);
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

async function sameName(record: StateRecord, id: string): Promise<Existing | undefined> {
  const { ok } = await ask("az", ["resource", "show", "--ids", id, "--output", "none"]);
  return ok ? { record, id } : undefined;
}

/** Azure keeps one assignment of a role to a principal at a scope, whatever its name. */
async function sameGrant(record: StateRecord, id: string): Promise<Existing | undefined> {
  const { scope, principalId, roleDefinitionId } = (record.inputs ?? {}) as Readonly<Record<string, string>>;
  const where = `https://management.azure.com${scope}/providers/Microsoft.Authorization/roleAssignments`;
  const url = `${where}?api-version=2022-04-01&$filter=principalId eq '${principalId}'`;
  const reply = await ask("az", ["rest", "--method", "get", "--url", url]);
  const { value } = assignmentsSchema.safeParse(json(reply)).data ?? { value: [] };
  const same = (a: string, b: string | undefined) => a.toLowerCase() === b?.toLowerCase();
  const held = value.find(
    ({ properties }) => same(properties.scope, scope) && same(properties.roleDefinitionId, roleDefinitionId),
  );
  if (held === undefined) return undefined;
  return same(held.id, id) ? { record, id } : { record, id: held.id, inputs: { roleAssignmentName: held.name } };
}
