import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import type { Kubectl } from "../../cli/kubectl.ts";
import { previewOf } from "../../cli/plan/realEngine.ts";
import { releaseDrift } from "../../cli/plan/releaseDrift.ts";
import { planText } from "../../cli/plan/text.ts";
import { plain } from "../../model/plan/words.ts";
import { spawnCommand } from "../support/command.ts";
import { kubectl } from "../support/kubectl.ts";
import { TestProject, tenantFile } from "../support/project.ts";
import { RealEngine, requirePulumi } from "../support/realEngine.ts";
import { linkChart } from "../support/storedChart.ts";

/*
 * What somebody changes by hand on a real cluster, the one that KUBECONFIG points at, is told and put back. Needs `kubectl` and
 * `helm` on PATH. The namespaces of its tenants, `drift-a` and `drift-b`, must not be there before.
 */

const settings = `config:
  virtual-clusters:environment: development
  virtual-clusters:existingCluster: { name: local }
  virtual-clusters:tenantDefaults: { size: small, kubernetes: "1.35", expose: none }
`;

let project: TestProject;
let engine: RealEngine;

/** Runs one of the project's own commands, as npm does. */
const npmRun = (...args: string[]) =>
  spawnCommand("cli/pulumi.ts", args, { cwd: project.root, env: engine.environment });

beforeAll(async () => {
  console.log(`Pulumi CLI ${requirePulumi()}`);
  project = new TestProject(
    {
      "Pulumi.local.yaml": settings,
      "tenants/local/drift-a.yaml": tenantFile(
        "access: { viewers: [{ user: dev@contoso.com }], admins: [{ user: admin@contoso.com }] }",
        "hostRole: admin",
      ),
      "tenants/local/drift-b.yaml": tenantFile("store: etcd"),
    },
    "local",
    { keep: true },
  );
  await linkChart(project.root);
  engine = new RealEngine(project.root);
  engine.run(["stack", "init", "local"]);
  const { code, stdout, stderr } = await npmRun("up", "--stack", "local", "--yes", "--skip-preview");
  if (code !== 0) throw new Error(`${stdout}${stderr}`);
});

afterAll(() => {
  engine.tearDown("local");
  project.delete();
});

/** What a preview tells of drift, in its lines; with notes, of which there should be none. */
async function drift(): Promise<string[]> {
  const { plan } = await previewOf("local", { root: project.root, environment: engine.environment, refresh: true });
  expect(plan.stacks.flatMap(({ notes = [] }) => notes)).toEqual([]);
  const lines = planText(plan, { width: 300, paint: (_, text) => text }).split("\n");
  const [first, last] = [
    lines.findIndex((line) => line.includes("drift: ")),
    lines.findIndex((line) => line.includes("put back by")),
  ];
  return first === -1 ? [] : lines.slice(first + 1, last + 1).map((line) => line.trim());
}

/** What tells whether something was made anew, or its volume. */
const kept = () =>
  ["sts/drift-a", "pvc/data-drift-a-0", "sts/drift-b-etcd", "pvc/data-drift-b-etcd-0", "svc/drift-a"].map((one) =>
    kubectl("get", one, "-n", one.includes("drift-a") ? "drift-a" : "drift-b", "-o", "jsonpath={.metadata.uid}"),
  );

test("what has just been deployed has no drift, whatever the API server and controllers have added", async () => {
  expect(await drift()).toEqual([]);
});

