import { describe, expect, test } from "vitest";
import { releaseOnSandbox } from "../../cli/sandboxState.ts";
import { errorsOf, TestProject, tenantFile } from "../support/project.ts";

/** Some digest: the sandbox installs no chart. */
const digest = "c".repeat(64);

const settings = (vcluster = "{}") => `config:
  virtual-clusters:existingCluster: { name: host }
  virtual-clusters:tenantDefaults: { expose: none }
  virtual-clusters:vcluster: ${vcluster}
`;

function stack(tenants: Readonly<Record<string, string>>, vcluster?: string): TestProject {
  const files = Object.entries(tenants).map(([name, text]) => [`tenants/test/${name}.yaml`, text]);
  return new TestProject({ "Pulumi.test.yaml": settings(vcluster), ...Object.fromEntries(files) });
}

/** The versions of a tenant's release, as "chart, Kubernetes". */
function running(project: TestProject, tenant = "ml"): string {
  const release = releaseOnSandbox(project.root, project.stack, tenant);
  return `${release?.chart}, ${release?.kubernetes}`;
}

describe("a patch release of Kubernetes", () => {
  const patches = (patch: string) => `{ kubernetesPatches: { "1.35": ${patch} } }`;

  test("is deployed to the tenants of its minor, and said in the outputs", async () => {
    const project = stack({ ml: tenantFile(), web: tenantFile('kubernetes: "1.36"') }, patches("1.35.4"));
    const { outputs } = await project.up();
    expect([running(project), running(project, "web")]).toEqual(["0.36.1, v1.35.4", "0.36.1, v1.36.0"]);
    expect(outputs.tenants).toMatchObject({
      ml: { kubernetes: "1.35", kubernetesVersion: "1.35.4", chart: "0.36.1" },
      web: { kubernetes: "1.36", kubernetesVersion: "1.36.0", chart: "0.36.1" },
    });
  });

  const reason =
    'tenants/test/ml.yaml:1:1: Kubernetes would go from 1.35.4, which runs or an upgrade to which has begun, down to 1.35.0: a Kubernetes version cannot go down. In the stack\'s settings write vcluster.kubernetesPatches: { "1.35": "1.35.4" }, or a later one';

  test.each(["preview", "up"] as const)("does not go down: a %s is refused", async (command) => {
    const project = stack({ ml: tenantFile() }, patches("1.35.4"));
    await project.up();
    project.write("Pulumi.test.yaml", settings());
    expect(errorsOf(await project.run(command))).toEqual([expect.stringContaining(reason)]);
    project.forgetOutputs();
    expect(errorsOf(await project.run(command))).toEqual([
      expect.stringContaining(`before hook "tenant-update" failed: ${reason}`),
    ]);
    expect(running(project)).toBe("0.36.1, v1.35.4");
  });

  test("is taken back where the deployment that brought it failed: it may have no image", async () => {
    const project = stack({ ml: tenantFile(), web: tenantFile() });
    await project.up();
    project.forgetResources(({ urn }) => urn.endsWith("Release::web-vcluster"));
    project.write("Pulumi.test.yaml", settings(patches("1.35.99")));
    expect((await project.run("up")).ok).toBe(false);
    expect(running(project)).toBe("0.36.1, v1.35.99");
    project.write("Pulumi.test.yaml", settings());
    await project.run("up");
    expect(running(project)).toBe("0.36.1, v1.35.0");
  });
});

describe("a chart that the stack pins", () => {
  const canary = (version: string) =>
    `{ channels: { canary: ${version} }, charts: { 0.36.0: { digest: ${digest} }, 0.36.2: { digest: ${digest} } } }`;

  test("is what tenants of its channel run, and nobody else", async () => {
    const project = stack({ ml: tenantFile("channel: canary"), web: tenantFile() }, canary("0.36.2"));
    const { outputs } = await project.up();
    expect([running(project), running(project, "web")]).toEqual(["0.36.2, v1.35.0", "0.36.1, v1.35.0"]);
    expect(outputs.tenants).toMatchObject({ ml: { chart: "0.36.2" }, web: { chart: "0.36.1" } });
  });

  test("goes back within its line with a warning", async () => {
    const project = stack({ ml: tenantFile("channel: canary") }, canary("0.36.2"));
    await project.up();
    project.write("Pulumi.test.yaml", settings(canary("0.36.0")));
    const { messages } = await project.up();
    expect(messages.map(({ message }) => message)).toContainEqual(
      expect.stringContaining(
        "tenants/test/ml.yaml:3:10: channel 'canary' (setting vcluster.channels.canary) is chart 0.36.0",
      ),
    );
    expect(running(project)).toBe("0.36.0, v1.35.0");
  });
});
