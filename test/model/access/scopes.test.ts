import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { kubeloginKubeconfig } from "../../../model/access/kubeconfig.ts";
import { namespaceScope, parseClusterId, roleAssignmentName } from "../../../model/access/scopes.ts";
import { dnsPrefix } from "../../../model/deploy/managedCluster.ts";

const clusterId = "/subscriptions/s-1/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/aks";

describe("names", () => {
  test("a cluster's id is taken apart", () => {
    expect(parseClusterId(clusterId)).toEqual({ subscriptionId: "s-1", resourceGroup: "rg", name: "aks" });
    expect(() => parseClusterId("/subscriptions/s-1/resourceGroups/rg")).toThrow(
      "not the id of a managed cluster: /subscriptions/s-1/resourceGroups/rg",
    );
  });

  test("a role assignment in a namespace has the namespace's scope", () => {
    expect(namespaceScope(clusterId, "dev")).toBe(`${clusterId}/namespaces/dev`);
  });

  test("a role assignment's name depends on scope, principal and role alone, and on nothing else", () => {
    const name = roleAssignmentName(clusterId, "p", "r");
    expect(name).toBe("3d3e3910-a4be-5775-a68e-55e3e6c4ffb8");
    expect(roleAssignmentName(clusterId.toUpperCase(), "P", "R")).toBe(name);
    const others = [
      roleAssignmentName(`${clusterId}2`, "p", "r"),
      roleAssignmentName(clusterId, "q", "r"),
      roleAssignmentName(clusterId, "p", "s"),
    ];
    expect(new Set([name, ...others]).size).toBe(4);
  });

  test.each([
    ["aks-dev", "rg-aks-dev", "aks-dev-rg-aks-dev"],
    ["1cluster", "rg", "a1cluster-rg"],
    ["a_very_long_cluster_name", "group.with(odd)letters-and-more", "averylongc-groupwithoddlett"],
    ["aks", "()", "aks"],
  ])("the DNS prefix of %s in %s is %s", (cluster, group, prefix) => {
    expect(dnsPrefix(cluster, group)).toBe(prefix);
  });
});

describe("the kubeconfig of a deployment", () => {
  test("keeps address and certificate authority of what Azure hands out, signs in by kubelogin, and holds no secret", () => {
    const fromAzure = `
clusters: [{ name: aks, cluster: { server: "https://aks:443", certificate-authority-data: Q0E=, extensions: [] } }]
users: [{ name: u, user: { token: planted-token, client-key-data: planted-key, exec: { command: kubelogin, args: [--login, devicecode] } } }]
contexts: []`;
    const text = kubeloginKubeconfig(Buffer.from(fromAzure).toString("base64"), "workloadidentity");
    expect(fromAzure).toContain("planted");
    expect(text).not.toContain("planted");
    expect(parse(text)).toEqual({
      apiVersion: "v1",
      kind: "Config",
      clusters: [{ name: "aks", cluster: { server: "https://aks:443", "certificate-authority-data": "Q0E=" } }],
      users: [
        {
          name: "kubelogin",
          user: {
            exec: {
              apiVersion: "client.authentication.k8s.io/v1",
              command: "kubelogin",
              args: ["get-token", "--login", "workloadidentity", "--server-id", "6dae42f8-4368-4678-94ff-3960e28e3630"],
              interactiveMode: "Never",
              provideClusterInfo: false,
              installHint: "kubelogin is needed: https://azure.github.io/kubelogin/install.html",
            },
          },
        },
      ],
      contexts: [{ name: "aks", context: { cluster: "aks", user: "kubelogin" } }],
      "current-context": "aks",
    });
  });
});
