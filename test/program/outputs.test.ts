import { expect, test } from "vitest";
import { parseUrn } from "../../sandbox/engine/urn.ts";
import { TestProject, tenantFile } from "../support/project.ts";

/** The components of a deployed stack with the names of the outputs that each has registered. */
async function outputsOf(project: TestProject): Promise<Record<string, string[]>> {
  const { resources } = await project.up();
  const components = resources.filter(({ type }) => type.startsWith("virtual-clusters:"));
  return Object.fromEntries(
    components.map(({ urn, outputs = {} }) => [parseUrn(urn).type.split(":").at(-1), Object.keys(outputs)]),
  );
}

test("the components of a host register what they expose", async () => {
  const onAzure = await outputsOf(TestProject.withTenants({ ml: tenantFile() }));
  expect(onAzure).toMatchObject({
    Platform: ["cluster", "record"],
    HostCluster: ["clusterId", "fixed", "identity", "kubernetesVersion", "oidcIssuerUrl"],
    ClusterAccess: ["provider"],
  });
  const settings = "config:\n  virtual-clusters:existingCluster: { name: kind }\n";
  const onExisting = await outputsOf(new TestProject({ "Pulumi.test.yaml": settings }));
  expect(onExisting).toEqual({ Platform: ["cluster", "record"], ExistingCluster: ["provider"], HostGuard: ["guard"] });
});
