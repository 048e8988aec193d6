import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { parseSync } from "oxc-parser";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { azureRoles, networkContributor } from "../model/access/roles.ts";
import { settingsSchema } from "../model/settings/settingsSchema.ts";
import { readYaml, repository } from "./support/project.ts";

/** The rooms of the model, each after those that it may import from. */
const modelRooms = [
  "text",
  "facts",
  "tenant",
  "access",
  "chart",
  "settings",
  "deploy",
  "recovery",
  "rules",
  "plan",
  "report",
].map((name) => `model/${name}`);

/** What each room may import of the project's own, besides itself. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  "index.ts": ["components", ...modelRooms],
  components: modelRooms,
  ...Object.fromEntries(modelRooms.map((name, i) => [name, modelRooms.slice(0, i)])),
  // Rules are asked by whoever deploys; they know of none of them.
  policy: modelRooms,
  "policy/pack": [...modelRooms, "policy"],
  console: modelRooms,
  cli: [...modelRooms, "console", "policy"],
  sandbox: [...modelRooms, "console", "policy"],
};

/** Imports of single files that their rooms may not have: docs/decisions/0014, 0018 and 0021. */
const doors: Readonly<Record<string, readonly string[]>> = {
  "cli/plan/embeddedEngine.ts": ["sandbox/rehearsal.ts"],
  "sandbox/main.ts": ["cli/report.ts", "cli/plan/text.ts"],
};

/** Packages that a room may not touch. */
const forbidden = (from: string) =>
  from.startsWith("model/") || ["cli", "console", "policy"].includes(from) ? /^@pulumi\// : undefined;

