import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { parse } from "yaml";
import { InputError } from "../../model/problems.ts";
import { loadSettings } from "../../model/settings.ts";

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
function load(text: string) {
  const root = mkdtempSync(join(tmpdir(), "settings-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  writeFileSync(join(root, "Pulumi.test.yaml"), text);
  const values = (parse(text) as { config: Record<string, unknown> }).config;
  const config = Object.fromEntries(
    Object.entries(values).map(([key, value]) => [
      key,
      typeof value === "object" ? JSON.stringify(value) : String(value),
    ]),
  );
  try {
    return loadSettings({ root, project: "p", stack: "test", config });
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return error.message
      .split("\n")
      .slice(1)
      .map((line) => line.replace("Pulumi.test.yaml:", ""));
  }
}

describe("the settings of a stack", () => {
  test("have a default for everything but what names the cluster and its administrators", () => {
    expect(load(azure())).toEqual({
      environment: "development",
      protect: true,
      azure: {
        location: "westeurope",
        resourceGroup: "rg",
        clusterName: "aks",
        clusterAdmins: [{ type: "User", id: "admin@contoso.com" }],
        kubernetesVersion: "1.35",
        tier: "Free",
        nodePool: { vmSize: "Standard_DS2_v2", count: 2, osDiskSizeGiB: 128, zones: [] },
        network: { podCidr: "10.244.0.0/16", serviceCidr: "10.0.0.0/16", dnsServiceIp: "10.0.0.10" },
        authorizedIpRanges: [],
        privateCluster: false,
        sshPublicKey: "",
        kubelogin: "azurecli",
      },
      tenantDefaults: { size: "small", kubernetes: "1.35", expose: "internal" },
      vcluster: {
        channels: { default: "0.36.1", canary: "0.36.1" },
        chartRepository: "",
        helmValues: {},
        jobImage: "registry.k8s.io/kubectl:v1.35.0",
      },
      forgetRetained: [],
    });
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
      ["7:25: 'azure.network.podCidr' is '10.0.128.0/17': it overlaps serviceCidr '10.0.0.0/16'"],
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
    [azure("    nodePool: { count: 0 }"), ["7:24: 'azure.nodePool.count' is 0: at least 1"]],
    [
      azure("    privateCluster: true", "    authorizedIpRanges: [203.0.113.0/24]"),
      ["8:25: 'azure.authorizedIpRanges' has no meaning with privateCluster; remove one of the two"],
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
        "3:5: 'azure.authorizedIpRanges' is empty: production needs ranges here, or privateCluster: true",
        "3:5: 'azure.tier' is 'Free': production needs Standard, which has an SLA",
        "8:14: 'protect' is false: a production stack cannot switch it off",
      ],
    ],
  ])("%j is refused", (text, problems) => {
    expect(load(text)).toEqual(problems);
  });
});
