import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { Cloud } from "../../../sandbox/cloud/cloud.ts";
import { CloudProvider } from "../../../sandbox/cloud/provider.ts";
import type { Properties } from "../../../sandbox/engine/values.ts";

const urn = (type: string, name = "x") => `urn:pulumi:s::p::${type}::${name}`;
const [group, cluster, assignment] = [
  "azure-native:resources:ResourceGroup",
  "azure-native:containerservice:ManagedCluster",
  "azure-native:authorization:RoleAssignment",
];
const [namespace, release] = ["kubernetes:core/v1:Namespace", "kubernetes:helm.sh/v3:Release"];

const aks = {
  resourceName: "aks",
  resourceGroupName: "rg",
  location: "westeurope",
  dnsPrefix: "aks-rg",
  kubernetesVersion: "1.34",
  networkProfile: { podCidr: "10.244.0.0/16" },
};
const values = (size: string) => ({ controlPlane: { statefulSet: { persistence: { volumeClaim: { size } } } } });
const ml = { name: "ml", namespace: "ml", version: "0.36.1", values: values("5Gi") };

/** A simulated cloud of its own, with the values' check of a chart that refuses the key `broken`. */
function newCloud() {
  const folder = mkdtempSync(join(tmpdir(), "cloud-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const provider = new CloudProvider(
    new Cloud(join(folder, "cloud.json")),
    () => (given) =>
      "broken" in (given as object) ? [{ path: ["broken"], expected: "no such key", unknown: true }] : [],
  );
  const create = async (type: string, inputs: Properties) => (await provider.create(urn(type), inputs)).id;
  return { provider, create, file: join(folder, "cloud.json") };
}

/** One with the cluster `aks` in group `rg`, and whoever deploys as its administrator; returns the cluster's id too. */
async function cloudWithCluster() {
  const cloud = newCloud();
  await cloud.create(group, { resourceGroupName: "rg", location: "westeurope" });
  const id = await cloud.create(cluster, aks);
  const roleDefinitionId = "b1ff04bb-8a4e-4dc4-8eb5-8693973ce19b";
  await cloud.create(assignment, { ...role(id, "00000000-0000-4000-8000-000000000000"), roleDefinitionId });
  return { ...cloud, id };
}

const role = (scope: string, name: string) => ({
  scope,
  principalId: "2b6d8c1f-3f63-4b0f-8f0a-7c0e2a9d1c02",
  roleDefinitionId: "r",
  roleAssignmentName: name,
  principalType: "User",
});
const [first, second] = ["00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"];

describe("the simulated Azure", () => {
  test("refuses a cluster in a resource group that is not there", async () => {
    const { create } = newCloud();
    await expect(create(cluster, aks)).rejects.toThrow(
      "ResourceGroupNotFound: Resource group 'rg' could not be found. (404)",
    );
  });

  test("refuses to create what is there already", async () => {
    const { create } = await cloudWithCluster();
    await expect(create(cluster, aks)).rejects.toThrow("Conflict: cannot create already existing resource");
  });

  test("refuses the same role for the same person at the same scope a second time, whatever its name", async () => {
    const { create, id } = await cloudWithCluster();
    await create(assignment, role(id, first));
    await expect(create(assignment, role(id.toUpperCase(), second))).rejects.toThrow(
      `RoleAssignmentExists: The role assignment already exists. The ID of the existing role assignment is ${first.replaceAll("-", "")}. (409)`,
    );
  });

  test("refuses a role at a cluster that is not there, and any change of a role assignment", async () => {
    const { create, provider, id } = await cloudWithCluster();
    await expect(create(assignment, role(`${id}2`, first))).rejects.toThrow("ResourceNotFound");
    await expect(provider.update("id", urn(assignment), {}, {})).rejects.toThrow("cannot be changed in place");
  });

  test("refuses a role for an object id that is a slip of one that it knows, or that it knows as another kind", async () => {
    const { create, id } = await cloudWithCluster();
    const slip = "2b6d8c1f-3f63-4b0f-8f0a-7c0e2a9d1c03";
    await expect(create(assignment, { ...role(id, first), principalId: slip })).rejects.toThrow(
      `PrincipalNotFound: Principal ${slip} does not exist`,
    );
    await expect(create(assignment, { ...role(id, first), principalType: "Group" })).rejects.toThrow(
      "has type 'User', which is different from specified PrincipalType 'Group'",
    );
  });

  test("refuses other nodes for a pool that is there; more of them are fine", async () => {
    const pool = (fields: object) => ({
      agentPoolProfiles: [{ name: "np1", vmSize: "Standard_DS2_v2", count: 2, ...fields }],
    });
    const { provider, create } = newCloud();
    await create(group, { resourceGroupName: "rg", location: "westeurope" });
    const id = await create(cluster, { ...aks, ...pool({}) });
    const update = (fields: object) => provider.update(id, urn(cluster), {}, { ...aks, ...pool(fields) } as Properties);
    await expect(update({ vmSize: "Standard_D4s_v5" })).rejects.toThrow(
      "PropertyChangeNotAllowed: Changing property 'properties.vmSize' is not allowed.",
    );
    await expect(update({ availabilityZones: ["1"] })).rejects.toThrow("'properties.availabilityZones'");
    await expect(update({ maxPods: 30 })).rejects.toThrow("'properties.maxPods'");
    await expect(update({ name: "np2" })).rejects.toThrow("BadRequest: A new agent pool was introduced.");
    const closed = { ...aks, ...pool({}), apiServerAccessProfile: { enablePrivateCluster: true } } as Properties;
    await expect(provider.update(id, urn(cluster), {}, closed)).rejects.toThrow(
      "Changing enablePrivateCluster is not allowed. It can only be set while creating the cluster. (400)",
    );
    expect((await update({ count: 3 })).outs).toMatchObject({ agentPoolProfiles: [{ count: 3 }] });
  });

  test("refuses a control plane that skips a minor or goes down, and a region that there is not", async () => {
    const { provider, id } = await cloudWithCluster();
    const update = (kubernetesVersion: string) => provider.update(id, urn(cluster), {}, { ...aks, kubernetesVersion });
    await expect(update("1.36")).rejects.toThrow(
      "OperationNotAllowed: Upgrading Kubernetes version 1.34.0 to 1.36 is not allowed. Available upgrades: 1.35.",
    );
    await expect(update("1.33")).rejects.toThrow("Downgrading Kubernetes version 1.34.0 to 1.33 is not allowed.");
    expect((await update("1.35")).outs.kubernetesVersion).toBe("1.35");
    const { failures } = await provider.check(urn(group), {}, { resourceGroupName: "new", location: "mars" });
    expect(failures).toEqual([
      {
        property: "",
        reason: expect.stringMatching(
          /^LocationNotAvailableForResourceGroup: The provided location 'mars' is not available for resource group\. List of available regions is '[\w,]*westeurope/,
        ),
      },
    ]);
  });

  test("lets no other change begin while an upgrade runs, and lacks older nodes in regions that opened lately", async () => {
    const { provider, id, file, create } = await cloudWithCluster();
    const began = new Cloud(file).now();
    await provider.update(id, urn(cluster), {}, { ...aks, kubernetesVersion: "1.35" });
    // Whoever asked for it has waited.
    expect(new Cloud(file).now() - began).toBeGreaterThanOrEqual(600_000);
    const late = { location: "belgiumcentral", resourceName: "late" };
    const pools = (vmSize: string) => ({ ...aks, ...late, agentPoolProfiles: [{ name: "np1", vmSize, count: 1 }] });
    await expect(create(cluster, pools("Standard_DS2_v2"))).rejects.toThrow(
      "BadRequest: The VM size of Standard_DS2_v2 is not allowed in your subscription in location 'belgiumcentral'.",
    );
    await create(cluster, pools("Standard_D2s_v5"));
  });

  describe("on another day", () => {
    afterEach(() => {
      vi.unstubAllEnvs();
    });

    test("makes no cluster of a minor that AKS does not offer, and upgrades none to it; what runs goes on", async () => {
      const { create } = newCloud();
      await create(group, { resourceGroupName: "rg", location: "westeurope" });
      const { provider, id } = await cloudWithCluster();
      const update = (kubernetesVersion: string, fields = {}) =>
        provider.update(id, urn(cluster), {}, { ...aks, kubernetesVersion, ...fields });
      vi.stubEnv("VIRTUAL_CLUSTERS_TODAY", "2026-12-01");
      await expect(create(cluster, aks)).rejects.toThrow(
        "K8sVersionNotSupported: Managed cluster aks is on version 1.34 which is not supported in this region. Please use [az aks get-versions] command to get the supported version list in this region. For more information, please check https://aka.ms/supported-version-list",
      );
      expect((await update("1.34", { tags: { cost: "1" } })).outs).toMatchObject({ tags: { cost: "1" } });
      vi.stubEnv("VIRTUAL_CLUSTERS_TODAY", "2026-02-01");
      await expect(update("1.35")).rejects.toThrow("K8sVersionNotSupported: Managed cluster aks is on version 1.35");
    });
  });

  test("forgets what lived in a cluster when the cluster is deleted", async () => {
    const { create, provider, id, file } = await cloudWithCluster();
    await create(assignment, role(`${id}/namespaces/ml`, first));
    await create(namespace, { metadata: { name: "ml" } });
    await provider.delete(id, urn(cluster));
    expect([...new Cloud(file).ofType(assignment), ...new Cloud(file).ofType(namespace)]).toEqual([]);
  });

  test("says what a change would replace, as azure-native does", async () => {
    const { provider } = newCloud();
    const diff = (news: Properties) => provider.diff("id", urn(cluster), aks, { ...aks, ...news });
    expect(await diff({ networkProfile: { podCidr: "10.0.0.0/8" } })).toEqual({
      replaces: ["networkProfile"],
      deleteBeforeReplace: false,
    });
    expect(await diff({ tags: {} })).toEqual({ replaces: [], deleteBeforeReplace: false });
  });

  test("knows the people of its directory, and finds nobody else of their domains, as the real provider does", async () => {
    const { provider } = newCloud();
    const users = (userPrincipalNames: string[]) =>
      provider.invoke("azuread:index/getUsers:getUsers", { userPrincipalNames, ignoreMissing: true });
    expect((await users(["DEV@contoso.com", "nobody@contoso.com"])).outputs.objectIds).toEqual([
      "2b6d8c1f-3f63-4b0f-8f0a-7c0e2a9d1c02",
    ]);
    expect((await users(["nobody@contoso.com"])).outputs.objectIds).toEqual([]);
    const strict = { userPrincipalNames: ["nobody@contoso.com"] };
    await expect(provider.invoke("azuread:index/getUsers:getUsers", strict)).rejects.toThrow("was not found");
  });
});

describe("the simulated Kubernetes", () => {
  test("refuses a release in a namespace that is not there, and a second virtual cluster in one that is", async () => {
    const { create } = await cloudWithCluster();
    await expect(create(release, ml)).rejects.toThrow('NotFound: namespaces "ml" not found (404)');
    await create(namespace, { metadata: { name: "ml" } });
    expect(await create(release, ml)).toBe("ml/ml");
    await expect(create(release, { ...ml, name: "two" })).rejects.toThrow(
      "there is already a virtual cluster in namespace ml",
    );
  });

  test("is out of reach while its cluster is not there", async () => {
    const { create } = newCloud();
    await create(group, { resourceGroupName: "rg", location: "westeurope" });
    await expect(create(namespace, { metadata: { name: "ml" } })).rejects.toThrow(
      "configured Kubernetes cluster is unreachable",
    );
  });

  test("reads and deletes nothing that it cannot reach, and forgets it only where somebody says so, but no release by deleting it", async () => {
    const { provider, create, id } = await cloudWithCluster();
    await create(namespace, { metadata: { name: "ml" } });
    await create(release, ml);
    await provider.delete(id, urn(cluster));
    const remove = (type: string, name: string) => provider.delete(name, urn(type));
    const forget =
      'If the cluster was deleted, you can remove this resource from Pulumi state by rerunning the operation with the PULUMI_K8S_DELETE_UNREACHABLE environment variable set to "true"';
    const gone = "there is no such cluster";
    await expect(remove(namespace, "ml")).rejects.toThrow(
      `configured Kubernetes cluster is unreachable. ${forget}: ${gone}`,
    );
    await expect(provider.read("ml", urn(namespace), { metadata: { name: "ml" } })).rejects.toThrow(
      `failed to read resource state due to unreachable cluster. ${forget}: ${gone}`,
    );
    vi.stubEnv("PULUMI_K8S_DELETE_UNREACHABLE", "true");
    onTestFinished(() => void vi.unstubAllEnvs());
    await remove(namespace, "ml");
    expect(await provider.read("ml/ml", urn(release), ml)).toEqual({ id: "", props: {} });
    await expect(remove(release, "ml/ml")).rejects.toThrow(
      `can't delete Helm Release with unreachable cluster. Reason: "${gone}"`,
    );
    await expect(provider.update("ml/ml", urn(release), ml, ml)).rejects.toThrow(
      `can't update Helm Release with unreachable cluster: ${gone}`,
    );
  });

  test("changes nothing that is gone, and uninstalls no release that is; other things that are gone are deleted", async () => {
    const { provider, create } = await cloudWithCluster();
    await create(namespace, { metadata: { name: "ml" } });
    const file = { metadata: { name: "who", namespace: "ml" }, data: {} };
    const change = provider.update("ml/who", urn("kubernetes:core/v1:ConfigMap"), file, { ...file, data: { a: "b" } });
    await expect(change).rejects.toThrow('NotFound: configmaps "who" not found (404)');
    const preview = async (data: Properties) =>
      (await provider.check(urn("kubernetes:core/v1:ConfigMap"), file, { ...file, data })).failures;
    expect(await preview({ a: "b" })).toEqual([{ property: "", reason: 'NotFound: configmaps "who" not found (404)' }]);
    expect(await preview({})).toEqual([]);
    // One of its name that is new is no change of it.
    const { failures } = await provider.check(urn("kubernetes:core/v1:ConfigMap"), {}, { ...file, data: { a: "b" } });
    expect(failures).toEqual([]);
    await provider.delete("ml/who", urn("kubernetes:core/v1:ConfigMap"));
    await expect(provider.update("ml/ml", urn(release), ml, ml)).rejects.toThrow('"ml" has no deployed releases');
    await expect(provider.delete("ml/ml", urn(release))).rejects.toThrow(
      "uninstall: Release not loaded: ml: release: not found",
    );
  });

  test("refuses bad names, and values that break the chart's schema, before anything is created", async () => {
    const { provider } = newCloud();
    const failures = async (type: string, inputs: Properties) => (await provider.check(urn(type), {}, inputs)).failures;
    expect(await failures(namespace, { metadata: { name: "My_Namespace" } })).toEqual([
      { property: "metadata.name", reason: '"My_Namespace": not a namespace name' },
    ]);
    expect(await failures(release, { ...ml, values: { broken: true } })).toEqual([
      {
        property: "values",
        reason:
          "values don't meet the specifications of the schema(s) in the following chart(s):\nvcluster:\n- at '': additional properties 'broken' not allowed",
      },
    ]);
  });

  test("refuses to change the disk of a control plane, and counts a release's revisions", async () => {
    const { create, provider } = await cloudWithCluster();
    await create(namespace, { metadata: { name: "ml" } });
    await create(release, ml);
    const updated = await provider.update("ml/ml", urn(release), {}, { ...ml, timeout: 5 });
    expect(updated.outs.status).toMatchObject({ revision: 2, status: "deployed" });
    await expect(provider.update("ml/ml", urn(release), {}, { ...ml, values: values("10Gi") })).rejects.toThrow(
      'Invalid: StatefulSet.apps "ml" is invalid: spec: Forbidden',
    );
    const deploy = (size: string) => ({
      enabled: true,
      statefulSet: { persistence: { volumeClaim: { size } } },
    });
    const etcd = (size: string) => ({ controlPlane: { backingStore: { etcd: { deploy: deploy(size) } } } });
    const ha = { ...ml, name: "ha", namespace: "ha" };
    await create(namespace, { metadata: { name: "ha" } });
    await create(release, { ...ha, values: etcd("5Gi") });
    await expect(provider.update("ha/ha", urn(release), {}, { ...ha, values: etcd("10Gi") })).rejects.toThrow(
      'StatefulSet.apps "ha-etcd" is invalid',
    );
  });

  test("starts no control plane that mounts a ConfigMap which is not there, and stops one all the same", async () => {
    const { create, provider } = await cloudWithCluster();
    await create(namespace, { metadata: { name: "ml" } });
    const mounting = (replicas: number) => ({
      controlPlane: {
        statefulSet: {
          highAvailability: { replicas },
          persistence: { addVolumes: [{ name: "sign-in", configMap: { name: "who" } }] },
        },
      },
    });
    const missing = 'MountVolume.SetUp failed for volume "sign-in" : configmap "who" not found';
    await expect(create(release, { ...ml, values: mounting(1) })).rejects.toThrow(missing);
    await create("kubernetes:core/v1:ConfigMap", { metadata: { name: "who", namespace: "ml" }, data: { a: "1" } });
    await create(release, { ...ml, values: mounting(1) });
    await provider.delete("ml/who", urn("kubernetes:core/v1:ConfigMap"));
    const update = (replicas: number) =>
      provider.update("ml/ml", urn(release), {}, { ...ml, values: mounting(replicas) });
    await expect(update(1)).rejects.toThrow(missing);
    expect((await update(0)).outs.status).toMatchObject({ revision: 2 });
  });

  test("changes what is said of a disk that there is not: with etcd the control plane is a Deployment", async () => {
    const { create, provider } = await cloudWithCluster();
    await create(namespace, { metadata: { name: "ml" } });
    const etcd = (size: string) => {
      const { controlPlane } = values(size);
      return { controlPlane: { ...controlPlane, backingStore: { etcd: { deploy: { enabled: true } } } } };
    };
    await create(release, { ...ml, values: etcd("5Gi") });
    const updated = await provider.update("ml/ml", urn(release), {}, { ...ml, values: etcd("10Gi") });
    expect(updated.outs.status).toMatchObject({ revision: 2 });
  });

  test("says in a check already what an upgrade would be refused for, where the store is the same", async () => {
    const { provider } = newCloud();
    const failures = async (olds: Properties, news: Properties) =>
      (await provider.check(urn(release), olds, news)).failures.map(({ reason }) => reason);
    const larger = { ...ml, values: values("10Gi") };
    expect(await failures({}, larger)).toEqual([]);
    expect(await failures(ml, larger)).toEqual([
      "Invalid: StatefulSet.apps \"ml\" is invalid: spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden (values.controlPlane.statefulSet.persistence.volumeClaim.size cannot change) (422)",
    ]);
    // Another store, another name: other workloads, which have nothing to do with the old ones.
    const etcd = { controlPlane: { backingStore: { etcd: { deploy: { enabled: true } } } } };
    expect(await failures(ml, { ...ml, values: etcd })).toEqual([]);
    expect(await failures(ml, { ...larger, name: "two" })).toEqual([]);
  });

  test("says in a check already what is there, but not of what is replaced by another of its name", async () => {
    const { create, provider } = await cloudWithCluster();
    const ns = { metadata: { name: "ml" } };
    const job = (image: string) => ({ metadata: { name: "stop", namespace: "ml" }, spec: { template: { image } } });
    const jobType = "kubernetes:batch/v1:Job";
    await create(namespace, ns);
    await create(jobType, job("a"));
    const failures = async (type: string, name: string, olds: Properties, news: Properties) =>
      (await provider.check(urn(type, name), olds, news)).failures.map(({ reason }) => reason);
    expect(await failures(namespace, "new", {}, ns)).toEqual(['AlreadyExists: namespaces "ml" already exists (409)']);
    expect(await failures(namespace, "own", ns, { ...ns, labels: {} })).toEqual([]);
    expect(await failures(namespace, "renamed", { metadata: { name: "old" } }, ns)).toHaveLength(1);
    expect(await failures(group, "lost", {}, { resourceGroupName: "rg", location: "westeurope" })).toEqual([
      "Conflict: cannot create already existing resource '/subscriptions/00000000-0000-4000-8000-00000000a2e0/resourceGroups/rg' (azure-native:resources:ResourceGroup) (409)",
    ]);
    // The engine checks a replacement twice: as a change, and as if nothing had been there.
    expect(await failures(jobType, "stop", job("a"), job("b"))).toEqual([]);
    expect(await failures(jobType, "stop", {}, job("b"))).toEqual([]);
  });
});

test("what the sandbox does not know is refused by name", async () => {
  const { provider, create } = newCloud();
  await expect(async () => create("azure-native:storage:StorageAccount", {})).rejects.toThrow(
    "the sandbox has no resource azure-native:storage:StorageAccount",
  );
  await expect(provider.invoke("azure-native:storage:listKeys", {})).rejects.toThrow(
    "the sandbox has no function azure-native:storage:listKeys",
  );
});
