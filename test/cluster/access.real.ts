import { afterAll, beforeAll, expect, test } from "vitest";
import { kubectl } from "../support/kubectl.ts";
import { TestProject, tenantFile } from "../support/project.ts";
import { RealEngine } from "../support/realEngine.ts";
import { linkChart } from "../support/storedChart.ts";

/*
 * Who has access, with the real Pulumi CLI, its Kubernetes provider and the real chart, on the cluster that KUBECONFIG points
 * at. Needs `kubectl` on PATH. The tenants' namespaces, `access-sqlite` and `access-etcd`, must not be there before.
 */

const settings = `config:
  virtual-clusters:existingCluster: { name: local }
  virtual-clusters:tenantDefaults: { size: small, kubernetes: "1.35", expose: none }
  virtual-clusters:signIn: { issuer: https://login.microsoftonline.com/11111111-0000-4000-8000-000000000000/v2.0, clientId: app }
  virtual-clusters:protect: false
`;

/** A tenant whose administrator is this person; a host role lets the person reach it. */
const file = (store: string, admin: string, ...more: string[]) =>
  tenantFile(`store: ${store}`, `access: { admins: [{ user: ${admin} }] }`, "hostRole: writer", ...more);

const tenants = [
  { name: "access-sqlite", store: "sqlite", kind: "statefulset" },
  { name: "access-etcd", store: "etcd", kind: "deployment" },
];

let project: TestProject;
let engine: RealEngine;

function up(admin: string, ...more: string[]): string {
  for (const { name, store } of tenants) project.write(`tenants/test/${name}.yaml`, file(store, admin, ...more));
  return engine.run(["up", "--stack", "test", "--yes", "--skip-preview", "--diff"]).output;
}

/** What decides whether the control planes' pods are made anew, and the file that says who is who. */
function seen() {
  return tenants.map(({ name, kind }) => {
    const { spec } = JSON.parse(kubectl("get", kind, name, "-n", name, "-o", "json")) as {
      spec: { template: unknown };
    };
    const file = kubectl("get", "configmap", "virtual-cluster-sign-in", "-n", name, "-o", "jsonpath={.data}");
    return { template: spec.template, file };
  });
}

const hash = expect.objectContaining({
  metadata: expect.objectContaining({
    annotations: expect.objectContaining({ vClusterConfigHash: expect.stringMatching(/^[0-9a-f]{64}$/) }),
  }),
});

beforeAll(async () => {
  project = new TestProject({ "Pulumi.test.yaml": settings }, "test", { keep: true });
  await linkChart(project.root);
  engine = new RealEngine(project.root);
  engine.run(["stack", "init", "test"]);
  up("ada@contoso.com");
});

afterAll(() => {
  engine.run(["destroy", "--stack", "test", "--yes", "--skip-preview"]);
  project.delete();
});

test("a change of who has access changes one file beside the control plane, and nothing of its pods", () => {
  const before = seen();
  const output = up("grace@contoso.com");
  expect(output).toMatch(/^ {4}~ 4 updated$/m);
  expect(
    output
      .match(/^ *[~+-]+ kubernetes:\S+/gm)
      ?.map((line) => line.trim())
      .sort(),
  ).toEqual([
    ...tenants.map(() => "~ kubernetes:core/v1:ConfigMap:"),
    ...tenants.map(() => "~ kubernetes:rbac.authorization.k8s.io/v1:RoleBinding:"),
  ]);
  const after = seen();
  for (const [i, { template, file }] of after.entries()) {
    expect(template).toEqual(hash);
    expect(template).toEqual(before[i]?.template);
    expect([before[i]?.file, file].map((text) => text?.match(/\w+@contoso.com/g))).toEqual([
      ["ada@contoso.com"],
      ["grace@contoso.com"],
    ]);
  }
});

test("what somebody wrote into the file by hand is overwritten by the next change, not in its way", () => {
  for (const { name } of tenants) {
    const edit = JSON.stringify({ data: { "authentication.yaml": "mallory@contoso.com" } });
    kubectl("patch", "configmap", "virtual-cluster-sign-in", "-n", name, "--field-manager=mallory", "--patch", edit);
  }
  up("linus@contoso.com");
  for (const { file } of seen()) expect(file.match(/\w+@contoso.com/g)).toEqual(["linus@contoso.com"]);
});

test("a change of size makes the pods anew, so that the test can fail", () => {
  const before = seen();
  up("linus@contoso.com", "size: medium");
  for (const [i, { template }] of seen().entries()) {
    expect(template).toEqual(hash);
    expect(template).not.toEqual(before[i]?.template);
  }
});
