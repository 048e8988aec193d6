import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create } from "tar";
import { describe, expect, onTestFinished, test } from "vitest";
import { parse } from "yaml";
import { chartName, localChart } from "../../../model/chart/chart.ts";
import { loadSettings, settingsOfEngine } from "../../../model/settings/settings.ts";
import { formatProblem, sortProblems } from "../../../model/text/problems.ts";

const azure = (...lines: string[]) =>
  [
    "config:",
    "  p:azure:",
    "    location: westeurope",
    "    resourceGroup: rg",
    "    clusterName: aks",
    "    clusterAdmins: [{ user: admin@contoso.com }]",
    ...lines,
    "",
  ].join("\n");

/** Loads a stack file as an engine hands it over: every value as text. Returns the problems as they are printed. */
function load(text: string, chartSchema?: object) {
  const root = mkdtempSync(join(tmpdir(), "settings-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  if (chartSchema !== undefined) storeChart(root, chartSchema);
  writeFileSync(join(root, "Pulumi.test.yaml"), text);
  const values = (parse(text) as { config: Record<string, unknown> }).config;
  const config = Object.fromEntries(
    Object.entries(values).map(([key, value]) => [
      key,
      typeof value === "object" ? JSON.stringify(value) : String(value),
    ]),
  );
  const { settings, problems } = loadSettings(settingsOfEngine({ root, project: "p", stack: "test", config }));
  return settings ?? sortProblems(problems).map((problem) => formatProblem(problem).replace("Pulumi.test.yaml:", ""));
}

/** Puts a chart where `npm run chart` does, with nothing but a schema in it. */
function storeChart(root: string, schema: object): void {
  for (const folder of [".charts", chartName]) mkdirSync(join(root, folder));
  writeFileSync(join(root, chartName, "values.schema.json"), JSON.stringify(schema));
  create({ file: join(root, localChart("0.36.1")), cwd: root, gzip: true, sync: true }, [chartName]);
}

describe("the settings of a stack", () => {
  test("take a day that stands without quotes as the Pulumi CLI hands it over", () => {
    const prices = { currency: "EUR", source: "an invented list", date: "2026-11-01 00:00:00 +0000 UTC" };
    const text = `${azure()}  p:prices: ${JSON.stringify(prices)}\n`;
    expect(load(text)).toMatchObject({ prices: { date: "2026-11-01" } });
  });

  test("have a default for everything but what names the cluster and its administrators", () => {
    expect(load(azure())).toEqual({
      environment: "development",
      protect: true,
      podSecurity: "baseline",
      azureFiles: false,
      azure: {
        location: "westeurope",
        resourceGroup: "rg",
        clusterName: "aks",
        clusterAdmins: [{ type: "User", id: "admin@contoso.com" }],
        existingResourceGroup: false,
        kubernetesVersion: "1.35",
        tier: "Free",
        nodePool: { vmSize: "Standard_DS2_v2", count: 2, osDiskSizeGiB: 128, zones: [], overcommit: 1 },
        network: {
          podCidr: "10.244.0.0/16",
          serviceCidr: "10.0.0.0/16",
          dnsServiceIp: "10.0.0.10",
          reachableFrom: [],
          privateDnsZone: "",
          addresses: {},
        },
        authorizedIpRanges: [],
        privateCluster: false,
        sshPublicKey: "",
        kubelogin: "azurecli",
        tags: {},
      },
      tenantDefaults: { size: "small", kubernetes: "1.35", expose: "none" },
      sizes: {},
      vcluster: {
        channels: { default: "0.36.1", canary: "0.36.1" },
        charts: {},
        kubernetesPatches: {},
        chartRepository: "",
        helmValues: {},
        jobImage: "registry.k8s.io/kubectl:v1.35.0",
        spread: "automatic",
        storageClass: "",
      },
      forgetRetained: [],
      gates: { tenants: 10, monthlyCost: 0, restartDays: [] },
      handover: {},
    });
  });

  test("name charts and patch releases by three numbers, and digests as they are printed", () => {
    const vcluster =
      "{ channels: { canary: 0.37 }, charts: { 0.36.2: { digest: abc } }, kubernetesPatches: { '1.35': v1.35.4 } }";
    expect(load(azure(`  p:vcluster: ${vcluster}`))).toEqual([
      "7:37: 'vcluster.channels.canary' is 0.37: expected a string (chart version of tenants in channel canary)",
      "7:73: 'vcluster.charts.0.36.2.digest' is 'abc': the digest has 64 characters of 0-9 and a-f; npm run chart -- --pin <version> computes it",
      "7:111: 'vcluster.kubernetesPatches.1.35' is 'v1.35.4': a patch release of Kubernetes has three numbers, such as \"1.35.4\"",
    ]);
  });

  test("take a node size that is not known here, where they say what it brings", () => {
    const nodePool = "    nodePool: { vmSize: Standard_M8ms, capacity: { vCpus: 8, memoryGiB: 218, dataDisks: 8 } }";
    expect(load(azure(nodePool))).toMatchObject({ azure: { nodePool: { vmSize: "Standard_M8ms" } } });
  });

  test("add sizes of the stack's own, and say what is wrong with one", () => {
    const size = (limit: string, more = "") =>
      `  p:sizes: { tiny: { controlPlane: { requests: { cpu: 200m, memory: 512Mi }, limits: { cpu: "1", memory: 1Gi } }, diskGi: 2, workloads: { requests: { cpu: 500m, memory: 1Gi }, limits: { cpu: "${limit}", memory: 2Gi }, storageGi: 5, pods: 10 }${more} } }`;
    const using = "  p:tenantDefaults: { size: tiny }";
    expect(load(azure(size("1"), using))).toMatchObject({
      tenantDefaults: { size: "tiny" },
      sizes: { tiny: { diskGi: 2 } },
    });
    expect(load(azure(size("400m", ", disk: 1"), using.replace("tiny", "tinny")))).toEqual([
      `7:185: 'sizes.tiny.workloads.limits' is {"cpu":"400m","memory":"2Gi"}: below the requests`,
      "7:241: unknown key 'disk' in 'sizes.tiny', did you mean 'diskGi'? allowed: controlPlane, diskGi, workloads",
      "8:29: 'tenantDefaults.size' is 'tinny', did you mean 'tiny'? expected one of small, medium, large, tiny",
    ]);
    expect(load(azure(size("1 core")))).toEqual([
      `7:192: 'sizes.tiny.workloads.limits.cpu' is '1 core': write cores or thousandths of one, such as "2" or "500m"`,
    ]);
    expect(load(azure(size("1").replace("tiny", "Tiny")))).toEqual([
      "7:14: 'sizes.Tiny': a size's name has lower-case letters, digits and '-'",
    ]);
  });

  test("refuse AKS's own application for signing in to virtual clusters", () => {
    const signIn = (clientId: string) =>
      azure(`  p:signIn: { issuer: "http://id.contoso.com", clientId: ${clientId}, usernameClaim: "o i d" }`);
    expect(load(signIn("6dae42f8-4368-4678-94ff-3960e28e3630"))).toEqual([
      "7:23: 'signIn.issuer' is 'http://id.contoso.com': not an https address without spaces, query, fragment and credentials",
      "7:58: 'signIn.clientId' is '6dae42f8-4368-4678-94ff-3960e28e3630': this is AKS's own application: whoever runs a virtual cluster could use the tokens that people send it on the host. Register an application for virtual clusters",
      "7:111: 'signIn.usernameClaim' is 'o i d': the name of a claim, such as oid",
    ]);
  });

  test("leave other namespaces' keys, such as a provider's, alone", () => {
    expect(load(`${azure()}  azure-native:location: westeurope\n`)).toMatchObject({ environment: "development" });
  });

  test.each([
    [
      "config: {}",
      ["1:9: no host cluster: set 'azure' (a cluster to create) or 'existingCluster' (one to use as it is)"],
    ],
    [
      "config:\n  p:azure: { location: West Europe, resourceGroup: rg., clusterName: -aks, clusterAdmins: [] }",
      [
        "2:24: 'azure.location' is 'West Europe': write the region's short name, such as westeurope",
        "2:52: 'azure.resourceGroup' is 'rg.': up to 90 letters, digits, '-', '_', '.', '(' or ')', not ending in '.'",
        "2:70: 'azure.clusterName' is '-aks': up to 63 letters, digits, '-' or '_', a letter or digit at both ends",
        "2:91: 'azure.clusterAdmins' is []: name at least one administrator: the identity that deploys needs this role, or nobody could create a namespace",
      ],
    ],
    [
      azure("    network: { podCidr: 10.0.128.0/17 }"),
      [
        "7:14: 'azure.network.serviceCidr' is '10.0.0.0/16': it overlaps 'azure.network.podCidr' '10.0.128.0/17'",
        "7:25: 'azure.network.podCidr' is '10.0.128.0/17': it overlaps 'azure.network.serviceCidr' '10.0.0.0/16'",
      ],
    ],
    [
      azure("    network: { serviceCidr: 10.96.0.0/16 }"),
      ["7:14: 'azure.network.dnsServiceIp' is '10.0.0.10': it must lie in serviceCidr '10.96.0.0/16'"],
    ],
    [
      azure("    network: { dnsServiceIp: 10.0.0.300 }"),
      ["7:30: 'azure.network.dnsServiceIp' is '10.0.0.300': not an IPv4 address"],
    ],
    [
      azure("    authorizedIpRanges: [0.0.0.0/0]"),
      ["7:26: 'azure.authorizedIpRanges[0]' is '0.0.0.0/0': 0.0.0.0/0 is everyone; leave the list empty to say that"],
    ],
    ["config:\n  p:azure:\n", ["2:11: 'azure' is empty: expected a mapping (the AKS cluster to create)"]],
    [
      azure(
        "    zones: [1]",
        "    nodePool: { zones: ['1', '1'] }",
        "  p:protect: {}",
        "  p:signIn: { issuer: 'https://a.b?c', clientId: ' x' }",
      ),
      [
        "7:5: unknown key 'zones' in 'azure'; allowed: location, resourceGroup, existingResourceGroup, clusterName, kubernetesVersion, tier, nodePool, network, authorizedIpRanges, privateCluster, sshPublicKey, kubelogin, tags, clusterAdmins",
        '8:24: \'azure.nodePool.zones\' is ["1","1"]: a zone stands twice',
        "9:14: 'protect' is {}: expected a boolean (true where cluster, namespaces and releases cannot be deleted)",
        "10:23: 'signIn.issuer' is 'https://a.b?c': not an https address without spaces, query, fragment and credentials",
        "10:50: 'signIn.clientId' is ' x': the id of an application, without spaces",
      ],
    ],
    [
      azure("  p:signIn: { issuer: https://login.example.com, clientId: app, usernameClaim: email }"),
      [
        "7:80: 'signIn.usernameClaim' is 'email': on Azure people are known by their object ids, which is claim oid; nobody in 'access' would have a right inside",
      ],
    ],
    [azure("    nodePool: { count: 0 }"), ["7:24: 'azure.nodePool.count' is 0: at least 1"]],
    [
      azure("    privateCluster: true", "    authorizedIpRanges: [203.0.113.0/24]"),
      [
        "7:21: 'azure.privateCluster' is true, and nothing could reach the API server, this deployment among it: the address would lie in AKS's own network, which AKS alone may change and which is peered with nothing. It takes the setting azure.network.subnet and reachableFrom, from a cluster's first deployment on",
        "8:25: 'azure.authorizedIpRanges' has no meaning with privateCluster; remove one of the two",
      ],
    ],
    [
      azure("  p:protect: maybe"),
      [
        "7:14: 'protect' is 'maybe': expected a boolean (true where cluster, namespaces and releases cannot be deleted)",
      ],
    ],
    [
      azure("  p:vcluster: { chartRepository: http://charts.example.com }"),
      ["7:34: 'vcluster.chartRepository' is 'http://charts.example.com': not the https address of a Helm repository"],
    ],
    [
      azure("  p:environment: production", "  p:protect: false"),
      [
        "3:5: 'azure.authorizedIpRanges' is empty: production needs ranges here, or for a cluster that is not made yet privateCluster: true (AKS sets that only while it creates a cluster)",
        "3:5: 'azure.tier' is 'Free': production needs Standard, which has an SLA",
        "8:14: 'protect' is false: a production stack cannot switch it off",
      ],
    ],
    [
      azure(
        "    tier: free",
        "    network: { podCidr: 10.0.0.0/16 }",
        "    nodePool: { vmSize: Standard_D4_v99, count: two }",
      ),
      [
        "7:11: 'azure.tier' is 'free', did you mean 'Free'? expected one of Free, Standard",
        "8:14: 'azure.network.serviceCidr' is '10.0.0.0/16': it overlaps 'azure.network.podCidr' '10.0.0.0/16'",
        "8:25: 'azure.network.podCidr' is '10.0.0.0/16': it overlaps 'azure.network.serviceCidr' '10.0.0.0/16'",
        "9:25: 'azure.nodePool.vmSize' is 'Standard_D4_v99', did you mean 'Standard_DS4_v2'? not a size known here (Standard_DS2_v2 to Standard_DS5_v2, and the D, E and F series such as Standard_D4s_v5). For another one give nodePool.capacity: { vCpus, memoryGiB, dataDisks }",
        "9:49: 'azure.nodePool.count' is 'two': expected a number (number of nodes, 1 to 1000)",
      ],
    ],
    [
      azure("    network: { serviceCidr: 10.0.0.0/8, podCidr: 172.30.0.0/24, dnsServiceIp: 10.0.0.1 }"),
      [
        "7:29: 'azure.network.serviceCidr' is '10.0.0.0/8': AKS takes a range smaller than /12",
        "7:29: 'azure.network.serviceCidr' is '10.0.0.0/8': it overlaps 10.224.0.0/12, the network that AKS makes where 'azure.network.subnet' names none",
        "7:50: 'azure.network.podCidr' is '172.30.0.0/24': each of 2 nodes, and 1 more during upgrades (10%), takes a /24 of it; choose a larger range",
        "7:50: 'azure.network.podCidr' is '172.30.0.0/24': it overlaps 172.30.0.0/16, which AKS uses itself",
        "7:79: 'azure.network.dnsServiceIp' is '10.0.0.1': the first addresses of serviceCidr are the network's and the API server's; take a later one, such as the tenth",
      ],
    ],
    [
      "config:\n  p:existingCluster: { name: kind, kubeconfig: ~/.kube/config }",
      [
        "2:48: 'existingCluster.kubeconfig' is '~/.kube/config': nobody expands '~' or a variable here, and they lead to another place for everybody who deploys; write a path from the project's folder, or leave it empty and set KUBECONFIG",
      ],
    ],
    [
      azure("  q:protect: false"),
      ["7:3: 'q:protect' is of another namespace and would be ignored; did you mean 'p:protect'?"],
    ],
    [
      azure("  p:vcluster:", "    helmValues: { policies: {}, sleep: {}, controlPlane: { hostPathMapper: {} } }"),
      [
        "8:19: 'policies' cannot be set for every tenant: it keeps tenants apart, or is decided by each tenant's file",
        "8:33: 'sleep' cannot be set for every tenant: only the paid editions of vCluster run it, or it needs their platform",
        "8:60: 'controlPlane.hostPathMapper' cannot be set for every tenant: it is none of those that may be set (model/chart/protectedValues.ts)",
      ],
    ],
  ])("%j is refused", (text, problems) => {
    expect(load(text)).toEqual(problems);
  });

  test("for every tenant's chart values are checked with the chart's own schema, where they stand", () => {
    const text = azure(
      "  p:vcluster:",
      "    helmValues:",
      "      logging: { encoding: [json], level: debug }",
      "      controlPlane: { proxy: 1, serviceMonitor: { enabled: yes } }",
    );
    const logging = { additionalProperties: false, properties: { encoding: { type: "string" } } };
    const controlPlane = { properties: { serviceMonitor: { properties: { enabled: { type: "boolean" } } } } };
    expect(load(text, { properties: { logging, controlPlane } })).toEqual([
      "9:18: 'logging.encoding' is not what chart 0.36.1 takes: expected string",
      "9:36: 'logging.level' is not a value of chart 0.36.1",
      "10:23: 'controlPlane.proxy' cannot be set for every tenant: it keeps tenants apart, or is decided by each tenant's file",
      "10:51: 'controlPlane.serviceMonitor.enabled' is not what chart 0.36.1 takes: expected boolean",
    ]);
  });
});
