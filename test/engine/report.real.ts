import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { compareStack } from "../../cli/plan/compareStack.ts";
import { planDocument } from "../../cli/plan/json.ts";
import { previewOf } from "../../cli/plan/realEngine.ts";
import type { Plan } from "../../model/plan/plan.ts";
import { upgradePatches } from "../../sandbox/cloud/azure.ts";
import { Cloud } from "../../sandbox/cloud/cloud.ts";
import { deployInMemory, nothingDeployed, previewOver } from "../../sandbox/rehearsal.ts";
import { runInProcess } from "../support/inProcess.ts";
import { TestProject } from "../support/project.ts";
import { type PullRequest, pullRequests, treesOf } from "../support/pullRequests.ts";
import { RealEngine, requirePulumi, serveCloud } from "../support/realEngine.ts";

beforeAll(() => {
  console.log(`Pulumi CLI ${requirePulumi()}`);
});

const options = { program: runInProcess };

/** The base of all of them, which is deployed in memory once. */
let known: ReturnType<typeof deployInMemory> | undefined;

/** What the sandbox's engine tells of a pull request. */
async function rehearsed(pullRequest: PullRequest): Promise<Plan> {
  const { base, head } = treesOf(pullRequest);
  const trees = { base: base.root, head: head.root };
  const stack = await compareStack(trees, pullRequest.stack, {
    deploy: (project) => {
      known ??= deployInMemory(project, {}, options);
      return known;
    },
    preview: (deployed, project) => previewOver(deployed, project, options),
    nothing: nothingDeployed,
  });
  return { base: "origin/main", program: { files: [], ownPackages: false, ruling: [] }, stacks: [stack] };
}

/** A fixture's stack, deployed by the real engine. */
async function deploy(stack: string) {
  const { root } = TestProject.ofFixture(stack);
  const cloud = join(root, "cloud.json");
  const engine = new RealEngine(root, await serveCloud(cloud));
  engine.run(["stack", "init", stack]);
  engine.run(["up", "--stack", stack, "--yes", "--skip-preview"]);
  return { root, cloud, engine };
}

/** Pull requests over the same deployment: tenants and settings, what is loud, and what is refused by files and by rules. */
const told = [
  ...["nothing-changed", "new-tenant", "resize", "host-role-raised", "access-added-and-removed", "suspended"],
  ...["removed-with-data-lost", "chart-values-for-all", "protect-off", "namespace-change", "broken-file"],
  ...["another-administrator", "two-new-tenants", "rename"],
];

// A deployment, and a preview for each: on a machine that is busy, more than a test's ten minutes.
test("the real engine's report and the sandbox's are equal, one pull request after the other", {
  timeout: 1_800_000,
}, async () => {
  const { engine } = await deploy("sandbox");
  for (const name of told) {
    const pullRequest = pullRequests[name];
    if (pullRequest === undefined) throw new Error(name);
    const { head } = treesOf(pullRequest);
    const { plan } = await previewOf("sandbox", { root: head.root, environment: engine.environment });
    const [real, sandbox] = [plan, await rehearsed(pullRequest)].map((one) => planDocument(one).stacks);
    expect.soft(real, name).toEqual(sandbox);
    console.log(`${name}: ${planDocument(plan).headline}`);
  }
});

test("what has changed in the cloud is drift, beside what the change does", async () => {
  const { root, cloud } = await deploy("dev");
  await upgradePatches(new Cloud(cloud));
  const edited = readFileSync(cloud, "utf8").replace(/"count": ?2\b/, '"count":3');
  const left = Object.entries(JSON.parse(edited) as object).filter(
    ([id]) => !id.includes("/namespaces/dev/providers/microsoft.authorization/roleassignments/"),
  );
  writeFileSync(cloud, JSON.stringify(Object.fromEntries(left)));
  // The cloud that is served keeps what it has read.
  const { environment } = new RealEngine(root, await serveCloud(cloud));
  writeFileSync(
    join(root, "tenants/dev/vcluster-1.yaml"),
    `${readFileSync(join(root, "tenants/dev/vcluster-1.yaml"), "utf8")}size: medium\n`,
  );
  const { plan } = await previewOf("dev", { root, environment, refresh: true });
  const [stack] = planDocument(plan).stacks;
  expect(stack?.shared).toEqual([]);
  expect(stack?.tenants[0]?.resources.map(({ op, kind }) => `${op} ${kind}`)).toEqual(["update Release"]);
  expect(stack?.drift?.map(({ op, kind, values }) => [op, kind, values.map(({ path }) => path)])).toEqual([
    ["update", "ManagedCluster", ["agentPoolProfiles.0.count"]],
    ["delete", "RoleAssignment", []],
  ]);
});