/** The folder that tells what a file may touch; in the model one level deeper. */
const room = (file: string) =>
  file
    .split("/")
    .slice(0, /^(model|policy\/pack)\//.test(file) ? 2 : 1)
    .join("/");
const files = globSync(["index.ts", "{components,model,console,cli,policy,sandbox}/**/*.ts"], { cwd: repository });

/** Every import of a file: its own files as paths from the repository, packages by their name. */
function importsOf(file: string): string[] {
  const source = readFileSync(join(repository, file), "utf8");
  const { staticImports, staticExports, dynamicImports } = parseSync(file, source).module;
  const names = [
    ...staticImports.map(({ moduleRequest }) => moduleRequest.value),
    ...staticExports.flatMap(({ entries }) => entries.flatMap(({ moduleRequest }) => moduleRequest?.value ?? [])),
    ...dynamicImports.flatMap(
      ({ moduleRequest: { start, end } }) => /^"(.+)"$/.exec(source.slice(start, end))?.[1] ?? [],
    ),
  ];
  return names.map((name) =>
    name.startsWith(".") ? relative(repository, join(repository, dirname(file), name)) : name,
  );
}

/** The imports that a file may not have: from a room above its own, from the tests, or of a forbidden package. */
function wrongImports(file: string, imports: readonly string[]): string[] {
  const from = room(file);
  return imports.filter((name) => {
    if (forbidden(from)?.test(name)) return true;
    if (doors[file]?.includes(name)) return false;
    const to = room(name);
    const isOwn = existsSync(join(repository, to)) && name.endsWith(".ts");
    return isOwn && to !== from && !allowed[from]?.includes(to);
  });
}

describe("the project's layout", () => {
  test("has files to check in every room", () => {
    expect([...new Set(files.map(room))].sort()).toEqual(Object.keys(allowed).sort());
  });

  test.each(files)("%s imports in one direction", (file) => {
    expect(wrongImports(file, importsOf(file))).toEqual([]);
  });

  test("is described room by room in docs/architecture.md, in the order of their imports", () => {
    const text = readFileSync(join(repository, "docs/architecture.md"), "utf8");
    expect([...text.matchAll(/^\| `(\w+)\/` /gm)].map(([, name]) => `model/${name}`)).toEqual(modelRooms);
  });

  test("finds imports that go the wrong way", () => {
    const outside = ["sandbox/sandbox.ts", "test/support/project.ts", "@pulumi/pulumi"];
    const imports = [...outside, "yaml", "model/access/scopes.ts", "model/rules/rules.ts"];
    expect(wrongImports("model/access/x.ts", imports)).toEqual([...outside, "model/rules/rules.ts"]);
    expect(wrongImports("components/x.ts", imports)).toEqual(outside.slice(0, 2));
    expect(importsOf("sandbox/sandbox.ts")).toContain("model/chart/chartSchema.ts");
  });
});

/** All files that a file imports, and theirs; what is not one of the project's own is a name. */
function allImports(file: string, found = new Set<string>()): Set<string> {
  if (found.has(file)) return found;
  found.add(file);
  for (const name of importsOf(file)) {
    if (name.endsWith(".ts")) allImports(name, found);
    else found.add(name);
  }
  return found;
}

test("the program loads of Azure's, Entra ID's and Kubernetes' packages the files of the resources that it registers", () => {
  const names = files.filter((file) => room(file) === "components").flatMap(importsOf);
  const loaded = names.filter((name) => /^@pulumi\/(azure-native|azuread|kubernetes)/.test(name));
  expect(loaded).toContain("@pulumi/kubernetes/core/v1/namespace.js");
  expect(loaded.filter((name) => !/\/\w+\.js$/.test(name) || name.endsWith("/index.js"))).toEqual([]);
});

test("what pipelines run with a token that may write needs no package", () => {
  const packages = (file: string) => [...allImports(file)].filter((name) => !/\.ts$|^node:/.test(name));
  expect(packages("cli/ci/run/main.ts")).toEqual([]);
  expect(packages("cli/tenants.ts")).toContain("zod");
});

describe("rights", () => {
  const sources = files.map((file) => [file, readFileSync(join(repository, file), "utf8")] as const);
  const filesWith = (text: RegExp) => sources.flatMap(([file, source]) => (text.test(source) ? [file] : []));

  test("are granted by what model/roles computes, and registered in two places", () => {
    const roleIds = [...Object.values(azureRoles), networkContributor].map(({ id }) => id);
    expect(filesWith(new RegExp(roleIds.join("|")))).toEqual(["model/access/roles.ts"]);
    expect(filesWith(/kind: "(Cluster)?Role(Binding)?"/)).toEqual(["model/access/roles.ts"]);
    expect(filesWith(/new [\w.]*RoleAssignment\(/)).toEqual(["components/roleAssignment.ts"]);
    expect(filesWith(/new [\w.]*(Role|RoleBinding|ClusterRole|ClusterRoleBinding)\(/)).toEqual([
      "components/hostAccess.ts",
    ]);
  });
});

describe("the root's stacks and tenants, which are the adopter's", () => {
  test.each([
    ["readFileSync", () => readFileSync(join(repository, "Pulumi.dev.yaml"))],
    ["existsSync", () => existsSync("tenants/dev/vcluster-1.yaml")],
    ["globSync", () => globSync("tenants/*/*.yaml", { cwd: repository })],
  ])("cannot be looked at by a test: %s", (_, look) => {
    expect(look).toThrow("which is the adopter's: use test/fixtures/");
  });
});

/** Every setting below the top level, as `azure.nodePool.count`, with its default. */
function* leaves(
  schema: z.ZodType,
  path: readonly string[] = [],
): Generator<{ path: readonly string[]; value: unknown }> {
  let inner: z.ZodType = schema;
  let value: unknown;
  while (inner instanceof z.ZodDefault || inner instanceof z.ZodPrefault || inner instanceof z.ZodOptional) {
    if (inner instanceof z.ZodDefault) value = inner.def.defaultValue;
    inner = inner.def.innerType as z.ZodType;
  }
  if (inner instanceof z.ZodObject) {
    for (const [key, child] of Object.entries(inner.shape as Record<string, z.ZodType>))
      yield* leaves(child, [...path, key]);
  } else yield { path, value };
}

describe("Pulumi.yaml", () => {
  const { config } = readYaml("Pulumi.yaml") as { config: Record<string, { default: unknown; description: string }> };

  test("declares every top-level setting", () => {
    expect(Object.keys(config)).toEqual(Object.keys(settingsSchema.shape));
  });

  test.each([...leaves(settingsSchema)].map((leaf) => [leaf.path.join("."), leaf] as const))(
    "documents %s with its default",
    (_, { path: [top = "", ...rest], value }) => {
      const { default: given, description = "" } = config[top] ?? {};
      if (rest.length === 0) {
        expect(given).toEqual(value);
        return;
      }
      const entry = description.split(/\n(?= {2}\S)/).find((text) => text.trimStart().startsWith(`${rest.join(".")}:`));
      const text = entry?.replace(/\s+/g, " ") ?? "";
      expect(text).toContain(value === undefined ? "Required." : `Default ${written(value)}.`);
    },
  );
});

/** A default as the documentation writes it: a version or an empty text in quotes, anything else plain. */
function written(value: unknown): string {
  return typeof value === "string" && !/^$|^\d\.\d+$/.test(value) ? value : JSON.stringify(value);
}
