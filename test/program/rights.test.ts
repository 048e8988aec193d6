import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { signInFileOf } from "../../model/deploy/signInFile.ts";
import type { Place } from "../../sandbox/canI.ts";
import { askCloud, askSandbox, deployedCloud } from "../../sandbox/sandbox.ts";
import { changesOf, reachableSettings, readYaml, TestProject, tenantFile } from "../support/project.ts";

const signIn =
  "  virtual-clusters:signIn: { issuer: https://login.microsoftonline.com/x/v2.0, clientId: app }\n  virtual-clusters:protect: false\n";
const list = (lists: Readonly<Record<string, string>>) =>
  `access: { ${Object.entries(lists)
    .map(([name, user]) => `${name}: [{ user: ${user} }]`)
    .join(", ")} }`;
const people = { admins: "alice@contoso.com", developers: "bob@contoso.com", viewers: "carol@contoso.com" };
const others = { admins: "grace@contoso.com", developers: "linus@contoso.com", viewers: "ada@contoso.com" };
const callers: Readonly<Record<string, string>> = { ...people, platform: "admin@contoso.com" };

/** Where the table asks about a tenant: in its own namespace, in another one, at the cluster, and inside. */
const places = {
  own: { of: "host", at: (name) => ({ namespace: name }) },
  other: { of: "host", at: () => ({ namespace: "theirs" }) },
  cluster: { of: "cluster", at: () => ({}) },
  inside: { of: "inside", at: (name) => ({ tenant: name }) },
  insideOther: { of: "inside", at: () => ({ tenant: "theirs" }) },
} as const satisfies Record<string, { of: string; at: (name: string) => Place }>;
type PlaceName = keyof typeof places;

interface Row extends Readonly<Record<PlaceName, string>> {
  readonly hostRole: string;
  readonly lifecycle: string;
  readonly who: string;
}

const { requests, rows, rowsWithoutAzure } = readYaml("test/data/rights.yaml") as {
  requests: Readonly<Record<string, readonly string[]>>;
  rows: readonly Row[];
  rowsWithoutAzure: readonly Row[];
};
const placeNames = Object.keys(places) as PlaceName[];

