import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { formatProblem, sortProblems } from "../../model/problems.ts";
import { sizes } from "../../model/sizes.ts";
import { loadTenants } from "../../model/tenantFiles.ts";
import { tenantFile } from "../support/project.ts";

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
  return sortProblems(problems).map((problem) => formatProblem(problem).replace("tenants/test/", ""));
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

  test("is refused where nothing is in the folder but a folder", () => {
    expect(load({ "ml/ml.yaml": tenantFile() })).toEqual([
      "ml:1:1: a tenant file is named <tenant>.yaml; rename it or move it away",
    ]);
  });

  test.each([
    ["owner: team@contoso.com\n", "1:1: 'purpose' is missing: what the cluster is for, in a few words"],
    ["purpose: a test", "1:1: 'owner' is missing: the team's e-mail address"],
    [tenantFile("owner: x@y.com"), "3:1: not valid YAML: this key stands twice; remove one"],
    [tenantFile("access:\n\tadmins: []"), "4:1: not valid YAML: a tab is used for indentation; use spaces"],
    [tenantFile("---"), "3:1: not valid YAML: a second document begins here; one file is one document"],
    [
      tenantFile("sise: small"),
      "3:1: unknown key 'sise', did you mean 'size'? allowed: owner, purpose, size, kubernetes, namespace, store, channel, access, hostRole, expose, allowedCidrs, bootstrap, lifecycle, expires, dataOnRemoval",
    ],
    [
      tenantFile("size: meduim"),
      "3:7: 'size' is 'meduim', did you mean 'medium'? expected one of small, medium, large",
    ],
    [tenantFile("kubernetes: 1.36"), `3:13: 'kubernetes' is 1.36: expected one of "1.34", "1.35", "1.36", in quotes`],
    [
      tenantFile('kubernetes: "1.30"'),
      `3:13: 'kubernetes' is '1.30', did you mean '1.34'? expected one of 1.34, 1.35, 1.36`,
    ],
    [
      tenantFile("namespace: Dev_1"),
      "3:12: 'namespace' is 'Dev_1': use lower-case letters, digits and '-', starting with a letter",
    ],
    [
      tenantFile("namespace: kube-system"),
      "3:12: namespace 'kube-system' belongs to Kubernetes or AKS; choose another",
    ],
    [
      tenantFile("access: { admin: [] }"),
      "3:11: unknown key 'admin' in 'access', did you mean 'admins'? allowed: admins, developers, viewers",
    ],
    [
      tenantFile("access: { admins: [dev@contoso.com] }"),
      "3:20: 'access.admins[0]' is 'dev@contoso.com': expected { user: … }, { group: … } or { servicePrincipal: … }",
    ],
    [
      tenantFile("access: { admins: dev@contoso.com }"),
      "3:19: 'access.admins' is 'dev@contoso.com': expected a list (people and groups)",
    ],
    [
      tenantFile("access: { admins: [{ servicePrincipal: ci }] }"),
      "3:40: 'access.admins[0].servicePrincipal' is 'ci': a service principal is named by its object id",
    ],
    [tenantFile("hostRole: owner"), "3:11: 'hostRole' is 'owner': expected one of none, reader, writer, admin"],
    [
      tenantFile("expose: public"),
      "3:9: 'expose' is 'public': name the ranges that may reach it in allowedCidrs, such as [203.0.113.0/24]",
    ],
    [
      tenantFile("allowedCidrs: [203.0.113.0/24]"),
      "1:1: 'allowedCidrs' is set, but 'expose' is 'internal': the ranges hold for a public address only",
    ],
    [
      tenantFile("expose: public", "allowedCidrs: [0.0.0.0/0]"),
      "4:16: 'allowedCidrs[0]' is '0.0.0.0/0': 0.0.0.0/0 is everyone; name the ranges that need it",
    ],
    [
      tenantFile("bootstrap: [{ chart: kuberay-operator }, { chart: kuberay-operator }]"),
      `3:12: 'bootstrap' is [{"chart":"kuberay-operator"},{"chart":"kuberay-operator"}]: a chart stands twice; each can be installed once`,
    ],
    [tenantFile("size:"), "3:6: 'size' is empty: expected one of small, medium, large"],
    [
      tenantFile("purpose: !secret x").replace("purpose: a test\n", ""),
      "2:10: not valid YAML: tags (!) are not used here; write the plain value",
    ],
    [
      tenantFile("<<: { size: small }"),
      "3:1: merge keys (<<) are not used here; write the values out where they are needed",
    ],
    [tenantFile("- a"), "3:1: not valid YAML: it cannot be parsed here; check quotes, colons and indentation"],
    ["just a text", "1:1: the file holds 'just a text': expected a mapping"],
  ])("%j is refused: %s", (text, problem) => {
    expect(load({ "ml.yaml": text })).toEqual([`ml.yaml:${problem}`]);
  });

  test.each([
    [
      "Ml.yaml",
      "Ml.yaml:1:1: the file's name 'Ml' is the tenant's name: lower-case letters, digits and '-', starting with a letter",
    ],
    ["ml.yml", "ml.yml:1:1: a tenant file is named <tenant>.yaml; rename it or move it away"],
    [
      `${"m".repeat(27)}.yaml`,
      `${"m".repeat(27)}.yaml:1:1: name '${"m".repeat(27)}' and namespace '${"m".repeat(27)}' have 54 characters together; at most 52`,
    ],
  ])("named %s is refused", (name, problem) => {
    expect(load({ [name]: tenantFile() })).toEqual([problem]);
  });

  test("cannot share a namespace with another", () => {
    expect(
      load({
        "a.yaml": tenantFile("namespace: dev"),
        "b.yaml": tenantFile("namespace: dev"),
        "dev.yaml": tenantFile(),
      }),
    ).toEqual([
      "b.yaml:3:12: namespace 'dev' is already that of tenants/test/a.yaml; one virtual cluster per namespace",
      "dev.yaml:1:1: namespace 'dev' is already that of tenants/test/a.yaml; one virtual cluster per namespace",
    ]);
  });
});
