import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { loadSettings } from "../../../model/settings/settings.ts";

const hub = "/subscriptions/s/resourceGroups/rg-hub/providers/Microsoft.Network/virtualNetworks/hub";
const subnetId = "/subscriptions/s/resourceGroups/rg-net/providers/Microsoft.Network/virtualNetworks/net/subnets/aks";

/** What is said of a stack with these lines below `azure`, each as "setting: message". */
function problems(network: string, more = "", rest = ""): string[] {
  const azure = `{ location: westeurope, resourceGroup: rg, clusterName: aks, clusterAdmins: [{ user: a@contoso.com }], network: ${network}${more} }`;
  const values = parse(`{ "p:azure": ${azure}${rest} }`) as Record<string, unknown>;
  const { problems: found, settings } = loadSettings({ root: ".", project: "p", stack: "s", values, file: undefined });
  expect(settings === undefined).toBe(found.length > 0);
  return found.map(({ message }) => message);
}

const own = "subnet: { vnetCidr: 10.10.0.0/20, cidr: 10.10.0.0/24 }";

describe("a network of one's own", () => {
  test.each([
    `{ ${own} }`,
    `{ ${own}, reachableFrom: [{ vnet: ${hub}, cidrs: [10.8.0.0/22], gateway: true }, { routed: our firewall }] }`,
    `{ subnet: { id: ${subnetId}, cidr: 10.10.0.0/24 }, reachableFrom: [{ routed: the hub }] }`,
    `{ ${own}, privateDnsZone: aks.contoso.internal, addresses: { ml: 10.10.0.254 } }`,
    // AKS's own network is not there, so that its addresses are free.
    "{ podCidr: 10.225.0.0/16, subnet: { vnetCidr: 10.10.0.0/20, cidr: 10.10.0.0/24 } }",
  ])("may be %s", (network) => {
    expect(problems(network)).toEqual([]);
  });

  test("overlaps with no other range, and it is said at both, by their names", () => {
    expect(problems("{ subnet: { vnetCidr: 10.0.0.0/8, cidr: 10.10.0.0/24 } }")).toEqual([
      "'azure.network.podCidr' is '10.244.0.0/16': it overlaps 'azure.network.subnet.vnetCidr' '10.0.0.0/8'",
      "'azure.network.serviceCidr' is '10.0.0.0/16': it overlaps 'azure.network.subnet.vnetCidr' '10.0.0.0/8'",
      "'azure.network.subnet.vnetCidr' is '10.0.0.0/8': it overlaps 'azure.network.podCidr' '10.244.0.0/16'",
      "'azure.network.subnet.vnetCidr' is '10.0.0.0/8': it overlaps 'azure.network.serviceCidr' '10.0.0.0/16'",
    ]);
    const office = `[{ vnet: ${hub}, cidrs: [192.168.0.0/24, 10.10.8.0/24] }]`;
    expect(problems(`{ ${own}, reachableFrom: ${office} }`)).toEqual([
      "'azure.network.subnet.vnetCidr' is '10.10.0.0/20': it overlaps 'azure.network.reachableFrom[0].cidrs[1]' '10.10.8.0/24'",
      "'azure.network.reachableFrom[0].cidrs[1]' is '10.10.8.0/24': it overlaps 'azure.network.subnet.vnetCidr' '10.10.0.0/20'",
    ]);
  });

  test.each(["169.254.0.0/16", "172.30.0.0/16", "172.31.0.0/16", "192.0.2.0/24"])(
    "is none of the ranges that AKS uses itself: %s",
    (range) => {
      const vnet = `{ subnet: { vnetCidr: ${range}, cidr: ${range} } }`;
      expect(problems(vnet)).toEqual([
        `'azure.network.subnet.vnetCidr' is '${range}': it overlaps ${range}, which AKS uses itself`,
      ]);
    },
  );

  test("left out, is AKS's own, which no other range may overlap", () => {
    expect(problems("{ podCidr: 10.224.0.0/16 }")).toEqual([
      "'azure.network.podCidr' is '10.224.0.0/16': it overlaps 10.224.0.0/12, the network that AKS makes where 'azure.network.subnet' names none",
    ]);
  });

  test("has room for the nodes, and for those of an upgrade: a tenth of them, rounded up", () => {
    const nodes = (count: number, cidr: string, podCidr = "10.128.0.0/9") =>
      problems(
        `{ podCidr: ${podCidr}, subnet: { vnetCidr: 10.10.0.0/20, cidr: ${cidr} } }`,
        `, nodePool: { count: ${count} }`,
      );
    // 16 addresses, less Azure's 5.
    expect(nodes(10, "10.10.0.0/28")).toEqual([]);
    expect(nodes(11, "10.10.0.0/28")).toEqual([
      "'azure.network.subnet.cidr' is '10.10.0.0/28', with 11 addresses beside Azure's own 5: each of 11 nodes, and 2 more during upgrades (10%), takes one of them; choose a larger range",
    ]);
    // A /19 has 32 ranges of /24: for 29 nodes and 3 more, and for no 30.
    expect(nodes(29, "10.10.0.0/24", "10.128.0.0/19")).toEqual([]);
    expect(nodes(30, "10.10.0.0/24", "10.128.0.0/19")).toEqual([
      "'azure.network.podCidr' is '10.128.0.0/19': each of 30 nodes, and 3 more during upgrades (10%), takes a /24 of it; choose a larger range",
    ]);
  });

  test.each([
    [
      "{ subnet: { cidr: 10.10.0.0/24 } }",
      "'azure.network.subnet' needs one of vnetCidr and id: write vnetCidr (the program makes a network of these addresses) or id (a subnet that is there)",
    ],
    [
      `{ subnet: { cidr: 10.10.0.0/24, vnetCidr: 10.10.0.0/20, id: ${subnetId} } }`,
      "'azure.network.subnet' has both vnetCidr and id: write vnetCidr (the program makes a network of these addresses) or id (a subnet that is there)",
    ],
    [
      "{ subnet: { cidr: 10.20.0.0/24, vnetCidr: 10.10.0.0/20 } }",
      "'azure.network.subnet.cidr' is '10.20.0.0/24': it must lie in vnetCidr '10.10.0.0/20'",
    ],
    [
      "{ reachableFrom: [{ routed: our hub }] }",
      "'azure.network.reachableFrom' has no meaning without 'azure.network.subnet': AKS's own network is not this program's to open",
    ],
    [
      `{ ${own}, reachableFrom: [{ vnet: ${hub} }] }`,
      "'azure.network.reachableFrom[0]' lacks cidrs: the addresses of that network, which may overlap with nothing here",
    ],
    [
      `{ ${own}, reachableFrom: [{ cidrs: [10.8.0.0/24] }] }`,
      "'azure.network.reachableFrom[0]' must have one of vnet (a network to peer with) and routed (by whom or what): these two, and nothing else, lead to the subnet",
    ],
    [
      `{ subnet: { id: ${subnetId}, cidr: 10.10.0.0/24 }, reachableFrom: [{ vnet: ${hub}, cidrs: [10.8.0.0/24] }] }`,
      "'azure.network.reachableFrom[0].vnet': the network of 'azure.network.subnet.id' is not this program's, so it peers it with nothing; make the peering where that network is made, and write { routed: <by what> } here",
    ],
    [
      `{ ${own}, addresses: { ml: 10.10.1.1, web: 10.10.0.9, old: 10.10.0.9 } }`,
      "'azure.network.addresses.ml' is '10.10.1.1': it must lie in 'azure.network.subnet.cidr' '10.10.0.0/24'",
      "'azure.network.addresses.old' is '10.10.0.9': it is that of 'web' already",
    ],
    [
      `{ subnet: { id: /subscriptions/s, cidr: 10.10.0.0/24 } }`,
      "'azure.network.subnet.id' is '/subscriptions/s': not the id of a subnet: /subscriptions/<id>/resourceGroups/<name>/providers/Microsoft.Network/virtualNetworks/<name>/subnets/<name>",
    ],
  ])("is refused as %s", (network, ...messages) => {
    expect(problems(network)).toEqual(messages);
  });
});

