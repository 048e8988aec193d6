import { networkNames, otherSide, peerings } from "../../model/deploy/hostNetwork.ts";
import type { AzureSettings } from "../../model/settings/settingsSchema.ts";
import { ask, json } from "./ask.ts";
import type { Account } from "./azure.ts";
import { broken, type Finding, ok, unsure } from "./finding.ts";

/** A network of the stack's own, and the way to it: the subnet and the peerings. */
export async function checkNetwork({ id }: Account, azure: AzureSettings): Promise<Finding[]> {
  const found = await Promise.all([
    checkSubnet(azure),
    ...peerings(azure).map((reach) => checkPeering(id, azure, reach)),
  ]);
  return found.flat();
}

/** A subnet that is there must have the addresses that the settings say: overlaps and room are counted by them. */
async function checkSubnet({ network: { subnet } }: AzureSettings): Promise<Finding[]> {
  if (subnet === undefined || subnet.id === "") return [];
  const reply = await ask("az", ["network", "vnet", "subnet", "show", "--ids", subnet.id, "--output", "json"]);
  const shown = json<{ readonly addressPrefix?: string | null; readonly addressPrefixes?: readonly string[] }>(reply);
  if (shown === undefined) {
    const fix = "correct azure.network.subnet.id, or let the deploying identity read it (Network Contributor on it)";
    return [broken("subnet", `${subnet.id}: ${reply.reason || "no answer"}`, fix)];
  }
  const ranges = [shown.addressPrefix ?? [], shown.addressPrefixes ?? []].flat();
  return [
    ranges.includes(subnet.cidr)
      ? ok("subnet", `${subnet.id.split("/").at(-1)}, ${subnet.cidr}`)
      : broken("subnet", `it has ${ranges.join(", ")}, not ${subnet.cidr}`, "correct azure.network.subnet.cidr"),
  ];
}

/** Nothing passes a peering that has one side only. */
async function checkPeering(
  subscriptionId: string,
  azure: AzureSettings,
  reach: ReturnType<typeof peerings>[number],
): Promise<Finding> {
  const { resourceGroup } = azure;
  const { vnet } = networkNames(azure);
  const subject = `peering with ${reach.name}`;
  const vnetId = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.Network/virtualNetworks/${vnet}`;
  const fix = `whoever owns '${reach.name}' runs: ${otherSide(reach, vnetId)}`;
  const reply = await ask("az", [
    ...["network", "vnet", "peering", "show", "--subscription", subscriptionId, "--resource-group", resourceGroup],
    ...["--vnet-name", vnet, "--name", `to-${reach.name}`, "--query", "peeringState", "--output", "tsv"],
  ]);
  if (!reply.ok) return unsure(subject, "not there yet: a deployment makes this side of it", `then ${fix}`);
  const state = reply.stdout.trim();
  return state === "Connected" ? ok(subject, "has both sides") : broken(subject, `has this side alone (${state})`, fix);
}
