import { describe, expect, test } from "vitest";
import { changesOf, errorsOf, TestProject, tenantFile } from "../support/project.ts";

const settings = (more = "", location = "westeurope") => `config:
  virtual-clusters:azure:
    location: ${location}
    resourceGroup: rg-test
    clusterName: aks-test
    clusterAdmins: [{ user: admin@contoso.com }]
    ${more}
`;

/** A deployed stack with one tenant. */
async function deployed(more?: string): Promise<TestProject> {
  const project = new TestProject({ "Pulumi.test.yaml": settings(more), "tenants/test/ml.yaml": tenantFile() });
  await project.up();
  return project;
}

const anew = "Put it back; another one takes another cluster, in a stack of its own (docs/upgrading.md)";
const network = `AKS does not change a cluster's network, so Pulumi would delete the cluster and make another one. ${anew}`;

describe.each(["preview", "up"] as const)(
  "a %s is refused, with the setting's place and nothing changed,",
  (command) => {
    test.each<[string, string, string, string]>([
      [
        "nodes of another size",
        "nodePool: { vmSize: Standard_D4s_v5 }",
        "7:25: 'azure.nodePool.vmSize' is 'Standard_D4s_v5', but the cluster was made with 'Standard_DS2_v2'",
        `AKS does not change the VM size of a node pool that is there. ${anew}`,
      ],
      [
        "zones",
        'nodePool: { zones: ["1", "2"] }',
        `7:24: 'azure.nodePool.zones' is ["1","2"], but the cluster was made with []`,
        `AKS does not change the zones of a node pool that is there. ${anew}`,
      ],
      [
        "an API server that becomes private",
        "privateCluster: true",
        "7:21: 'azure.privateCluster' is true, but the cluster was made with false",
        `AKS sets it only while it creates a cluster. ${anew}. A public API server is closed to all but some by authorizedIpRanges`,
      ],
      [
        "another range for Services",
        "network: { serviceCidr: 10.1.0.0/16, dnsServiceIp: 10.1.0.10 }",
        "7:29: 'azure.network.serviceCidr' is '10.1.0.0/16', but the cluster was made with '10.0.0.0/16'",
        network,
      ],
      [
        "an older Kubernetes",
        'kubernetesVersion: "1.34"',
        '7:24: \'azure.kubernetesVersion\' is "1.34", but the cluster runs "1.35"',
        'AKS takes no cluster down. Write "1.35"',
      ],
    ])("for %s", async (_, more, what, why) => {
      const project = await deployed();
      project.write("Pulumi.test.yaml", settings(more));
      const result = await project.run(command);
      expect(errorsOf(result)[0]).toContain(`Pulumi.test.yaml:${what}: ${why}`);
      expect([result.ok, changesOf(result)]).toEqual([false, []]);
    });

    test("for another region and another name, all at once, and for another host altogether", async () => {
      const project = await deployed();
      project.write("Pulumi.test.yaml", settings("", "northeurope").replace("aks-test", "aks-other"));
      const [both = ""] = errorsOf(await project.run(command));
      expect(both).toContain("Pulumi.test.yaml:3:15: 'azure.location' is 'northeurope', but the cluster was made with");
      expect(both).toContain(
        "Pulumi.test.yaml:5:18: 'azure.clusterName' is 'aks-other', but the cluster was made with",
      );

      project.write("Pulumi.test.yaml", "config:\n  virtual-clusters:existingCluster: { name: aks-test }\n");
      expect(errorsOf(await project.run(command))[0]).toContain(
        "Pulumi.test.yaml:2:3: the stack's tenants live in the cluster 'aks-test', which it made itself: without 'azure' that cluster would be deleted",
      );
    });

    test("by the state alone, where the outputs know nothing", async () => {
      const project = await deployed();
      project.forgetOutputs();
      project.write("Pulumi.test.yaml", settings("privateCluster: true"));
      expect(errorsOf(await project.run(command))).toEqual([
        expect.stringMatching(
          /^before hook "host-update" failed: Pulumi\.test\.yaml:7:21: 'azure\.privateCluster' is true, but the cluster was made with false/,
        ),
      ]);
    });

    test("for a group of the stack's own that would be given away, and one that would be made again", async () => {
      const project = await deployed();
      project.write("Pulumi.test.yaml", settings("existingResourceGroup: true"));
      const [error = ""] = errorsOf(await project.run(command));
      expect(error).toContain(
        "Pulumi.test.yaml:7:28: 'azure.existingResourceGroup' is true, but the cluster was made with false: the resource group would be deleted with all that is in it",
      );
      expect(error).toContain("(npm run doctor -- --rights)");
    });
  },
);

test("what a cluster may change goes through: more nodes, the next minor, ranges, tags", async () => {
  const project = await deployed();
  const change = async (more: string) => {
    project.write("Pulumi.test.yaml", settings(more));
    return changesOf(await project.up());
  };
  const update = "update ManagedCluster platform-host-cluster";
  expect(await change("nodePool: { count: 3 }")).toEqual([update]);
  expect(await change('kubernetesVersion: "1.36"')).toEqual([update]);
  expect(await change('kubernetesVersion: "1.36"\n    authorizedIpRanges: [203.0.113.0/24]')).toEqual([update]);
  expect(await change('kubernetesVersion: "1.36"\n    tags: { costCenter: "4711" }')).toEqual([
    update,
    "update ResourceGroup platform-host-group",
  ]);
});

test("an existing cluster keeps its name, and is never exchanged for one of the stack's own", async () => {
  const existing = (name: string) => `config:\n  virtual-clusters:existingCluster: { name: ${name} }\n`;
  const project = new TestProject({ "Pulumi.test.yaml": existing("kind"), "tenants/test/ml.yaml": tenantFile() });
  await project.up();
  project.write("Pulumi.test.yaml", existing("other"));
  expect(errorsOf(await project.run("preview"))[0]).toContain(
    "Pulumi.test.yaml:2:45: 'existingCluster.name' is 'other', but the stack's tenants live in the cluster 'kind'",
  );
  project.write("Pulumi.test.yaml", settings());
  expect(errorsOf(await project.run("preview"))[0]).toContain(
    "Pulumi.test.yaml:2:3: the stack's tenants live in the cluster 'kind': on another host they would begin anew",
  );
});
