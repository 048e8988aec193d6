import { describe, expect, test } from "vitest";
import { fixedOf, fixedOfSettings } from "../../../model/deploy/fixedSettings.ts";
import { managedCluster } from "../../../model/deploy/managedCluster.ts";
import { clusterUpdateProblems, hostAsDeployed, hostProblems } from "../../../model/rules/hostChanges.ts";
import { azureSchema } from "../../../model/settings/settingsSchema.ts";

const azure = (more: object = {}) =>
  azureSchema.parse({
    location: "westeurope",
    resourceGroup: "rg",
    clusterName: "aks",
    clusterAdmins: [{ user: "admin@contoso.com" }],
    ...more,
  });
const locate = () => ({ file: "f", line: 1, column: 1 });
const settingsSaid = (problems: readonly { message: string }[]) =>
  problems.map(({ message }) => /^'azure\.([\w.]+)'/.exec(message)?.[1]);
const id =
  "/subscriptions/00000000-0000-4000-8000-00000000a2e0/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/aks";

describe("what a cluster keeps", () => {
  test("reads the same from settings and from what was registered for them", () => {
    const made = azure({ privateCluster: true, sshPublicKey: "ssh-rsa A", nodePool: { zones: ["2", "1"] } });
    const { existingResourceGroup, ...read } = fixedOfSettings(made);
    expect([existingResourceGroup, fixedOf(managedCluster(made))]).toEqual([
      false,
      { ...read, kubernetesVersion: "1.35" },
    ]);
    expect(read).toEqual({
      location: "westeurope",
      resourceGroup: "rg",
      clusterName: "aks",
      "network.podCidr": "10.244.0.0/16",
      "network.serviceCidr": "10.0.0.0/16",
      "network.dnsServiceIp": "10.0.0.10",
      privateCluster: true,
      sshPublicKey: "ssh-rsa A",
      "nodePool.vmSize": "Standard_DS2_v2",
      "nodePool.osDiskSizeGiB": 128,
      "nodePool.zones": ["1", "2"],
    });
  });

  test("is judged by what is known: of release 0.1.0's outputs the names and whose the group is", () => {
    const before = { name: "aks", id };
    const changed = { resourceGroup: "rg2", location: "eastus", existingResourceGroup: true };
    expect(settingsSaid(hostProblems(before, { azure: azure(changed) }, locate))).toEqual([
      "existingResourceGroup",
      "resourceGroup",
    ]);
    expect(hostProblems({ ...before, id: id.toUpperCase() }, { azure: azure() }, locate)).toEqual([]);
    expect(hostProblems(undefined, { azure: azure() }, locate)).toEqual([]);
    expect(clusterUpdateProblems(undefined, azure(), locate)).toEqual([]);
  });

  test("lets a patch that AKS applied by itself pass, and any next minor", () => {
    const before = { ...hostAsDeployed({ azure: azure() }), name: "aks", kubernetesVersion: "1.35.7" };
    const to = (kubernetesVersion: string) =>
      hostProblems(before, { azure: azure({ kubernetesVersion }) }, locate).map(({ message }) => message);
    expect([to("1.35"), to("1.36")]).toEqual([[], []]);
    expect(to("1.34")).toEqual([
      `'azure.kubernetesVersion' is "1.34", but the cluster runs "1.35.7": AKS takes no cluster down. Write "1.35"`,
    ]);
  });

  test("a minor is never skipped, and what a later release keeps is left alone", () => {
    const before = { name: "aks", id, kubernetesVersion: "1.34", fixed: { somethingNew: 1 } };
    expect(
      hostProblems(before, { azure: azure({ kubernetesVersion: "1.36" }) }, locate).map(({ message }) => message),
    ).toEqual([
      `'azure.kubernetesVersion' is "1.36", but the cluster runs "1.34": AKS upgrades one minor at a time, "1.35" first`,
    ]);
  });
});