test("the table of rights has more than 200 cells, and a letter for each request", () => {
  const cells = [...rows, ...rowsWithoutAzure].flatMap((row) =>
    placeNames.map((name) => {
      expect(row[name]).toMatch(new RegExp(`^[yn]{${requests[places[name].of]?.length}}$`));
      return row[name].length;
    }),
  );
  expect(cells.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(200);
});

describe.each([
  ["AKS", reachableSettings.replace("clusterName", "nodePool: { vmSize: Standard_D16s_v5 }\n    clusterName"), rows],
  [
    "a host without Azure",
    "config:\n  virtual-clusters:existingCluster: { name: kind, reachableFrom: here }\n  virtual-clusters:tenantDefaults: { expose: internal }\n",
    rowsWithoutAzure,
  ],
] as const)("on %s", (_, settings, table) => {
  const nameOf = ({ hostRole, lifecycle }: Row) => `${hostRole}-${lifecycle}`;
  const stages = new Map(table.map((row) => [nameOf(row), row]));
  let project: TestProject;

  beforeAll(async () => {
    project = new TestProject(
      {
        "Pulumi.test.yaml": settings + signIn,
        "tenants/test/theirs.yaml": tenantFile(list(others), "hostRole: admin"),
      },
      "test",
      { keep: true },
    );
    for (const [name, { hostRole, lifecycle }] of stages) {
      const file = tenantFile(list(people), `hostRole: ${hostRole}`, `lifecycle: ${lifecycle}`);
      project.write(`tenants/test/${name}.yaml`, file);
    }
    await project.up();
  });
  afterAll(() => project.delete());

  test.each([...stages.keys()])("people may do just what the table says: %s", (tenant) => {
    const cloud = deployedCloud(project.root, "test");
    for (const row of table.filter((one) => nameOf(one) === tenant)) {
      for (const name of placeNames) {
        const { of, at: placeOf } = places[name];
        const letters = (requests[of] ?? []).map((question) => {
          const [verb = "", resource = ""] = question.split(" ");
          const who = callers[row.who] ?? "";
          const place = placeOf(tenant);
          return askCloud(cloud, { who, verb, resource, place }).allowed ? "y" : "n";
        });
        expect(`${row.who} ${name}: ${letters.join("")}`).toBe(`${row.who} ${name}: ${row[name]}`);
      }
    }
  });
});

describe("what somebody may do", () => {
  const ask = (project: TestProject, who: string, question: string, place: Place) => {
    const [verb = "", resource = ""] = question.split(" ");
    return askSandbox({ root: project.root, stack: project.stack, who, verb, resource, place });
  };

  test("comes from their groups, too, on the host and inside", async () => {
    const group = tenantFile("access: { admins: [{ group: ml-leads }], viewers: [{ group: ml-everyone }] }");
    const project = new TestProject({
      "Pulumi.test.yaml": reachableSettings + signIn,
      "tenants/test/ml.yaml": `${group}hostRole: reader\n`,
    });
    await project.up();
    const inside = { tenant: "ml" };
    expect(ask(project, "alice@contoso.com", "list pods", { namespace: "ml" }).allowed).toBe(true);
    expect(ask(project, "alice@contoso.com", "create customresourcedefinitions", inside)).toEqual({
      allowed: true,
      why: "binding 'tenant-admins' to 'cluster-admin' inside 'ml'",
    });
    expect(ask(project, "ada@contoso.com", "list pods", { namespace: "ml" }).allowed).toBe(false);
    expect(ask(project, "ada@contoso.com", "list pods", inside).allowed).toBe(true);
    expect(ask(project, "ada@contoso.com", "create pods", inside).allowed).toBe(false);
    expect(ask(project, "bob@contoso.com", "list pods", inside).allowed).toBe(false);
  });

  test("is what their role allows and the guard of the host leaves of it, whose policies are named", async () => {
    const project = new TestProject({
      "Pulumi.test.yaml": reachableSettings + signIn,
      "tenants/test/mine.yaml": tenantFile(list(people), "hostRole: admin"),
    });
    await project.up();
    const own = { namespace: "mine" };
    const role = "role 'Azure Kubernetes Service RBAC Admin' in namespace 'mine'";
    expect(ask(project, people.admins, "delete networkpolicies", own)).toEqual({
      allowed: false,
      why: `${role} allows it, but the guard 'virtual-clusters-test-boundaries' refuses it: quotas, limit ranges and network policies of a tenant's namespace are the platform's: the tenant's file has its size, and asks for more`,
    });
    expect(ask(project, people.admins, "create rolebindings", own)).toEqual({
      allowed: true,
      why: `${role}; the guard 'virtual-clusters-test-roles' looks at the object`,
    });
    expect(ask(project, people.admins, "get pods", own)).toEqual({ allowed: true, why: role });
    expect(ask(project, "admin@contoso.com", "delete networkpolicies", own).allowed).toBe(true);
  });

  test("is nothing where they cannot reach it: without an address it takes port-forward", async () => {
    const project = new TestProject({
      "Pulumi.test.yaml": reachableSettings + signIn,
      "tenants/test/mine.yaml": tenantFile(list(people), "hostRole: writer", "expose: none"),
    });
    await project.up();
    expect(ask(project, people.viewers, "list pods", { tenant: "mine" })).toEqual({
      allowed: false,
      why: "carol@contoso.com cannot reach 'mine': it has no address that leads to it, and port-forward takes a role in the host's namespace 'mine'",
    });
    expect(ask(project, people.developers, "list pods", { tenant: "mine" }).allowed).toBe(true);
  });

  test("is gone from the file that the API server reads, too, once a tenant is suspended", async () => {
    const project = new TestProject({ "Pulumi.test.yaml": reachableSettings + signIn });
    const groups = async (lifecycle: string) => {
      project.write("tenants/test/mine.yaml", tenantFile(list(people), `lifecycle: ${lifecycle}`));
      const { resources } = await project.up();
      const file = resources.find(({ urn }) => urn.endsWith("ConfigMap::mine-vcluster-sign-in"));
      return [...String(signInFileOf(file?.inputs)).matchAll(/\? \["virtual-clusters:(\w+)"\]/g)].map(
        ([, group]) => group,
      );
    };
    expect(await groups("active")).toEqual(["admins", "developers", "viewers"]);
    expect(await groups("suspended")).toEqual([]);
  });

  test("changes with one file alone, which is there before the release and is never made anew", async () => {
    const project = new TestProject({
      "Pulumi.test.yaml": reachableSettings + signIn,
      "tenants/test/mine.yaml": tenantFile(list(people)),
    });
    const { resources } = await project.up();
    const named = (end: string) => resources.find(({ urn }) => urn.endsWith(end));
    expect(named("Release::mine-vcluster")?.dependencies).toContain(named("ConfigMap::mine-vcluster-sign-in")?.urn);
    expect(named("providers:kubernetes::platform-access-provider")?.inputs?.enableConfigMapMutable).toBe("true");
    project.write("tenants/test/mine.yaml", tenantFile(list({ ...people, viewers: "ada@contoso.com" })));
    expect(changesOf(await project.run("preview"))).toEqual(["update ConfigMap mine-vcluster-sign-in"]);
    await project.up();
    expect(ask(project, "ada@contoso.com", "list pods", { tenant: "mine" }).allowed).toBe(true);
    expect(ask(project, people.viewers, "list pods", { tenant: "mine" }).allowed).toBe(false);
  });

  test("is nothing for a group that is named as a user, and for a closed account", async () => {
    const project = new TestProject({
      "Pulumi.test.yaml": reachableSettings + signIn,
      "tenants/test/ml.yaml": tenantFile(
        "access: { viewers: [{ user: 7a1d3e2f-6c8b-4d1f-8b72-3a2e0c4d8f02, name: ml-everyone }, { user: joan@contoso.com }] }",
      ),
    });
    await project.up();
    expect(ask(project, "ada@contoso.com", "list pods", { tenant: "ml" }).allowed).toBe(false);
    expect(ask(project, "joan@contoso.com", "list pods", { tenant: "ml" })).toEqual({
      allowed: false,
      why: "joan@contoso.com cannot sign in: the account is closed",
    });
  });

  test("leaves out subresources that Kubernetes' own roles do not name", async () => {
    const project = new TestProject({
      "Pulumi.test.yaml": reachableSettings + signIn,
      "tenants/test/mine.yaml": tenantFile(list(people)),
    });
    await project.up();
    const may = (who: string, question: string) => ask(project, who, question, { tenant: "mine" }).allowed;
    const questions = ["get pods/log", "get services/proxy", "create pods/portforward", "create pods/exec"];
    expect(questions.map((question) => may(people.viewers, question))).toEqual([true, false, false, false]);
    expect(questions.map((question) => may(people.developers, question))).toEqual([true, true, true, true]);
  });

  test("goes by plain names on a host without Entra ID, in Kubernetes' own words", async () => {
    const project = new TestProject({
      "Pulumi.test.yaml":
        "config:\n  virtual-clusters:existingCluster: { name: kind, reachableFrom: here }\n  virtual-clusters:tenantDefaults: { expose: internal }\n",
      "tenants/test/mine.yaml": tenantFile("access: { admins: [{ user: jane }] }", "hostRole: reader"),
    });
    await project.up();
    expect(ask(project, "jane", "list pods", { namespace: "mine" })).toEqual({
      allowed: true,
      why: "binding 'tenant-host-role' to 'view' in namespace 'mine'",
    });
    expect(ask(project, "jane", "get secrets", { namespace: "mine" })).toEqual({
      allowed: false,
      why: 'secrets is forbidden: User "jane" cannot get resource "secrets" in API group "" in the namespace "mine"',
    });
    expect(ask(project, "group:jane", "list pods", { namespace: "mine" }).allowed).toBe(false);
  });

  test("is given to a user and a group of the same name, each for themselves, on a host without Entra ID", async () => {
    const project = new TestProject({
      "Pulumi.test.yaml":
        "config:\n  virtual-clusters:existingCluster: { name: kind, reachableFrom: here }\n  virtual-clusters:tenantDefaults: { expose: internal }\n",
      "tenants/test/mine.yaml": tenantFile("access: { admins: [{ user: ops }, { group: ops }] }", "hostRole: reader"),
    });
    const { resources } = await project.up();
    const binding = resources.find(({ urn }) => urn.endsWith("RoleBinding::mine-host-role"));
    const apiGroup = "rbac.authorization.k8s.io";
    expect(binding?.inputs?.subjects).toEqual([
      { apiGroup, kind: "User", name: "ops" },
      { apiGroup, kind: "Group", name: "ops" },
    ]);
    for (const who of ["ops", "user:ops", "group:ops"]) {
      expect(ask(project, who, "list pods", { namespace: "mine" }).allowed).toBe(true);
    }
  });
});

describe("the first half of the article's walk-through, on stack 'dev'", () => {
  const azure = "User does not have access to the resource in Azure. Update role assignment to allow access.";
  let project: TestProject;
  const can = (who: string, verb: string, resource: string, place: Place) =>
    askSandbox({ root: project.root, stack: "dev", who, verb, resource, place });

  beforeAll(() => {
    project = TestProject.ofFixture("dev", { keep: true });
    project.write("tenants/dev/web.yaml", tenantFile());
  });
  afterAll(() => project.delete());

  test("works step by step", async () => {
    const deployed = await project.up();
    const { outputs } = deployed;
    // az aks show --resource-group rg-aks-dev --name aks-dev --query identity
    expect(outputs.cluster).toMatchObject({
      identity: { type: "SystemAssigned", principalId: expect.stringMatching(/^[0-9a-f-]{36}$/) as string },
    });
    // az role assignment create --role "Azure Kubernetes Service RBAC Cluster Admin" --assignee admin@contoso.com --scope <cluster>
    expect(can("admin@contoso.com", "create", "namespaces", {})).toEqual({
      allowed: true,
      why: "role 'Azure Kubernetes Service RBAC Cluster Admin' at the cluster",
    });
    // kubectl create namespace dev
    expect(changesOf(deployed)).toContain("create Namespace vcluster-1-namespace");
    expect(outputs.tenants).toMatchObject({ "vcluster-1": { namespace: "dev" }, web: { namespace: "web" } });
    // az role assignment create --role "Azure Kubernetes Service RBAC Admin" --assignee dev@contoso.com --scope <cluster>/namespaces/dev
    // kubectl get namespaces
    expect(can("dev@contoso.com", "list", "namespaces", {})).toEqual({
      allowed: false,
      why: `namespaces is forbidden: User "dev@contoso.com" cannot list resource "namespaces" in API group "" at the cluster scope: ${azure}`,
    });
    // kubectl get pods --namespace dev
    expect(can("dev@contoso.com", "list", "pods", { namespace: "dev" })).toEqual({
      allowed: true,
      why: "role 'Azure Kubernetes Service RBAC Admin' in namespace 'dev'",
    });
    // helm install kuberay-operator kuberay/kuberay-operator --namespace dev
    expect(can("dev@contoso.com", "create", "customresourcedefinitions", { namespace: "dev" })).toEqual({
      allowed: false,
      why: `customresourcedefinitions.apiextensions.k8s.io is forbidden: User "dev@contoso.com" cannot create resource "customresourcedefinitions" in API group "apiextensions.k8s.io" at the cluster scope: ${azure}`,
    });
    // vcluster connect vcluster-1 --namespace dev; helm install kuberay-operator kuberay/kuberay-operator
    expect(can("dev@contoso.com", "create", "customresourcedefinitions", { tenant: "vcluster-1" })).toEqual({
      allowed: true,
      why: "administrator inside, whatever 'access' says: reads Secret vc-vcluster-1 of the host's namespace 'dev' by role 'Azure Kubernetes Service RBAC Admin' in namespace 'dev'",
    });
    // kubectl get pods --namespace web
    expect(can("dev@contoso.com", "list", "pods", { namespace: "web" })).toEqual({
      allowed: false,
      why: `pods is forbidden: User "dev@contoso.com" cannot list resource "pods" in API group "" in the namespace "web": ${azure}`,
    });
  });
});
