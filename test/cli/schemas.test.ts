import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { writeSchemas } from "../../cli/schemas.ts";
import { stackJsonSchema, stackSchemaFile } from "../../model/settings/stackJsonSchema.ts";
import { tenantSchemaFile } from "../../model/tenant/tenantJsonSchema.ts";
import { InputError } from "../../model/text/problems.ts";
import { azureSettings, repository, TestProject } from "../support/project.ts";

const validate = new Ajv({ strict: false, allErrors: true }).compile(
  JSON.parse(stackJsonSchema("virtual-clusters")) as object,
);

/** What an editor marks in a stack's file, as "where: what". */
function marks(text: string): string[] {
  validate(parse(text));
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath}: ${message}`);
}

describe("stack.schema.json", () => {
  test("is made from the settings' schema (npm run tenants -- schema)", () => {
    expect(readFileSync(join(repository, stackSchemaFile), "utf8")).toBe(stackJsonSchema("virtual-clusters"));
  });

  test.each(["dev", "local", "sandbox"])("takes the settings of stack %s", (stack) => {
    expect(marks(readFileSync(join(repository, `test/fixtures/stacks/Pulumi.${stack}.yaml`), "utf8"))).toEqual([]);
  });

  test("takes a provider's settings and what the Pulumi CLI writes", () => {
    expect(marks(`${azureSettings}  azure-native:location: westeurope\nencryptionsalt: v1:x\n`)).toEqual([]);
  });

  test("marks an unknown setting, one that is wrong, and a key that Pulumi does not know", () => {
    expect(marks(`${azureSettings}    tier: Gold\n  virtual-clusters:protct: true\nconfg: {}\n`)).toEqual([
      ": must NOT have additional properties",
      "/config/virtual-clusters:azure/tier: must be equal to one of the allowed values",
      "/config/virtual-clusters:protct: boolean schema is false",
    ]);
  });

  test("explains every setting", () => {
    const { properties } = JSON.parse(stackJsonSchema("p")) as {
      properties: { config: { properties: Record<string, { description?: string }> } };
    };
    const settings = Object.entries(properties.config.properties);
    expect(settings.filter(([, { description }]) => description === undefined)).toEqual([]);
    expect(settings.map(([name]) => name)).toContain("p:tenantDefaults");
  });
});

describe("the sizes in tenants/schema.json", () => {
  const size =
    '{ controlPlane: { requests: { cpu: 200m, memory: 512Mi }, limits: { cpu: "1", memory: 1Gi } }, diskGi: 2, workloads: { requests: { cpu: 500m, memory: 1Gi }, limits: { cpu: "1", memory: 2Gi }, storageGi: 5, pods: 10 } }';
  const sizesOf = (project: TestProject) => {
    project.write(tenantSchemaFile, "");
    writeSchemas(project.root);
    const schema = JSON.parse(readFileSync(join(project.root, tenantSchemaFile), "utf8")) as {
      properties: { size: { enum: string[] } };
    };
    return schema.properties.size.enum;
  };

  test("are those of every stack, also where something else in its settings is wrong, or the size itself", () => {
    const sizes = `  virtual-clusters:sizes: { tiny: ${size}, huge: ${size.replace("diskGi: 2", "diskGi: two")} }\n`;
    const project = new TestProject({
      "Pulumi.test.yaml": `${azureSettings}${sizes}  virtual-clusters:protect: maybe\n`,
    });
    expect(sizesOf(project)).toEqual(["small", "medium", "large", "tiny", "huge"]);
  });

  test("are not written where a stack's settings cannot be read: some would be missing", () => {
    const project = new TestProject({ "Pulumi.test.yaml": azureSettings, "Pulumi.prod.yaml": "config: [" });
    expect(() => writeSchemas(project.root)).toThrow(InputError);
    expect(() => writeSchemas(project.root)).toThrow(
      /^1 problem to mend first; nothing was changed\.\nPulumi\.prod\.yaml:1:10: /,
    );
  });
});
