import { describe, expect, test } from "vitest";
import { checkNetwork } from "../../cli/doctor/network.ts";
import { azureSchema } from "../../model/settings/settingsSchema.ts";
import { type Replies, withTools } from "../support/fakeTools.ts";

const hub = "/subscriptions/h/resourceGroups/rg-hub/providers/Microsoft.Network/virtualNetworks/hub";
const account = { id: "s", name: "S", tenantId: "t", user: { name: "me", type: "user" }, state: "Enabled" };

/** What the doctor finds of a network, where the Azure CLI answers so. */
async function examine(azure: object, az: Replies) {
  const names = { location: "westeurope", resourceGroup: "rg", clusterName: "aks" };
  const settings = azureSchema.parse({ ...names, clusterAdmins: [{ user: "me@contoso.com" }], ...azure });
  const findings = await withTools({ az }, () => checkNetwork(account, settings));
  return findings.map(({ state, subject, found, fix }) => [state, subject, found, ...(fix === undefined ? [] : [fix])]);
}

describe("the doctor, of a network of one's own", () => {
  const peering =
    "network vnet peering show --subscription s --resource-group rg --vnet-name vnet-aks --name to-hub --query peeringState --output tsv";
  const own = {
    subnet: { vnetCidr: "10.10.0.0/20", cidr: "10.10.0.0/24" },
    reachableFrom: [{ vnet: hub, cidrs: ["10.8.0.0/24"] }],
  };
  const command =
    "whoever owns 'hub' runs: az network vnet peering create --name to-vnet-aks --subscription h --resource-group rg-hub --vnet-name hub --remote-vnet /subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/vnet-aks --allow-vnet-access";

  test("says whether a peering has both its sides, and who makes the other", async () => {
    expect(await examine({ network: own }, { [peering]: "Connected" })).toEqual([
      ["ok", "peering with hub", "has both sides"],
    ]);
    expect(await examine({ network: own }, { [peering]: "Initiated" })).toEqual([
      ["fix", "peering with hub", "has this side alone (Initiated)", command],
    ]);
    expect(await examine({ network: own }, {})).toEqual([
      ["unknown", "peering with hub", "not there yet: a deployment makes this side of it", `then ${command}`],
    ]);
  });

  test("compares a subnet that is there with the settings", async () => {
    const id = `${hub}/subnets/aks`;
    const show = `network vnet subnet show --ids ${id} --output json`;
    const network = { subnet: { id, cidr: "10.8.1.0/24" } };
    expect(await examine({ network }, { [show]: { addressPrefix: "10.8.1.0/24" } })).toEqual([
      ["ok", "subnet", "aks, 10.8.1.0/24"],
    ]);
    expect(await examine({ network }, { [show]: { addressPrefix: null, addressPrefixes: ["10.8.2.0/24"] } })).toEqual([
      ["fix", "subnet", "it has 10.8.2.0/24, not 10.8.1.0/24", "correct azure.network.subnet.cidr"],
    ]);
  });
});
