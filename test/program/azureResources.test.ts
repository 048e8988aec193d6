import { expect, test } from "vitest";
import { azureSettings, errorsOf, TestProject, tenantFile } from "../support/project.ts";

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
    return [...new Set(azure.map(({ inputs }) => JSON.stringify(inputs.tags)))];
  };
  expect(await tagsOf('    tags: { costCenter: "4711", owner: platform }\n')).toEqual([
    '{"costCenter":"4711","owner":"platform"}',
  ]);
  expect(await tagsOf("")).toEqual([undefined]);
});

test("a resource group that is there already is used and never registered", async () => {
  const project = new TestProject({ "Pulumi.test.yaml": `${azureSettings}    existingResourceGroup: true\n` });
  expect(errorsOf(await project.run("up"))[0]).toContain(
    "ResourceGroupNotFound: Resource group 'rg-test' could not be found. (404)",
  );
});
