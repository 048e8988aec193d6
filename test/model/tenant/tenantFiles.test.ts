import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { sizes } from "../../../model/tenant/sizes.ts";
import { loadTenants, readTexts } from "../../../model/tenant/tenantFiles.ts";
import { formatProblem, sortProblems } from "../../../model/text/problems.ts";
import { readYaml, tenantFile } from "../../support/project.ts";
import { cannotRead } from "../../support/unreadable.ts";

const defaults = { size: "small", kubernetes: "1.35", expose: "internal", sizes } as const;

/** Loads tenant files as they would stand in tenants/test/; returns the tenants, or the problems as they are printed. */
function load(files: Readonly<Record<string, string>>) {
  const root = mkdtempSync(join(tmpdir(), "tenants-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    const path = join(root, "tenants/test", name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  const { tenants, problems } = loadTenants(root, "test", defaults);
  if (problems.length === 0) return [...tenants];
  return sortProblems(problems).map((problem) => formatProblem(problem).replaceAll("tenants/test/", ""));
}

describe("a tenant file", () => {
  test("of two lines gets every default", () => {
    expect(load({ "ml.yaml": tenantFile() })).toEqual([
      {
        name: "ml",
        owner: "team@contoso.com",
        purpose: "a test",
        size: "small",
        resources: sizes.small,
        kubernetes: "1.35",
        namespace: "ml",
        access: { admins: [], developers: [], viewers: [] },
        hostRole: "none",
        expose: "internal",
        allowedCidrs: [],
        store: "sqlite",
        channel: "default",
        bootstrap: [],
        dataOnRemoval: "delete",
        lifecycle: "active",
      },
    ]);
  });

  test("names people by user principal name, group or object id", () => {
    const access = `access:
  admins: [{ user: Dev@contoso.com, name: the lead }]
  developers: [{ group: ML Leads }, { servicePrincipal: 9C3B7D54-6A1E-4F52-8A94-1E5F7B2D6C03 }]`;
    expect(load({ "ml.yaml": tenantFile(access) })).toMatchObject([
      {
        access: {
          admins: [{ type: "User", id: "Dev@contoso.com" }],
          developers: [
            { type: "Group", id: "ML Leads" },
            { type: "ServicePrincipal", id: "9c3b7d54-6a1e-4f52-8a94-1e5f7b2d6c03" },
          ],
          viewers: [],
        },
      },
    ]);
  });

  test("are read in the order of their names, whatever the folder gives", () => {
    const names = (tenants: ReturnType<typeof load>) =>
      tenants.map((tenant) => (typeof tenant === "string" ? tenant : tenant.name));
    expect(names(load({ "b.yaml": tenantFile(), "a.yaml": tenantFile(), "c.yaml": tenantFile() }))).toEqual([
      "a",
      "b",
      "c",
    ]);
  });
});

describe("a wrong tenant file is refused with exactly these words:", () => {
  const table = readYaml("test/data/wrong-tenant-files.yaml") as readonly {
    what: string;
    files: Readonly<Record<string, string>>;
    says: readonly string[];
  }[];

  test("the table has every kind of mistake once", () => {
    expect(new Set(table.map(({ what }) => what)).size).toBe(table.length);
    expect(table.length).toBeGreaterThanOrEqual(60);
  });

  test.each(table)("$what", ({ files, says }) => {
    expect(load(files)).toEqual(says);
  });
});

describe("an entry of the folder that is no file of its own is refused, and nothing else suffers", () => {
  test.each([
    [
      "a link that leads nowhere",
      (path: string) => symlinkSync("nowhere", path),
      "a link that leads nowhere; put the file itself here",
    ],
    [
      "a link to itself",
      (path: string) => symlinkSync(path, path),
      "a link that leads nowhere; put the file itself here",
    ],
    [
      "a link out of the folder",
      (path: string) => symlinkSync("/etc/hostname", path),
      "a link to a file outside of the folder; put the file itself here",
    ],
    ["a folder with the name of a file", (path: string) => mkdirSync(path), "not a file; a tenant is a file of text"],
  ])("%s", (_, make, message) => {
    const root = mkdtempSync(join(tmpdir(), "tenants-"));
    onTestFinished(() => rmSync(root, { recursive: true, force: true }));
    mkdirSync(join(root, "tenants/test"), { recursive: true });
    writeFileSync(join(root, "tenants/test/a.yaml"), tenantFile());
    make(join(root, "tenants/test/b.yaml"));
    const { tenants, problems } = loadTenants(root, "test", defaults);
    expect(tenants.map(({ name }) => name)).toEqual(["a"]);
    expect(problems.map(formatProblem)).toEqual([`tenants/test/b.yaml:1:1: ${message}`]);
  });

  test.each([
    ["that nobody may read", "EACCES", "whoever runs this may not read it; let them (chmod, or chown), or remove it"],
    ["that went while it was read", "ENOENT", "it is gone since this run has begun; run it again"],
    ["on a disk that fails", "EIO", "it cannot be read (EIO: told); mend that, and run it again"],
  ])("a file %s", (_, code, message) => {
    const root = mkdtempSync(join(tmpdir(), "tenants-"));
    onTestFinished(() => rmSync(root, { recursive: true, force: true }));
    mkdirSync(join(root, "tenants/test"), { recursive: true });
    for (const name of ["a", "b"]) writeFileSync(join(root, `tenants/test/${name}.yaml`), tenantFile());
    cannotRead("b.yaml", code);
    const { tenants, problems } = loadTenants(root, "test", defaults);
    expect(tenants.map(({ name }) => name)).toEqual(["a"]);
    expect(problems.map(formatProblem)).toEqual([`tenants/test/b.yaml:1:1: ${message}`]);
    expect([...readTexts(root, "test").keys()]).toEqual(["a"]);
  });

  test("a link in place of the folder", () => {
    const root = mkdtempSync(join(tmpdir(), "tenants-"));
    onTestFinished(() => rmSync(root, { recursive: true, force: true }));
    mkdirSync(join(root, "tenants"));
    symlinkSync(tmpdir(), join(root, "tenants/test"));
    const { problems } = loadTenants(root, "test", defaults);
    expect(problems.map(formatProblem)).toEqual(["tenants/test:1:1: not a folder; a stack's tenants are files in it"]);
  });
});
