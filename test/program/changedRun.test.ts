import { join } from "node:path";
import { expect, test } from "vitest";
import { changedRunVariable } from "../../model/deploy/changedRun.ts";
import { errorsOf, TestProject, tenantFile } from "../support/project.ts";

const settings = "config:\n  virtual-clusters:existingCluster: { name: kind, reachableFrom: here }\n";

test("a variable that no command has set ends the program before anything is done: the rest would be deleted", async () => {
  const project = new TestProject({
    "Pulumi.test.yaml": settings,
    "tenants/test/a.yaml": tenantFile("expose: internal"),
  });
  process.env[changedRunVariable] = join(project.root, "run.json");
  try {
    const result = await project.run("up");
    expect(errorsOf(result)).toEqual([
      `the environment variable ${changedRunVariable} is set, and not by a command that runs: remove it. 'npm run preview -- --changed' sets it where it is needed`,
    ]);
    expect(result.steps.filter(({ op }) => op !== "same").map(({ urn }) => urn.split("::")[2])).toEqual([
      "pulumi:pulumi:Stack",
    ]);
  } finally {
    delete process.env[changedRunVariable];
  }
});
