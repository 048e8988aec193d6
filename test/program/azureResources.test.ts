import { expect, test } from "vitest";
import type { Conditions } from "../../sandbox/cloud/cloud.ts";
import { azureSettings, changesOf, errorsOf, TestProject, tenantFile } from "../support/project.ts";

/** Resources of Azure that take no tags. Source: azure-native's schema. */
const untagged = /:(RoleAssignment|Subnet|FederatedIdentityCredential|PrivateRecordSet|VirtualNetworkPeering)$/;

test("every resource of Azure that takes tags has the stack's, and none where it has none", async () => {
  const tagsOf = async (more: string) => {
    const dev = "access: { admins: [{ user: dev@contoso.com }] }";
    const project = new TestProject({
      "Pulumi.test.yaml": `${azureSettings}${more}`,
      "tenants/test/ml.yaml": tenantFile(dev),
    });
    const { resources } = await project.up();
    const azure = resources.filter(({ type }) => type.startsWith("azure-native:") && !untagged.test(type));
    expect(azure.length).toBeGreaterThanOrEqual(2);
    return [...new Set(azure.map(({ inputs }) => JSON.stringify(inputs?.tags)))];
  };
  expect(await tagsOf('    tags: { costCenter: "4711", owner: platform }\n')).toEqual([
    '{"costCenter":"4711","owner":"platform"}',
  ]);
  expect(await tagsOf("")).toEqual([undefined]);
});

test("a resource group that is there already is used, never registered, and must be there", async () => {
  const project = new TestProject({ "Pulumi.test.yaml": `${azureSettings}    existingResourceGroup: true\n` });
  expect(errorsOf(await project.run("up"))).toEqual([
    "ResourceGroupNotFound: Resource group 'rg-test' could not be found. (404)",
  ]);
  const there = await project.run("up", { conditions: { resourceGroups: ["RG-test"] } });
  expect(there.resources.map(({ type }) => type.split(":").at(-1))).not.toContain("ResourceGroup");
  expect([there.ok, errorsOf(there)]).toEqual([true, []]);
  expect(changesOf(await project.up())).toEqual([]);
});

test("what a first deployment in a new subscription fails for is told by the preview, too", async () => {
  const project = new TestProject({ "Pulumi.test.yaml": azureSettings });
  const failing = async (conditions: Partial<Conditions>) => {
    const [preview, up] = [await project.run("preview", { conditions }), await project.run("up", { conditions })];
    expect(errorsOf(preview)).toEqual(errorsOf(up));
    expect([preview.ok, changesOf(up).filter((change) => change.includes("ManagedCluster"))]).toEqual([false, []]);
    return errorsOf(preview);
  };
  expect(await failing({ resourceGroups: ["rg-test"] })).toEqual([
    expect.stringMatching(/^Conflict: cannot create already existing resource '.*\/resourceGroups\/rg-test'/),
  ]);
  expect(await failing({ requiredTags: ["costCenter"] })).toEqual([
    expect.stringMatching(/^RequestDisallowedByPolicy: Resource 'rg-test' was disallowed by policy.*'costCenter'/),
  ]);
  project.append("Pulumi.test.yaml", "    nodePool: { count: 11 }\n");
  expect(await failing({ vCpuQuota: 20 })).toEqual([
    expect.stringMatching(
      /^ErrCode_InsufficientVCPUQuota: Insufficient regional vcpu quota left for location westeurope\. left regional vcpu quota 20, requested quota 22\./,
    ),
  ]);
});

test("an API server that is open to some is within reach of those alone", async () => {
  const open = `${azureSettings}    authorizedIpRanges: [203.0.113.0/24]\n`;
  const project = new TestProject({ "Pulumi.test.yaml": open, "tenants/test/ml.yaml": tenantFile() });
  const refused = await project.run("up", { conditions: { deployer: "198.51.100.7" } });
  expect(errorsOf(refused)[0]).toMatch(/^Unreachable: configured Kubernetes cluster is unreachable: .*: i\/o timeout/);
  expect((await project.run("up", { conditions: { deployer: "203.0.113.9" } })).ok).toBe(true);
});

test("a private API server is within reach of private addresses alone, and on trust where nobody says whose", async () => {
  const closed = `${azureSettings}    privateCluster: true\n`;
  const project = new TestProject({ "Pulumi.test.yaml": closed, "tenants/test/ml.yaml": tenantFile() });
  const refused = await project.run("up", { conditions: { deployer: "203.0.113.9" } });
  expect(errorsOf(refused)[0]).toMatch(
    /lookup aks-test-rg-test-\w+\.[\w-]+\.privatelink\.westeurope\.azmk8s\.io: no such host/,
  );
  const { ok, messages } = await project.run("up");
  expect([ok, messages.map(({ message }) => message).find((message) => message.startsWith("taken on trust"))]).toEqual([
    true,
    "taken on trust, that deployments reach the API server of aks-test, which is not open to all (--from <address>)",
  ]);
});

test("while AKS upgrades a cluster, no other change of it begins", async () => {
  const project = new TestProject({ "Pulumi.test.yaml": azureSettings });
  await project.up();
  project.append("Pulumi.test.yaml", "    nodePool: { count: 3 }\n");
  const during = await project.run("up", { conditions: { upgradeUnderWay: 300 } });
  expect(errorsOf(during)).toEqual([
    "OperationNotAllowed: Operation is not allowed: Another operation (Upgrading) is in progress, please wait for it to finish before starting a new operation. See https://aka.ms/aks-pending-operation for more details (409)",
  ]);
  expect(changesOf(await project.up())).toEqual(["update ManagedCluster platform-host-cluster"]);
});
