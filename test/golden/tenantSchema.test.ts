import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { schemaProblems, writeSchemas } from "../../cli/schemas.ts";
import { readStack, stacksOf } from "../../cli/stacks.ts";
import { builtInSizes } from "../../model/tenant/sizes.ts";
import { tenantJsonSchema } from "../../model/tenant/tenantJsonSchema.ts";
import { formatProblem } from "../../model/text/problems.ts";
import { expectGolden } from "../support/golden.ts";
import { repository, TestProject } from "../support/project.ts";

describe("the JSON Schema of tenant files", () => {
  const text = tenantJsonSchema(builtInSizes);

  test("is as it is committed", () => {
    expectGolden("tenants", new Map([["schema.json", text]]));
  });

  test("describes every field, with an example and, where there is one, its default", () => {
    const { properties } = JSON.parse(text) as {
      properties: Record<string, { description?: string; examples?: unknown[] }>;
    };
    const lacking = Object.entries(properties).filter(([, field]) => !field.description || !field.examples?.length);
    expect(lacking).toEqual([]);
    expect(Object.entries(properties).flatMap(([name, field]) => ("default" in field ? [name] : []))).toEqual([
      "store",
      "channel",
      "hostRole",
      "allowedCidrs",
      "bootstrap",
      "lifecycle",
      "dataOnRemoval",
    ]);
  });
});

describe("tenants/schema.json", () => {
  const problemsOf = ({ root }: TestProject) =>
    schemaProblems(
      root,
      stacksOf(root).map((stack) => readStack(root, stack)),
    ).map(formatProblem);

  test("is missed by nobody, and `check` warns where it has not the sizes of every stack", () => {
    const project = TestProject.ofFixture("sandbox", { folder: join(repository, "test/fixtures/company") });
    expect(problemsOf(project)).toEqual([]);
    project.write("tenants/schema.json", tenantJsonSchema(builtInSizes));
    expect(problemsOf(project)).toEqual([
      "tenants/schema.json:1:1: editors would complete and check files by what is no longer so: npm run tenants -- schema",
    ]);
    writeSchemas(project.root);
    expect(problemsOf(project)).toEqual([]);
  });

  test("has a stack's own sizes also where another of its settings is wrong", () => {
    const project = TestProject.ofFixture("sandbox", { folder: join(repository, "test/fixtures/company") });
    writeSchemas(project.root);
    project.append("Pulumi.sandbox.yaml", "  virtual-clusters:enviroment: production\n");
    expect(problemsOf(project)).toEqual([]);
  });
});
