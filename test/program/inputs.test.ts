import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parseUrn } from "../../sandbox/engine/urn.ts";
import { stackFiles } from "../../sandbox/sandbox.ts";
import { changesOf, errorsOf, reachableSettings, TestProject, tenantFile, withoutGuard } from "../support/project.ts";

describe("wrong input", () => {
  test("is told all at once, settings and tenant files together, before any resource is registered", async () => {
    const project = new TestProject({
      "Pulumi.test.yaml": `config:
  virtual-clusters:enviroment: production
  virtual-clusters:existingCluster: { name: kind }
  virtual-clusters:azure:
    location: westeurope
    resourceGroup: rg-test
    clusterName: aks-test
    clusterAdmins: [{ user: admin@contoso.com }]
    nodePool: { vmSize: Standard_D4_v99, count: two }
    network: { podCidr: 10.244.0.1/16 }
`,
      "tenants/test/ml.yaml": tenantFile("size: huge"),
      "tenants/test/web.yaml": tenantFile("hostRoles: admin"),
    });
    const result = await project.run("up");
    expect(result.ok).toBe(false);
    expect(changesOf(result)).toEqual([]);
    expect(errorsOf(result)).toEqual([
      `7 problems to mend first; nothing was changed.
Pulumi.test.yaml:2:3: unknown key 'enviroment', did you mean 'environment'? allowed: environment, protect, podSecurity, azureFiles, azure, existingCluster, tenantDefaults, sizes, signIn, vcluster, forgetRetained, handover, prices, gates
Pulumi.test.yaml:3:3: 'azure' and 'existingCluster' are both set; keep the one that is the host of this stack's tenants
Pulumi.test.yaml:9:25: 'azure.nodePool.vmSize' is 'Standard_D4_v99', did you mean 'Standard_DS4_v2'? not a size known here (Standard_DS2_v2 to Standard_DS5_v2, and the D, E and F series such as Standard_D4s_v5). For another one give nodePool.capacity: { vCpus, memoryGiB, dataDisks }
Pulumi.test.yaml:9:49: 'azure.nodePool.count' is 'two': expected a number (number of nodes, 1 to 1000)
Pulumi.test.yaml:10:25: 'azure.network.podCidr' is '10.244.0.1/16': not an IPv4 range; write its first address and length, such as "10.0.0.0/16"
tenants/test/ml.yaml:3:7: 'size' is 'huge': expected one of small, medium, large
tenants/test/web.yaml:3:1: unknown key 'hostRoles', did you mean 'hostRole'? allowed: owner, purpose, size, kubernetes, namespace, store, channel, access, hostRole, expose, allowedCidrs, bootstrap, lifecycle, expires, dataOnRemoval`,
    ]);
  });
});

describe("an object id that is named as two kinds", () => {
  test("is refused where it is named the second time, so that no slip changes the access that others have", async () => {
    const project = TestProject.withTenants({
      a: tenantFile("access: { admins: [{ user: dev@contoso.com }] }"),
      b: tenantFile("access: { admins: [{ group: 2b6d8c1f-3f63-4b0f-8f0a-7c0e2a9d1c02 }] }"),
    });
    expect(errorsOf(await project.run("up"))).toEqual([
      `1 problem to mend first; nothing was changed.
tenants/test/b.yaml:3:20: '2b6d8c1f-3f63-4b0f-8f0a-7c0e2a9d1c02' is named as a Group here and as a User in tenants/test/a.yaml:3`,
    ]);
  });
});

describe("an existing cluster", () => {
  test("gets no resource of Azure or Entra ID, and a host role becomes a role binding to plain names", async () => {
    const project = new TestProject({
      "Pulumi.test.yaml":
        "config:\n  virtual-clusters:existingCluster: { name: kind, context: kind-kind, reachableFrom: here }\n  virtual-clusters:tenantDefaults: { expose: internal }\n",
      "tenants/test/ml.yaml": tenantFile(
        "hostRole: writer",
        "access: { admins: [{ group: ml-leads }], developers: [{ user: Ada }], viewers: [{ user: eve }] }",
      ),
    });
    const result = await project.up();
    expect(withoutGuard(changesOf(result))).toEqual([
      "create Namespace ml-namespace",
      "create Release ml-vcluster",
      "create RoleBinding ml-host-role",
      "create kubernetes platform-host-provider",
    ]);
    const binding = result.resources.find(({ type }) => type.endsWith(":RoleBinding"));
    expect(binding?.inputs).toEqual({
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "RoleBinding",
      metadata: { name: "tenant-host-role", namespace: "ml" },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "edit" },
      subjects: [
        { apiGroup: "rbac.authorization.k8s.io", kind: "Group", name: "ml-leads" },
        { apiGroup: "rbac.authorization.k8s.io", kind: "User", name: "Ada" },
      ],
    });
    expect(result.outputs).toEqual({
      cluster: { name: "kind" },
      tenants: {
        ml: {
          owner: "team@contoso.com",
          namespace: "ml",
          release: "ml",
          store: "sqlite",
          kubernetes: "1.35",
          kubernetesVersion: "1.35.0",
          chart: "0.36.1",
          size: "small",
          lifecycle: "active",
          hostRole: "writer",
          expose: "internal",
          dataOnRemoval: "delete",
          effective: {
            admins: "cluster-admin by hostRole writer",
            developers: "cluster-admin by hostRole writer",
            viewers: "none (no sign-in)",
          },
          connect: "vcluster connect ml --namespace ml",
        },
      },
      retained: {},
    });
  });
});

describe("the guard of the host", () => {
  test("denies in the network, too, on an existing cluster that has Cilium", async () => {
    const settings = (cilium: boolean) =>
      `config:\n  virtual-clusters:existingCluster: { name: kind, cilium: ${cilium} }\n`;
    const project = new TestProject({ "Pulumi.test.yaml": settings(false), "tenants/test/ml.yaml": tenantFile() });
    const denial = "create CiliumClusterwideNetworkPolicy platform-guard-network";
    expect(changesOf(await project.up())).not.toContain(denial);
    project.write("Pulumi.test.yaml", settings(true));
    expect(changesOf(await project.up())).toContain(denial);
  });
});

describe("a stack's protection", () => {
  test("refuses to destroy, naming what is protected; with protect off, the next destroy leaves nothing", async () => {
    const project = TestProject.withTenants({ ml: tenantFile(), gone: tenantFile("lifecycle: offboarding") });
    await project.up();
    const refused = await project.run("destroy");
    expect(refused.ok).toBe(false);
    expect(refused.steps).toEqual([]);
    const why =
      "it is protected and cannot be deleted. Set virtual-clusters:protect to false (or offboard the tenant) and deploy that first";
    const told = refused.messages.map(({ urn, message }) => `${parseUrn(urn).name}: ${message}`).sort();
    expect(told).toContain(`platform-guard-pods-binding: ${why}`);
    expect(withoutGuard(told)).toEqual([
      `ml-namespace: ${why}`,
      `ml-vcluster: ${why}`,
      `platform-host-cluster: ${why}`,
      `platform-host-group: ${why}`,
      `platform-host-network-identity: ${why}`,
      `platform-host-network-subnet: ${why}`,
      `platform-host-network-vnet: ${why}`,
    ]);

    project.write("Pulumi.test.yaml", `${reachableSettings}  virtual-clusters:protect: false\n`);
    await project.up();
    const destroyed = await project.run("destroy");
    expect(destroyed.ok).toBe(true);
    expect(destroyed.resources).toEqual([]);
    expect(existsSync(stackFiles(project.root, project.stack).folder)).toBe(false);
  });
});