describe("what is reached by nobody", () => {
  const internal = ', "p:tenantDefaults": { expose: internal }';
  const why = (text: string, needs: string) =>
    `'tenantDefaults.expose' is 'internal', and nobody could reach such a cluster: ${text}. Write 'expose: none' (port-forward, or what a tenant's file says), or set ${needs} (docs/host-cluster.md, "A network of your own")`;

  test("is an internal address in AKS's own network, or in one that nothing leads to", () => {
    expect(problems("{}", "", internal)).toEqual([
      why(
        "the address would lie in AKS's own network, which AKS alone may change and which is peered with nothing",
        "azure.network.subnet and reachableFrom, from a cluster's first deployment on",
      ),
    ]);
    expect(problems(`{ ${own} }`, "", internal)).toEqual([
      why(
        "the address would lie in a network that the program makes and that nothing leads to yet",
        "azure.network.reachableFrom",
      ),
    ]);
    expect(problems(`{ ${own}, reachableFrom: [{ routed: our hub }] }`, "", internal)).toEqual([]);
    expect(problems(`{ subnet: { id: ${subnetId}, cidr: 10.10.0.0/24 } }`, "", internal)).toEqual([]);
  });

  test("is a private API server in such a network", () => {
    const found = problems(`{ ${own} }`, ", privateCluster: true");
    expect(found.map((message) => message.split(":")[0])).toEqual([
      "'azure.privateCluster' is true, and nothing could reach the API server, this deployment among it",
    ]);
    expect(problems(`{ ${own}, reachableFrom: [{ routed: our hub }] }`, ", privateCluster: true")).toEqual([]);
  });

  test("is an internal address of a host whose settings do not say from where", () => {
    const host = (more: string) =>
      loadSettings({
        root: ".",
        project: "p",
        stack: "s",
        values: parse(`{ "p:existingCluster": { name: kind${more} }${internal} }`) as Record<string, unknown>,
        file: undefined,
      }).problems.map(({ message }) => message);
    expect(host("")).toEqual([
      why(
        "nothing says from where the cluster's load balancer is reached; one that is not Azure's may even give a public address",
        "existingCluster.reachableFrom",
      ),
    ]);
    expect(host(", reachableFrom: the office")).toEqual([]);
  });
});
