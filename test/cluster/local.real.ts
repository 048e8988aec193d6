import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { parseUrn } from "../../sandbox/engine/urn.ts";
import { kubectl } from "../support/kubectl.ts";
import { fixtureStacks, repository, TestProject } from "../support/project.ts";
import { RealEngine, requirePulumi } from "../support/realEngine.ts";
import { linkChart } from "../support/storedChart.ts";
import { connectVirtualCluster } from "../support/virtualCluster.ts";

/*
 * Fixture stack `local` with the real Pulumi CLI, its Kubernetes provider and the real chart, on the cluster that KUBECONFIG
 * points at. Needs `kubectl` on PATH. The tenant's namespace, `demo`, must not be there before.
 */

let project: TestProject;
let engine: RealEngine;

beforeAll(async () => {
  console.log(
    `Pulumi CLI ${requirePulumi()}, Kubernetes ${kubectl("version", "-o", "yaml")
      .match(/gitVersion: (\S+)/g)
      ?.at(-1)}`,
  );
  project = TestProject.ofFixture("local", { keep: true });
  await linkChart(project.root);
  engine = new RealEngine(project.root);
  engine.run(["stack", "init", "local"]);
});

afterAll(() => {
  engine.tearDown("local");
  project.delete();
});

describe("stack 'local' on a real cluster", () => {
  test("is deployed with the real chart, and nothing of Azure is in it", () => {
    console.log(
      engine
        .run(["preview", "--stack", "local"])
        .output.match(/^Resources:[\s\S]*/m)?.[0]
        .trim(),
    );
    console.log(
      engine
        .run(["up", "--stack", "local", "--yes", "--skip-preview"])
        .output.match(/^Outputs:[\s\S]*/m)?.[0]
        .trim(),
    );
    const types = engine.export("local").map(({ urn }) => parseUrn(urn).type);
    expect(types.filter((type) => type.includes("azure"))).toEqual([]);
    expect(types).toContain("kubernetes:helm.sh/v3:Release");
  });

  test("shows no change when it is previewed again", () => {
    const { output } = engine.run(["preview", "--stack", "local", "--expect-no-changes"]);
    expect(output).toMatch(/^ {4}\d+ unchanged$/m);
  });

  test("has the tenant's namespace, role binding, quota, limits and network policies", () => {
    const names = (kind: string) => kubectl("get", kind, "-n", "demo", "-o", "name").trim().split("\n");
    expect(
      kubectl("get", "namespace", "demo", "-o", "jsonpath={.metadata.labels.pod-security\\.kubernetes\\.io/enforce}"),
    ).toBe("baseline");
    expect(names("rolebinding")).toContain("rolebinding.rbac.authorization.k8s.io/tenant-host-role");
    expect(names("resourcequota")).toEqual(["resourcequota/vc-demo"]);
    expect(names("limitrange")).toEqual(["limitrange/vc-demo"]);
    expect(names("networkpolicy")).toContain("networkpolicy.networking.k8s.io/vc-work-demo");
  });
});

describe("the virtual cluster", () => {
  test("takes a custom resource definition that the host does not see", async () => {
    const { kubeconfig, close } = await connectVirtualCluster("demo", "demo");
    onTestFinished(close);
    const inside = (...args: string[]) => kubectl("--kubeconfig", kubeconfig, ...args);
    inside("apply", "-f", join(repository, "test/data/rayclusters-crd.yaml"));
    expect(inside("get", "crd", "rayclusters.ray.io", "-o", "name").trim()).toBe(
      "customresourcedefinition.apiextensions.k8s.io/rayclusters.ray.io",
    );
    expect(() => kubectl("get", "crd", "rayclusters.ray.io")).toThrow("not found");
  });
});

describe("the tenant's life on a real cluster", () => {
  const change = (text: string) => {
    project.write("tenants/local/demo.yaml", text);
    return engine.run(["up", "--stack", "local", "--yes", "--skip-preview"]).output;
  };

  test("its size changes in place, and its disk stays", () => {
    const file = readFileSync(join(fixtureStacks, "tenants/local/demo.yaml"), "utf8");
    expect(change(`${file}size: medium\n`)).toMatch(/^ {4}~ \d+ updated$/m);
    expect(kubectl("get", "resourcequota", "vc-demo", "-n", "demo", "-o", "jsonpath={.spec.hard.requests\\.cpu}")).toBe(
      "4020m",
    );
    expect(
      kubectl("get", "pvc", "data-demo-0", "-n", "demo", "-o", "jsonpath={.spec.resources.requests.storage}"),
    ).toBe("5Gi");
  });

  test("offboarding stops its control plane and withdraws its people's role, and keeps its disk", () => {
    const file = readFileSync(join(fixtureStacks, "tenants/local/demo.yaml"), "utf8");
    change(`${file}size: medium\nlifecycle: offboarding\n`);
    expect(kubectl("get", "statefulset", "demo", "-n", "demo", "-o", "jsonpath={.spec.replicas}")).toBe("0");
    const subjects = ["get", "rolebinding", "tenant-host-role", "-n", "demo", "-o", "jsonpath={.subjects}"];
    expect(kubectl(...subjects)).toBe("");
    expect(kubectl("get", "pvc", "-n", "demo", "-o", "name")).toContain("data-demo-0");
  });

  test("with its file gone, nothing of it is left", () => {
    project.remove("tenants/local/demo.yaml");
    engine.run(["up", "--stack", "local", "--yes", "--skip-preview"]);
    expect(() => kubectl("get", "namespace", "demo")).toThrow("not found");
  });
});