test("who may only read finds none either, and one that the chart's own words tell", async () => {
  kubectl("create", "clusterrole", "drift-reader", "--verb=get,list", "--resource=*.*");
  kubectl("create", "clusterrolebinding", "drift-reader", "--clusterrole=drift-reader", "--user=drift-reader");
  onTestFinished(() => void kubectl("delete", "clusterrole,clusterrolebinding", "drift-reader"));
  const asReader: Kubectl = async (args, input) => {
    const command = ["--as", "drift-reader", ...args];
    const { status, stdout, stderr } = spawnSync("kubectl", command, { encoding: "utf8", input });
    return { ok: status === 0, stdout, stderr, installed: true };
  };
  const releases = ["drift-a", "drift-b"].map((name) => ({ urn: name, name, namespace: name }));
  const { objects, notes } = await releaseDrift(releases, asReader);
  expect([objects, notes.map(plain)]).toEqual([[], [expect.stringMatching(/^Whoever asks may only read/)]]);
  kubectl(
    "patch",
    "limitrange",
    "vc-drift-a",
    "-n",
    "drift-a",
    "--type=json",
    "-p",
    '[{"op":"remove","path":"/spec/limits/0/default"}]',
  );
  const [changed] = (await releaseDrift(releases, asReader)).objects;
  expect(changed?.step.before?.name).toBe("vc-drift-a");
  await npmRun("up", "--stack", "local", "--yes", "--skip-preview", "--mend");
  expect(await drift()).toEqual([]);
});

