import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { stackType } from "../../sandbox/engine/urn.ts";
import { releases } from "../support/frame.ts";
import { TestProject } from "../support/project.ts";
import { RealEngine, requirePulumi, serveCloud } from "../support/realEngine.ts";

beforeAll(() => {
  console.log(`Pulumi CLI ${requirePulumi()}`);
});

test("the real engine refuses in a preview what a host cluster keeps, by the outputs, and without them by its own state", async () => {
  const folder = join(releases, "0.1.0", "dev");
  const project = TestProject.ofFixture("dev", { folder });
  const engine = new RealEngine(project.root, await serveCloud(join(project.root, "cloud.json")));
  engine.run(["stack", "init", "dev"]);
  engine.run(["stack", "import", "--stack", "dev", "--file", join(folder, "engine.json")]);
  const file = join(project.root, "Pulumi.dev.yaml");
  // That release gave tenants an internal address of AKS's own network, which is refused now.
  const settings = readFileSync(file, "utf8").replace("expose: internal", "expose: none");
  const larger = settings.replace("vmSize: Standard_DS2_v2", "vmSize: Standard_D4s_v5");
  const previewOf = (text: string) => {
    writeFileSync(file, text);
    return engine.run(["preview", "--stack", "dev"], "failure").output;
  };
  const refusal =
    /Pulumi\.dev\.yaml:\d+:\d+: 'azure\.nodePool\.vmSize' is 'Standard_D4s_v5', but the cluster was made with 'Standard_DS2_v2'/;

  // What release 0.1.0 left says nothing of it in its outputs: the hook reads the old inputs.
  expect(previewOf(larger)).toMatch(new RegExp(`"host-update" failed: ${refusal.source}`));
  // A replacement, of which no hook is told, is protection's to refuse; the names are known from the cluster's id.
  expect(previewOf(settings.replaceAll("aks-dev", "aks-other"))).toMatch(
    /Pulumi\.dev\.yaml:\d+:\d+: 'azure\.clusterName' is 'aks-other', but the cluster was made with 'aks-dev'/,
  );

  writeFileSync(file, settings);
  engine.run(["up", "--stack", "dev", "--yes", "--skip-preview"]);
  const early = previewOf(larger.replace("westeurope", "northeurope"));
  expect(early).not.toContain("host-update");
  expect(early).toMatch(refusal);
  expect(early).toMatch(/'azure\.location' is 'northeurope', but the cluster was made with 'westeurope'/);

  const exported = join(project.root, "state.json");
  engine.run(["stack", "export", "--stack", "dev", "--file", exported]);
  const state = JSON.parse(readFileSync(exported, "utf8")) as {
    deployment: { resources: { type: string; outputs?: object }[] };
  };
  for (const resource of state.deployment.resources) if (resource.type === stackType) delete resource.outputs;
  writeFileSync(exported, JSON.stringify(state));
  engine.run(["stack", "import", "--stack", "dev", "--file", exported]);
  expect(previewOf(larger)).toMatch(new RegExp(`"host-update" failed: ${refusal.source}`));

  writeFileSync(file, settings);
  engine.run(["preview", "--stack", "dev", "--expect-no-changes"]);
});
