import { describe, expect, test } from "vitest";
import { addressOf, exposureOf } from "../../../model/deploy/address.ts";
import { chartValues } from "../../../model/deploy/chartValues.ts";
import { otherSide, parseNetworkId, privateZone } from "../../../model/deploy/hostNetwork.ts";
import { settingsSchema } from "../../../model/settings/settingsSchema.ts";
import { tenantOf as tenant } from "../../support/tenants.ts";

const azure = (network: object = {}, clusterName = "aks_Dev") =>
  settingsSchema.parse({
    azure: {
      location: "westeurope",
      resourceGroup: "rg",
      clusterName,
      clusterAdmins: [{ user: "a@contoso.com" }],
      network: { subnet: { vnetCidr: "10.10.0.0/20", cidr: "10.10.0.0/24" }, ...network },
    },
  });
const open = { expose: "public", allowedCidrs: ["203.0.113.0/24"] };

describe("a public tenant", () => {
  const hostOf = (name: string, subscriptionId: string | undefined, settings = azure()) =>
    addressOf(tenant(name, open), { settings, subscriptionId })?.host;

  test("has a name that stays, that nobody else's cluster has, and that Azure takes", () => {
    const host = hostOf("ml", "s1");
    expect(host).toBe("ml-aks-dev-a0081bf1b1.westeurope.cloudapp.azure.com");
    expect(hostOf("ml", "s1")).toBe(host);
    expect(new Set([host, hostOf("ml", "s2"), hostOf("mk", "s1"), hostOf("ml", "s1", azure({}, "aks-dev"))]).size).toBe(
      4,
    );
    const [label = ""] = hostOf("a".repeat(40), "s1", azure({}, "c".repeat(63)))?.split(".") ?? [];
    expect(label).toMatch(/^[a-z][a-z0-9-]{1,61}[a-z0-9]$/);
    expect(label).toHaveLength(63);
  });

  test("has it in its certificate and at its Service", () => {
    const ml = tenant("ml", open);
    const address = addressOf(ml, { settings: azure(), subscriptionId: "s1" });
    const { proxy, service } = chartValues(ml, { address }).controlPlane;
    expect(proxy.extraSANs.at(-1)).toBe(address?.host);
    expect(service).toEqual({
      annotations: { "service.beta.kubernetes.io/azure-dns-label-name": "ml-aks-dev-a0081bf1b1" },
      spec: { type: "LoadBalancer", loadBalancerSourceRanges: ["203.0.113.0/24"] },
    });
  });

  test("has none on a host that is not Azure's", () => {
    const settings = settingsSchema.parse({ existingCluster: { name: "kind" } });
    expect(addressOf(tenant("ml", open), { settings, subscriptionId: undefined })).toEqual({ annotations: {} });
  });
});

describe("an internal tenant", () => {
  const ml = tenant("ml", { expose: "internal" });
  const of = (network: object) => addressOf(ml, { settings: azure(network), subscriptionId: undefined });

  test("has the address that Azure gives it, or the one that the settings fix, with a name where there is a zone", () => {
    const internal = { "service.beta.kubernetes.io/azure-load-balancer-internal": "true" };
    const fixed = { ...internal, "service.beta.kubernetes.io/azure-load-balancer-ipv4": "10.10.0.254" };
    const addresses = { ml: "10.10.0.254" };
    expect(of({})).toEqual({ annotations: internal });
    expect(of({ addresses })).toEqual({ annotations: fixed, fixed: "10.10.0.254" });
    expect(of({ addresses, privateDnsZone: "aks.internal.net" })).toEqual({
      annotations: fixed,
      fixed: "10.10.0.254",
      host: "ml.aks.internal.net",
    });
    expect(of({ privateDnsZone: "aks.internal.net" })).toEqual({ annotations: internal });
  });

  test("is never public for want of an address", () => {
    const values = chartValues(ml, {});
    expect(exposureOf(values)).toBe("internal");
  });
});

test("a tenant without an address has no name", () => {
  expect(addressOf(tenant("ml"), { settings: azure(), subscriptionId: "s1" })).toBeUndefined();
});

describe("ids of networks and zones", () => {
  const start = "/subscriptions/s/resourceGroups/rg-hub/providers/Microsoft.Network";

  test("say the network and its resource group", () => {
    const vnetId = `${start}/virtualNetworks/hub`;
    expect(parseNetworkId(`${vnetId}/subnets/aks`)).toEqual({ vnetId, resourceGroup: "rg-hub" });
    expect(parseNetworkId(vnetId)).toEqual({ vnetId, resourceGroup: "rg-hub" });
  });

  test("say where a zone is, or that the program makes it", () => {
    const zone = (privateDnsZone: string) => {
      const { azure: settings } = azure({ privateDnsZone });
      return settings && privateZone(settings);
    };
    expect(zone("aks.net")).toEqual({ domain: "aks.net", resourceGroup: "rg", isOwn: true });
    expect(zone(`${start}/privateDnsZones/aks.net`)).toEqual({
      domain: "aks.net",
      resourceGroup: "rg-hub",
      isOwn: false,
    });
  });

  test("give the command for the other side of a peering", () => {
    const reach = { vnet: `${start}/virtualNetworks/hub`, cidrs: [], gateway: true, routed: "" };
    expect(otherSide(reach, "/subscriptions/t/vnet-aks")).toBe(
      "az network vnet peering create --name to-vnet-aks --subscription s --resource-group rg-hub --vnet-name hub --remote-vnet /subscriptions/t/vnet-aks --allow-vnet-access --allow-gateway-transit",
    );
  });
});
