import type { AzureSettings } from "../../model/settings/settingsSchema.ts";
import { shellCommand } from "../../model/text/shell.ts";
import { ask, json } from "./ask.ts";
import type { Account } from "./azure.ts";
import { broken, type Finding, ok, unsure } from "./finding.ts";

/** A VM size as a subscription has it in a region. Source: Azure, "Resource Skus - List". */
interface Sku {
  readonly name: string;
  readonly family?: string;
  readonly capabilities?: readonly { readonly name: string; readonly value: string }[];
  readonly locationInfo?: readonly { readonly zones?: readonly string[] }[];
  readonly restrictions?: readonly {
    readonly type: string;
    readonly reasonCode: string;
    readonly restrictionInfo?: { readonly zones?: readonly string[] };
  }[];
}

/** What is used and allowed of one thing in a region. Source: Azure, "Usage - List"; the Azure CLI prints the numbers as texts. */
interface Usage {
  readonly name: { readonly value: string };
  readonly currentValue: string | number;
  readonly limit: string | number;
}

/**
 * Whether the subscription has nodes of the stack's size in its region and zones, and quota left for them.
 *
 * @param isNew false where the cluster is there: its nodes are counted as used already
 */
export async function checkNodes({ id }: Account, azure: AzureSettings, isNew: boolean): Promise<Finding[]> {
  const { location, nodePool } = azure;
  const where = ["--location", location, "--subscription", id, "--output", "json"];
  const list = ["vm", "list-skus", "--resource-type", "virtualMachines", "--size", nodePool.vmSize, "--all", ...where];
  const usage = ["vm", "list-usage", ...where];
  const [skus, usages] = await Promise.all([ask("az", list), ask("az", usage)]);
  // The Azure CLI takes a part of a name.
  const sku = json<Sku[]>(skus)?.find(({ name }) => name.toLowerCase() === nodePool.vmSize.toLowerCase());
  const subject = "size of the nodes";
  if (json<Sku[]>(skus) === undefined) {
    return [unsure(subject, `Azure did not say: ${skus.reason || "no answer"}`, shellCommand(["az", ...list]))];
  }
  const sizes = shellCommand(["az", "vm", "list-skus", "--resource-type", "virtualMachines", ...where.slice(0, 4)]);
  const fix = `choose another azure.nodePool.vmSize (${sizes}), another region, or have Azure's support lift it`;
  const what = `${nodePool.vmSize} in ${location}`;
  if (sku === undefined) return [broken(subject, `${what}: there is none`, fix)];
  const problem = restriction(sku, nodePool.zones);
  if (problem !== undefined) return [broken(subject, `${what}: ${problem}`, fix)];
  const found = ok(subject, `${what}${nodePool.zones.length > 0 ? `, zones ${nodePool.zones.join(", ")}` : ""}`);
  return [found, quota(sku, json<Usage[]>(usages), azure, isNew)];
}

function restriction({ restrictions = [], locationInfo }: Sku, zones: readonly string[]): string | undefined {
  const whole = restrictions.find(({ type }) => type === "Location");
  if (whole !== undefined) return `the subscription may not have it (${whole.reasonCode})`;
  const offered = locationInfo?.flatMap((info) => info.zones ?? []) ?? [];
  const closed = restrictions.flatMap(({ restrictionInfo }) => restrictionInfo?.zones ?? []);
  const lacking = zones.filter((zone) => !offered.includes(zone) || closed.includes(zone));
  return lacking.length === 0 ? undefined : `not in zone ${lacking.join(", ")}`;
}

/** Azure holds vCPUs to two limits, of the region and of the family; an upgrade takes one node in ten more. */
function quota(
  sku: Sku,
  usages: readonly Usage[] | undefined,
  { location, nodePool }: AzureSettings,
  isNew: boolean,
): Finding {
  const subject = "quota of vCPUs";
  const vCpus = Number(sku.capabilities?.find(({ name }) => name === "vCPUs")?.value ?? Number.NaN);
  const show = `az vm list-usage --location ${location} --output table`;
  const limits = ["cores", sku.family ?? ""].flatMap((wanted) => {
    const found = usages?.find(({ name }) => name.value.toLowerCase() === wanted.toLowerCase());
    return found === undefined ? [] : [{ name: wanted, left: Number(found.limit) - Number(found.currentValue) }];
  });
  if (limits.length < 2 || Number.isNaN(vCpus)) return unsure(subject, "Azure did not say what is left", show);
  const surge = Math.ceil(nodePool.count / 10);
  const needed = vCpus * (surge + (isNew ? nodePool.count : 0));
  const nodes = isNew
    ? `${nodePool.count} nodes, and ${surge} more during an upgrade`
    : `${surge} more during an upgrade`;
  const short = limits.find(({ left }) => left < needed);
  const least = Math.min(...limits.map(({ left }) => left));
  if (short === undefined) return ok(subject, `${needed} needed (${nodes}), ${least} left in ${location}`);
  const which = short.name === "cores" ? "of the region" : `of ${short.name}`;
  const fix = `have the quota raised (portal: Quotas, Compute), or choose fewer or other nodes; ${show}`;
  return broken(subject, `${needed} needed (${nodes}), ${short.left} left ${which} in ${location}`, fix);
}
