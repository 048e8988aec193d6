import { join } from "node:path";
import { expect, test } from "vitest";
import { withChangedRun } from "../../console/changedRun.ts";
import { changedRunVariable } from "../../model/deploy/changedRun.ts";
import { headOf } from "../../model/plan/changedHead.ts";
import { digestsOf } from "../../model/settings/deployedFiles.ts";
import { readProject } from "../../model/settings/project.ts";
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

test("a run of changed tenants ends before anything is done where its settings are not those by which it was chosen", async () => {
  const project = TestProject.withTenants({ a: tenantFile() });
  const head = headOf(readProject(project.root, "test"));
  const chosenBy = {
    program: head.program,
    settings: { ...head.recorded, azureFiles: "true" },
    others: head.others,
    files: digestsOf(head.texts),
  };
  const run = { project: head.project, stack: "test", tenants: ["a"], people: {}, chosenBy };
  const { result, full } = await withChangedRun(run, async (environment) => {
    Object.assign(process.env, environment);
    try {
      return await project.run("up");
    } finally {
      delete process.env[changedRunVariable];
    }
  });
  expect(full).toBe("settings changed: azureFiles");
  expect(errorsOf(result)).toEqual(["not only the changed tenants may differ: settings changed: azureFiles"]);
});
