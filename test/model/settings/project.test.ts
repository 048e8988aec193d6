import { describe, expect, test } from "vitest";
import { fileOfProject, readProject } from "../../../model/settings/project.ts";
import { loadSettings, settingsOfEngine, settingsOfProject } from "../../../model/settings/settings.ts";
import { formatProblem, InputError, Refusal } from "../../../model/text/problems.ts";
import { azureSettings, TestProject } from "../../support/project.ts";
import { cannotRead } from "../../support/unreadable.ts";

describe("the settings that a stack's file says", () => {
  test.each([
    [
      "written as a person does",
      "  virtual-clusters:protect: false\n  virtual-clusters:tenantDefaults: { size: medium }\n",
    ],
    [
      "written as 'pulumi config set' does",
      `  virtual-clusters:protect: "false"\n  virtual-clusters:tenantDefaults: '{"size":"medium"}'\n`,
    ],
    ["with mistakes in them", '  virtual-clusters:protect: 7\n  virtual-clusters:environment: "prod"\n'],
    ["of no value", "  virtual-clusters:azure-rg:\n  virtual-clusters:sizes:\n"],
  ])("are to the commands what the engine hands to the program: %s", (_, lines) => {
    const { root } = new TestProject({ "Pulumi.test.yaml": azureSettings + lines });
    const project = readProject(root, "test");
    const { name, stack, config } = project;
    const [ofFile, ofEngine] = [
      loadSettings(settingsOfProject(project)),
      loadSettings(settingsOfEngine({ root, project: name, stack, config })),
    ];
    expect(ofFile.settings).toEqual(ofEngine.settings);
    expect(ofFile.tenantDefaults).toEqual(ofEngine.tenantDefaults);
    expect(ofFile.problems.map(formatProblem)).toEqual(ofEngine.problems.map(formatProblem));
  });

  test("have those of other namespaces beside them, of the project's file, too, and none with something encrypted in it", () => {
    const own = "  azure-native:location: here\n  azure-native:auth: { keys: [{ secure: v1:a }], id: b }\n";
    const project = new TestProject({ "Pulumi.test.yaml": azureSettings + own });
    project.append("Pulumi.yaml", "  azure-native:tenantId: { value: t }\n  azure-native:environment: public\n");
    const { config } = readProject(project.root, "test");
    expect(Object.fromEntries(Object.entries(config).filter(([key]) => key.startsWith("azure-native:")))).toEqual({
      "azure-native:environment": "public",
      "azure-native:location": "here",
      "azure-native:tenantId": "t",
    });
  });

  test("are asked for by a stack's name: what is near is suggested, and what there is is listed", () => {
    const { root } = new TestProject({ "Pulumi.prod.yaml": azureSettings, "Pulumi.test.yaml": azureSettings });
    const asked = (stack: string) => () => readProject(root, stack);
    expect(asked("tset")).toThrow(new Refusal("no stack 'tset', did you mean 'test'? there are prod, test"));
    expect(asked("staging")).toThrow(new Refusal("no stack 'staging': there are prod, test"));
    expect(() => readProject("/nowhere", "test")).toThrow(
      new Refusal("/nowhere is no Pulumi project: Pulumi.yaml is not there"),
    );
  });
});

test("a file of settings or of waivers that cannot be read is a problem like any other", () => {
  const { root } = new TestProject({ "Pulumi.test.yaml": "config: {}\n", "waivers/test.yaml": "[]\n" });
  for (const file of ["Pulumi.test.yaml", "waivers/test.yaml"]) {
    cannotRead(file, "EACCES");
    const read = file.startsWith("waivers") ? () => fileOfProject(root, file) : () => readProject(root, "test");
    expect(read).toThrow(
      new InputError([
        {
          location: { file, line: 1, column: 1 },
          message: "whoever runs this may not read it; let them (chmod, or chown), or remove it",
        },
      ]),
    );
  }
});
