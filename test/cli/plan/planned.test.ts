import { describe, expect, test } from "vitest";
import { beyondLines } from "../../../cli/plan/phrases.ts";
import { beyondPlan } from "../../../cli/plan/planned.ts";
import { lastDeployedCommit } from "../../../cli/plan/realEngine.ts";
import { tenantType } from "../../../model/deploy/tenantUrns.ts";
import type { Step } from "../../../model/plan/steps.ts";
import { plain } from "../../../model/plan/words.ts";
import { committed } from "../../support/committed.ts";
import { fakeTools } from "../../support/fakeTools.ts";
import { TestProject, tenantFile } from "../../support/project.ts";

/** Asks a CLI with this history of a stack, the last deployment first. */
function lastOf(...history: readonly object[]) {
  const { root } = new TestProject({});
  const command = "stack history --json --page-size 200 --stack dev --non-interactive --color never";
  const PATH = `${fakeTools(root, { pulumi: { [command]: history } })}:/bin:/usr/bin`;
  return lastDeployedCommit("dev", { root, environment: { PATH } });
}

const deployed = (commit: string, result = "succeeded") => ({
  kind: "update",
  result,
  environment: { "git.head": commit },
});

describe("the commit that was deployed last", () => {
  test("is that of the last deployment that went well", async () => {
    const refresh = { kind: "refresh", result: "succeeded", environment: { "git.head": "c" } };
    expect(await lastOf(refresh, deployed("b", "failed"), deployed("a"))).toBe("a");
  });

  test("is none before the first deployment, and after everything was destroyed", async () => {
    expect(await lastOf()).toBeUndefined();
    expect(await lastOf(deployed("a", "failed"))).toBeUndefined();
    expect(await lastOf({ kind: "destroy", result: "succeeded" }, deployed("a"))).toBeUndefined();
  });

  test("cannot be told where it was made outside of a repository", async () => {
    await expect(lastOf({ kind: "update", result: "succeeded", environment: {} })).rejects.toThrow(
      "the last deployment was made outside of a Git repository: nothing says which changes were merged since. Deploy once without --as-planned",
    );
  });
});

test("what the commits since then do is planned, and the rest is told with its tenant and its values", async () => {
  const port = (...lines: string[]) => tenantFile("expose: none", ...lines);
  const project = new TestProject({
    "Pulumi.test.yaml": "config: { virtual-clusters:existingCluster: { name: kind } }\n",
    "tenants/test/a.yaml": port(),
  });
  const git = committed(project);
  const since = git("rev-parse", "HEAD");
  project.write("tenants/test/a.yaml", port("size: medium"));

  const urn = (type: string, name: string) => `urn:pulumi:test::virtual-clusters::${type}::${name}`;
  const common = { protect: false, retain: false };
  const component = { ...common, urn: urn(tenantType, "a"), type: tenantType, name: "a", inputs: {} };
  const group = "azure-native:resources:ResourceGroup";
  const release = (tag: string): NonNullable<Step["after"]> => ({
    ...common,
    urn: urn("kubernetes:helm.sh/v3:Release", "a-vcluster"),
    type: "kubernetes:helm.sh/v3:Release",
    name: "a-vcluster",
    parent: component.urn,
    inputs: { values: { tag } },
  });
  const more = await beyondPlan(project.root, "test", since, [
    { op: "same", before: component, after: component },
    { op: "update", before: release("old"), after: release("new") },
    { op: "delete", before: { ...common, urn: urn(group, "gone"), type: group, name: "gone", inputs: {} } },
  ]);
  expect(beyondLines(more).map(plain)).toEqual([
    "tenant a: ~ Release a-vcluster (values.tag)",
    "shared: - ResourceGroup gone",
  ]);
});
