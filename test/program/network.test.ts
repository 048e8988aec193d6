import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseUrn } from "../../sandbox/engine/urn.ts";
import { askSandbox, stackFiles } from "../../sandbox/sandbox.ts";
import { releases } from "../support/frame.ts";
import { azureSettings, changesOf, errorsOf, reachableSettings, TestProject, tenantFile } from "../support/project.ts";

const group = "/subscriptions/00000000-0000-4000-8000-00000000a2e0/resourceGroups/rg-aks-network";

describe("a stack in a network of its own", () => {
  test("gives the cluster an identity that was there before, with its role on the network, and says whose it is", async () => {
    const project = TestProject.ofFixture("network");
    const { resources, outputs } = await project.up();
    const named = (name: string) => resources.find(({ urn }) => parseUrn(urn).name === name);
    const identity = named("platform-host-network-identity");
    expect(outputs.cluster).toMatchObject({
      identity: {
        type: "UserAssigned",
        principalId: identity?.outputs?.principalId,
        tenantId: "00000000-0000-4000-8000-0000000e17a0",
      },
      network: {
        subnet: `${group}/providers/Microsoft.Network/virtualNetworks/vnet-aks-network/subnets/nodes`,
        otherSides: {
          hub: `az network vnet peering create --name to-vnet-aks-network --subscription 11111111-2222-4333-8444-555555555555 --resource-group rg-hub --vnet-name hub --remote-vnet ${group}/providers/Microsoft.Network/virtualNetworks/vnet-aks-network --allow-vnet-access --allow-gateway-transit`,
        },
      },
    });
    const cluster = named("platform-host-cluster");
    const before = (cluster?.dependencies ?? []).map((urn) => parseUrn(urn).name).sort();
    expect(before).toEqual([
      "platform-host-group",
      "platform-host-network-identity",
      "platform-host-network-role",
      "platform-host-network-subnet",
    ]);
    expect(outputs.tenants).toMatchObject({
      inside: { expose: "internal", host: "inside.aks.contoso.internal" },
      shop: { expose: "public", host: "shop-aks-network-66ebecaf8e.westeurope.cloudapp.azure.com" },
    });
    expect(changesOf(await project.run("preview"))).toEqual([]);
  });

  test("is refused a subnet that its cluster has not: AKS keeps the one it was made in", async () => {
    const project = new TestProject({ "Pulumi.test.yaml": reachableSettings, "tenants/test/ml.yaml": tenantFile() });
    await project.up();
    project.write("Pulumi.test.yaml", reachableSettings.replace("cidr: 10.10.0.0/24", "cidr: 10.10.1.0/24"));
    for (const command of ["preview", "up"] as const) {
      const moved = await project.run(command);
      expect([moved.ok, changesOf(moved)]).toEqual([false, []]);
      expect(errorsOf(moved)[0]).toContain(
        "Pulumi.test.yaml:7:56: 'azure.network.subnet.cidr' is '10.10.1.0/24', but the cluster was made with '10.10.0.0/24'",
      );
    }
    // AKS's own network is another one, too: what the state has of the cluster is enough to know.
    project.forgetOutputs();
    project.write("Pulumi.test.yaml", azureSettings);
    expect(errorsOf(await project.run("preview")).join()).toContain(
      "'azure.network.subnet' is 'none of its own', but the cluster was made with 'vnet-aks-test/nodes in rg-test'",
    );
  });
});

describe("a tenant that 0.1.0 deployed with the internal address that was its default", () => {
  /** The stack that 0.1.0 left, with settings that do not say how tenants are exposed. */
  function left(): TestProject {
    const project = TestProject.ofFixture("dev", { folder: join(releases, "0.1.0", "dev") });
    const files = stackFiles(project.root, "dev");
    for (const name of ["state", "cloud"] as const) {
      project.write(
        files[name].slice(project.root.length + 1),
        readFileSync(join(project.root, `${name}.json`), "utf8"),
      );
    }
    const settings = readFileSync(join(project.root, "Pulumi.dev.yaml"), "utf8");
    project.write("Pulumi.dev.yaml", settings.replace("    expose: internal\n", ""));
    return project;
  }

  test("keeps it in a preview and in a deployment, until the stack's file says what is to be", async () => {
    const project = left();
    for (const command of ["preview", "up"] as const) {
      const result = await project.run(command);
      expect([result.ok, errorsOf(result).join("\n").split("\n").slice(1)]).toEqual([
        false,
        [
          "  virtual-clusters:tenantDefaults:",
          "    expose: none",
          "which takes it away. Nobody reaches it: the address would lie in AKS's own network, which AKS alone may change and which is peered with nothing",
        ],
      ]);
      expect(changesOf(result).filter((change) => change.includes("Release"))).toEqual([]);
    }
    project.append("Pulumi.dev.yaml", "");
    const settings = readFileSync(join(project.root, "Pulumi.dev.yaml"), "utf8");
    project.write("Pulumi.dev.yaml", settings.replace("    size: small\n", "    size: small\n    expose: none\n"));
    expect(changesOf(await project.up())).toContain("update Release vcluster-1-vcluster");
  });

  test("is reached by nobody but through the host, and can-i says so", () => {
    const { root } = left();
    const ask = (who: string) =>
      askSandbox({ root, stack: "dev", who, verb: "list", resource: "pods", place: { tenant: "vcluster-1" } });
    expect(ask("dev@contoso.com").allowed).toBe(true);
    expect(ask("grace@contoso.com")).toEqual({
      allowed: false,
      why: "grace@contoso.com cannot reach 'vcluster-1': it has no address that leads to it, and port-forward takes a role in the host's namespace 'dev'",
    });
  });
});
