import { execFileSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { cutOffUpgrade, waysBack } from "../lives/cutOff.ts";
import { EmbeddedStack } from "../lives/world.ts";
import { runInProcess } from "../support/inProcess.ts";
import { errorsOf, TestProject, tenantFile } from "../support/project.ts";

const settings = `config:
  virtual-clusters:existingCluster: { name: host }
  virtual-clusters:tenantDefaults: { expose: none }
`;

/** A stack whose outputs say nothing of its tenant, as after a first deployment that failed in part. */
async function forgotten(...lines: string[]): Promise<TestProject> {
  const project = new TestProject({
    "Pulumi.test.yaml": settings,
    "tenants/test/ml.yaml": tenantFile('kubernetes: "1.35"', ...lines),
  });
  await project.up();
  project.forgetOutputs();
  return project;
}

describe.each(["preview", "up"] as const)(
  "a %s is refused by what the state says, where the outputs know nothing",
  (command) => {
    const refusals: readonly [string, string, string][] = [
      [
        "another owner",
        tenantFile('kubernetes: "1.35"').replace("team@", "other@"),
        "tenants/test/ml.yaml:1:8: owner is 'other@contoso.com', but the tenant is deployed as that of 'team@contoso.com'",
      ],
      [
        "another namespace",
        tenantFile('kubernetes: "1.35"', "namespace: else"),
        "tenants/test/ml.yaml:4:12: namespace is 'else', but the tenant is deployed in 'ml'",
      ],
      [
        "another store",
        tenantFile('kubernetes: "1.35"', "store: etcd"),
        "tenants/test/ml.yaml:4:8: store is 'etcd', but the tenant was made with 'sqlite'",
      ],
      [
        "an older version",
        tenantFile('kubernetes: "1.34"'),
        'tenants/test/ml.yaml:3:13: kubernetes is "1.34", but the tenant runs "1.35", or an upgrade to it has begun',
      ],
    ];
    test.each(refusals)("for %s", async (_, file, reason) => {
      const project = await forgotten();
      project.write("tenants/test/ml.yaml", file);
      const before = project.checkpoint();
      const result = await project.run(command);
      expect([result.ok, errorsOf(result)]).toEqual([
        false,
        [expect.stringContaining(`before hook "tenant-update" failed: ${reason}`)],
      ]);
      expect(project.checkpoint().filter(({ type }) => type.startsWith("kubernetes:"))).toEqual(
        before.filter(({ type }) => type.startsWith("kubernetes:")),
      );
    });

    test("for a removed file, with the commit that removed it", async () => {
      const project = await forgotten();
      const git = (...args: string[]) =>
        execFileSync("git", ["-c", "user.name=Ada", "-c", "user.email=ada@contoso.com", ...args], {
          cwd: project.root,
        });
      git("init", "--quiet");
      git("add", "tenants");
      git("commit", "--quiet", "--message", "a tenant");
      project.remove("tenants/test/ml.yaml");
      git("commit", "--quiet", "--all", "--message", "tidy up");
      const result = await project.run(command);
      expect(errorsOf(result)).toEqual([
        expect.stringMatching(
          /^before hook "tenant-removal" failed: tenants\/test\/ml\.yaml:1:1: the file is gone \(removed in commit [0-9a-f]{7,} of Ada, \d{4}-\d\d-\d\d: tidy up\), but tenant 'ml' is deployed/,
        ),
      ]);
      expect(project.checkpoint().some(({ type }) => type === "kubernetes:helm.sh/v3:Release")).toBe(true);
    });

    test("for data to be kept that nobody would remember", async () => {
      const project = await forgotten("lifecycle: offboarding", "dataOnRemoval: keep");
      project.remove("tenants/test/ml.yaml");
      const [error = ""] = errorsOf(await project.run(command));
      expect(error).toContain(
        "before hook \"tenant-retention\" failed: tenants/test/ml.yaml:1:1: the file is gone, and tenant 'ml' is deployed with 'dataOnRemoval: keep'",
      );
    });
  },
);

test("an owner changes by a handover, and is told", async () => {
  const project = new TestProject({ "Pulumi.test.yaml": settings, "tenants/test/ml.yaml": tenantFile() });
  await project.up();
  project.write("tenants/test/ml.yaml", tenantFile().replace("team@", "other@"));
  const refused = errorsOf(await project.run("up")).join("\n");
  const lines = "  virtual-clusters:handover:\n    ml: { from: team@contoso.com, to: other@contoso.com }";
  expect(refused).toContain(lines);
  project.append("Pulumi.test.yaml", `${lines}\n`);
  const { messages } = await project.up();
  expect(messages.map(({ message }) => message)).toContain(
    "Pulumi.test.yaml:5:5: handover of 'ml': 'other@contoso.com' gets the tenant of 'team@contoso.com', with its virtual cluster, data and Secrets",
  );
  const again = await project.up();
  expect(again.messages.map(({ message }) => message)).toContain(
    "Pulumi.test.yaml:5:5: handover of 'ml': it has done its work: 'other@contoso.com' owns the tenant; remove the entry",
  );
});

test.each(Object.keys(waysBack))("an upgrade whose answer was lost goes on, whatever comes then: %s", async (way) => {
  const project = new TestProject({});
  const stack = new EmbeddedStack(project.root, runInProcess);
  const { outcomes, running } = await cutOffUpgrade(project, stack, waysBack[way] ?? []);
  expect(outcomes.map(({ ok, errors }) => [ok, errors])).toEqual([
    [
      false,
      [expect.stringMatching(/tenants\/test\/ada\.yaml:\d:\d+: kubernetes is "1\.34", but the tenant runs "1\.35"/)],
    ],
  ]);
  expect(running).toBe("1.35");
});