test("what somebody changes by hand, inside releases too, is told tenant by tenant and put back, and nothing else is", async () => {
  const before = kept();
  kubectl("delete", "networkpolicy", "vc-work-drift-a", "-n", "drift-a");
  kubectl(
    "patch",
    "resourcequota",
    "vc-drift-a",
    "-n",
    "drift-a",
    "--type",
    "merge",
    "-p",
    '{"spec":{"hard":{"count/pods":"999"}}}',
  );
  kubectl("scale", "statefulset", "drift-a", "-n", "drift-a", "--replicas", "0");
  kubectl("delete", "rolebinding", "tenant-host-role", "-n", "drift-a");
  kubectl("label", "namespace", "drift-b", "pod-security.kubernetes.io/enforce=privileged", "--overwrite");
  // Beside what the chart says: nothing but a dry run sees that.
  kubectl(
    "patch",
    "deployment",
    "drift-b",
    "-n",
    "drift-b",
    "-p",
    '{"spec":{"template":{"spec":{"nodeName":"mine"}}}}',
  );
  kubectl(
    "patch",
    "serviceaccount",
    "vc-workload-drift-b",
    "-n",
    "drift-b",
    "-p",
    '{"imagePullSecrets":[{"name":"mine"}]}',
  );
  const lines = [
    "drift-a: - NetworkPolicy vc-work-drift-a, of its release",
    "traffic that it kept from the tenant's pods, or in them, is let through",
    "drift-a: ~ ResourceQuota vc-drift-a, of its release",
    "spec.hard.count/pods: 23 -> 999",
    "it may take other amounts than its size gives",
    "drift-a: - RoleBinding drift-a-host-role",
    "those whom its file names have lost their role on the host",
    "drift-a: ~ StatefulSet drift-a, of its release",
    "spec.replicas: 1 -> 0",
    "it is stopped: nobody reaches its virtual cluster",
    "drift-b: ~ Deployment drift-b, of its release",
    "spec.template.spec.nodeName: mine",
    "it runs otherwise than it was deployed",
    "drift-b: ~ Namespace drift-b-namespace",
    "metadata.labels.pod-security.kubernetes.io/enforce: baseline -> privileged",
    "its pods are held to other rules than its stack's",
    "drift-b: ~ ServiceAccount vc-workload-drift-b, of its release",
    'imagePullSecrets: [{"name":"mine"}]',
    "its pods get other credentials than they need",
    "put back by: npm run up -- --stack local --mend",
  ];
  expect(await drift()).toEqual(lines);
  // Pulumi alone sees none of what is inside.
  const { output } = engine.run(["refresh", "--stack", "local", "--preview-only"]);
  expect(output).not.toMatch(/~ .*Release .*\[diff/);
  const { code, stdout, stderr } = await npmRun("up", "--stack", "local", "--yes", "--skip-preview", "--mend");
  expect(code, stdout + stderr).toBe(0);
  console.log(stdout.slice(stdout.indexOf("  drift: ")));
  expect(stdout).toContain("5 put back; nothing else was changed");
  expect(await drift()).toEqual([]);
  expect(kept()).toEqual(before);
});

test("a release that somebody has deployed with Helm, without what keeps the tenant in its place or with something more, goes back", async () => {
  const before = kept();
  const releases = engine.export("local").filter(({ type }) => type === "kubernetes:helm.sh/v3:Release");
  const [{ name, chart, values }] = releases.map(({ inputs }) => inputs) as [
    { readonly name: string; readonly chart: string; readonly values: Readonly<Record<string, object>> },
  ];
  const { policies: _, ...rest } = values;
  const ingress = { enabled: true, host: "drift.example.com" };
  const upgrade = (given: object) => {
    project.write("values.json", JSON.stringify(given));
    const file = join(project.root, "values.json");
    const words = ["upgrade", name, join(project.root, chart), "--namespace", name, "--values", file];
    const { status, stderr } = spawnSync("helm", words, { encoding: "utf8" });
    expect(status, stderr).toBe(0);
  };
  const made = () => kubectl("get", "networkpolicy,resourcequota,ingress", "-n", name, "-o", "name").split("\n");
  const asDeployed = made();
  const told = [
    `${name}: ~ Release ${name}-vcluster`,
    "its virtual cluster was deployed with other values than its file's",
    "put back by: npm run up -- --stack local --mend",
  ];
  for (const [given, line] of [
    [rest, "values.policies.resourceQuota.enabled: true -> not set"],
    [{ ...values, controlPlane: { ...values.controlPlane, ingress } }, "ingress.host: set by hand"],
  ] as const) {
    upgrade(given);
    const lines = await drift();
    expect(lines).toEqual(expect.arrayContaining([...told, expect.stringContaining(line)]));
    // Pulumi alone sees none of it.
    expect(engine.run(["refresh", "--stack", "local", "--preview-only"]).output).not.toMatch(/~ .*Release .*\[diff/);
    const { code, stdout, stderr } = await npmRun("up", "--stack", "local", "--yes", "--skip-preview", "--mend");
    expect(code, stdout + stderr).toBe(0);
    expect(stdout).toMatch(new RegExp(`^Release ${name}: revision \\d+ is back$`, "m"));
    expect([await drift(), made()]).toEqual([[], asDeployed]);
    // What was set by hand is not taken over: put into the files later, it is to be deployed.
    const again = engine.export("local").find(({ inputs }) => inputs?.name === name);
    expect(again?.outputs?.values).toEqual(values);
  }
  expect(kept()).toEqual(before);
});

test("a StatefulSet's field that never changes is named, and stays as it is", async () => {
  const before = kept();
  const live = JSON.parse(kubectl("get", "statefulset", "drift-a", "-n", "drift-a", "-o", "json")) as { spec: object };
  // As somebody does to enlarge a disk: the pod and its volume stay.
  kubectl("delete", "statefulset", "drift-a", "-n", "drift-a", "--cascade=orphan");
  engine.run(["refresh", "--stack", "local", "--yes", "--skip-preview"]);
  const other = {
    ...live,
    metadata: {
      name: "drift-a",
      namespace: "drift-a",
      labels: (live as { metadata?: { labels?: object } }).metadata?.labels,
    },
    spec: { ...live.spec, podManagementPolicy: "OrderedReady" },
  };
  const file = `${project.root}/statefulset.json`;
  project.write("statefulset.json", JSON.stringify(other));
  kubectl("create", "-f", file);
  const { plan } = await previewOf("local", { root: project.root, environment: engine.environment, refresh: true });
  const [only] = plan.stacks[0]?.drift ?? [];
  expect([only?.kind, only?.mendable, only?.values]).toEqual([
    "StatefulSet",
    false,
    [{ path: "spec.podManagementPolicy", from: "Parallel", to: "OrderedReady" }],
  ]);
  const { stdout } = await npmRun("up", "--stack", "local", "--yes", "--skip-preview", "--mend");
  // Its lines are broken where they are long.
  expect(stdout.replaceAll(/\s+/g, " ")).toContain(
    'StatefulSet drift-a cannot be put back: The StatefulSet "drift-a" is invalid: spec: Forbidden',
  );
  expect(kept().slice(1)).toEqual(before.slice(1));
});
