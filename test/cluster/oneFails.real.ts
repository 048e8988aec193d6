import { afterAll, beforeAll, expect, test } from "vitest";
import { changingStack, hosts } from "../recovery/changingStack.ts";
import { spawnCommand } from "../support/command.ts";
import { kubectl } from "../support/kubectl.ts";
import type { TestProject } from "../support/project.ts";
import { RealEngine, requirePulumi } from "../support/realEngine.ts";
import { linkChart } from "../support/storedChart.ts";

/*
 * A deployment with one tenant that never becomes ready, by `npm run up`, with the real Pulumi CLI, its Kubernetes provider, Helm and
 * the real chart, on the cluster that KUBECONFIG points at. Needs `kubectl` on PATH. The tenants' namespaces, which have their
 * names, must not be there before. Helm waits ten minutes for that tenant.
 */

let project: TestProject;
let change: () => void;
let engine: RealEngine;

beforeAll(async () => {
  requirePulumi();
  const [, host] = hosts;
  ({ project, change } = changingStack(host, { keep: true }));
  await linkChart(project.root);
  engine = new RealEngine(project.root);
  engine.run(["stack", "init", "test"]);
});

afterAll(() => {
  engine.tearDown("test");
  project.delete();
});

async function up() {
  const { root, stack } = project;
  const args = ["up", "--stack", stack, "--yes", "--non-interactive"];
  const { code, stdout, stderr } = await spawnCommand("cli/pulumi.ts", args, { cwd: root, env: engine.environment });
  return { code, left: /^left: .*$/m.exec(stderr)?.[0], output: `${stdout}${stderr}` };
}

const get = (...args: string[]) => kubectl("get", ...args);
const field = (path: string, ...args: string[]) => get(...args, "-o", `jsonpath={${path}}`);
const peopleOf = (namespace: string) => field(".subjects[*].name", "rolebinding", "tenant-host-role", "-n", namespace);
const ready = (name: string) => field(".status.readyReplicas", "statefulset", name, "-n", name);
/** What Helm has of a release, as "2 deployed". */
const newest = (name: string) =>
  get(
    "secrets",
    "-n",
    name,
    "-l",
    "owner=helm",
    "-L",
    "version,status",
    "--no-headers",
    "--sort-by=.metadata.creationTimestamp",
  )
    .trim()
    .split("\n")
    .at(-1)
    ?.split(/\s+/)
    .slice(-2)
    .join(" ");

test("npm run up does all but the tenant that never becomes ready, ends with 1 and names it; the next one does it alone", async () => {
  const first = await up();
  expect(first.code, first.output).toBe(0);
  const volume = field(".metadata.uid", "pvc", "data-slow-0", "-n", "slow");
  change();
  // Its pods can be made no more.
  kubectl("create", "quota", "nothing", "--hard=pods=0", "-n", "slow");

  const failed = await up();
  console.log(failed.output);
  expect([failed.code, failed.left], failed.output).toEqual([
    1,
    "left: slow. What does not depend on that went on; mend what failed, and run it again to finish",
  ]);
  expect(() => get("namespace", "gone")).toThrow("not found");
  expect(Object.fromEntries(["grown", "left", "new", "slow", "paused"].map((name) => [name, peopleOf(name)]))).toEqual({
    ...{ grown: "dev@contoso.com", left: "dev@contoso.com", new: "dev@contoso.com", slow: "dev@contoso.com" },
    paused: "",
  });
  const states = ["grown", "left", "new", "slow", "paused"].map((name) => [name, newest(name), ready(name)]);
  expect(states).toEqual([
    ["grown", "2 deployed", "1"],
    ["left", "1 deployed", "1"],
    ["new", "1 deployed", "1"],
    ["slow", "2 failed", ""],
    ["paused", "2 deployed", ""],
  ]);
  expect(field(".spec.hard.requests\\.cpu", "resourcequota", "vc-grown", "-n", "grown")).toBe("4020m");

  kubectl("delete", "quota", "nothing", "-n", "slow");
  const next = await up();
  expect([next.code, next.left], next.output).toEqual([0, undefined]);
  expect([newest("slow"), ready("slow"), newest("grown"), newest("new")]).toEqual([
    ...["3 deployed", "1", "2 deployed", "1 deployed"],
  ]);
  expect(field(".metadata.uid", "pvc", "data-slow-0", "-n", "slow")).toBe(volume);
  engine.run(["preview", "--stack", "test", "--expect-no-changes"]);
});
