import { describe, expect, test } from "vitest";
import { harmless } from "../../../cli/plan/harmless.ts";
import { planJson } from "../../../cli/plan/json.ts";
import { maxComment, planMarkdown } from "../../../cli/plan/markdown.ts";
import { planText } from "../../../cli/plan/text.ts";
import { type Ungated, withGates } from "../../../model/plan/gates.ts";
import type { Plan, StackPlan } from "../../../model/plan/plan.ts";
import { type Side, stackPlan } from "../../../model/plan/stackPlan.ts";
import { settingsSchema } from "../../../model/settings/settingsSchema.ts";
import { sizes } from "../../../model/tenant/sizes.ts";
import { completeTenant, type TenantFile, tenantFileSchema } from "../../../model/tenant/tenantSchema.ts";
import { openGates } from "../../support/pages.ts";

const defaults = { size: "small", kubernetes: "1.35", expose: "internal", sizes } as const;

const file = tenantFileSchema().parse({ owner: "team@contoso.com", purpose: "a test" });

function side(files: Readonly<Record<string, Partial<TenantFile>>>, settings: object = {}): Side {
  const tenants = Object.entries(files).map(([name, fields]) => {
    return completeTenant(name, { ...file, ...fields }, defaults);
  });
  return {
    settings: settingsSchema.parse({ existingCluster: { name: "kind" }, ...settings }),
    tenantDefaults: defaults,
    tenants,
    unread: [],
    texts: new Map(Object.entries(files).map(([name, fields]) => [name, JSON.stringify(fields)])),
    labels: new Map(),
    warnings: [],
  };
}

function planOf(before: Side, after: Side): Plan {
  const stack = stackPlan({ stack: "test", before, after, failures: [] });
  return { base: "origin/main", program: { files: [], ownPackages: false, ruling: [] }, stacks: [ungated(stack)] };
}

/** A plan that no gate is in the way of. */
function ungated(stack: Ungated): StackPlan {
  return withGates(stack, openGates);
}

const text = (plan: Plan) => planText(plan, { width: 80, paint: (_, line) => line });

describe("what somebody wrote into a file", () => {
  const hostile = [
    "| a | b | <img src=x onerror=alert(1)> </details>",
    "@everyone #1 https://example.com **bold** _it_ [link](https://example.com)",
    "::error file=x::stop ##[group]x ##vso[task.setvariable variable=x]y",
    "\u001b[31mred\u001b[0m \u202e \u200b ```\n````\n# heading\n- item",
    "`` ` ```` a",
    "x".repeat(100_000),
    `${"y ".repeat(50_000)}::warning::z`,
    "",
    "`",
    " padded ",
  ];
  const planWith = (value: string) =>
    planOf(
      side({ a: {} }),
      side({ a: { purpose: value, bootstrap: [] } }, { vcluster: { helmValues: { note: value } } }),
    );

  test.each(hostile)("changes nothing but its own cells in markdown: %j", (value) => {
    const [plain, odd] = [planMarkdown(planWith("plain")), planMarkdown(planWith(value))];
    const [lines, oddLines] = [plain.split("\n"), odd.split("\n")];
    expect(oddLines.length).toBe(lines.length);
    const differing = oddLines.filter((line, i) => line !== lines[i]);
    expect(differing.every((line) => /^\| `+ ?(purpose|vcluster\.helmValues)/.test(line))).toBe(true);
    // Outside of code spans, the line is what it is with a plain value.
    for (const line of differing) expect(withoutCode(line)).toBe(withoutCode(lines[oddLines.indexOf(line)] ?? ""));
  });

  test.each(hostile)("is no command, no escape and no line of its own in text: %j", (value) => {
    const printed = text(planWith(value));
    expect(printed).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]/u);
    for (const line of printed.split("\n")) {
      expect(line.trimStart()).not.toMatch(/^::|##\[|##vso/);
      expect([...line].length).toBeLessThanOrEqual(80);
    }
    expect(printed.length).toBeLessThan(3000);
  });

  test.each(hostile)("is whole and harmless in JSON: %j", (value) => {
    const printed = planJson(planWith(value));
    expect(printed).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]|##\[|##vso/u);
    expect(printed.split("\n").filter((line) => /^\s*::/.test(line))).toEqual([]);
    const { stacks } = JSON.parse(printed) as { stacks: { tenants: { fields: { path: string; to: string }[] }[] }[] };
    expect(stacks[0]?.tenants[0]?.fields.find(({ path }) => path === "purpose")?.to).toBe(value);
  });

  test("is cut where it is long, and how long it is is said; an error is told to its end", () => {
    expect(harmless({ value: "x".repeat(1000) })).toBe(`${"x".repeat(120)}… (1000 characters)`);
    expect(harmless({ value: "x".repeat(1000), whole: true })).toBe("x".repeat(1000));
  });
});

/** A line with the contents of its code spans left out, as GitHub reads them: a run of backticks ends at one as long. */
function withoutCode(line: string): string {
  return line.replaceAll(/(?<!`)(`+)(?!`)(.*?)(?<!`)\1(?!`)/g, "code");
}

describe("a plan of many tenants", () => {
  const many = (count: number, purpose: (i: number) => string) =>
    side(Object.fromEntries(Array.from({ length: count }, (_, i) => [`t${i}`, { purpose: purpose(i) }])));

  test.each([100, 500, 2000])("fits a comment on GitHub: %i", (count) => {
    const plan = planOf(
      many(count, () => "before"),
      many(count, (i) => `after ${i} ${"z".repeat(90)}`),
    );
    const markdown = planMarkdown(plan);
    expect(markdown.length).toBeLessThanOrEqual(maxComment);
    expect(markdown.split("\n")[0]).toContain(`${count} tenants changed`);
    if (count > 100) expect(markdown).toMatch(/And \d+ other tenants: /);
  });

  test("tells what happens alike once", () => {
    const plan = planOf(
      many(300, () => "before"),
      many(300, () => "after"),
    );
    const [stack] = plan.stacks;
    expect(stack?.tenants.map(({ alike }) => alike.length)).toEqual([299]);
    expect(text(plan)).toContain(
      "\n  ~ t0, t1, t10, t100, t101, t102, t103, t104, t105, t106, t107 and 289 more:\n    changed\n",
    );
  });
});

test("a field that no phrase knows is told from and to", () => {
  const [before, after] = [side({ a: {} }), side({ a: {} })];
  const odd = after.tenants.map((tenant) => ({ ...tenant, sleep: { at: "18:00" } }));
  const [stack] = planOf(before, { ...after, tenants: odd }).stacks;
  expect(stack?.tenants[0]?.fields).toEqual([{ path: "sleep", to: '{"at":"18:00"}', consequences: [] }]);
});

/** A resource as an engine has it. */
const resource = (urn: string, type: string, fields: object = {}) => ({
  urn,
  type,
  name: urn,
  protect: true,
  retain: false,
  inputs: {},
  ...fields,
});
const component = resource("a", "virtual-clusters:index:Tenant");

test("a program that changes and another chart are told with whose program ran, and both versions", () => {
  const release = (version: string) =>
    resource("a-vcluster", "kubernetes:helm.sh/v3:Release", { parent: "a", inputs: { chart: "vcluster", version } });
  const steps = [
    { op: "same" as const, before: component, after: component },
    { op: "update" as const, before: release("0.36.1"), after: release("0.37.0") },
  ];
  const stack = stackPlan({ stack: "test", before: side({ a: {} }), after: side({ a: {} }), steps, failures: [] });
  const plan: Plan = {
    base: "origin/main",
    program: { files: ["index.ts"], ownPackages: true, ruling: [] },
    stacks: [ungated(stack)],
  };
  expect(text(plan).split("\n").slice(0, 12)).toEqual([
    "test: 1 tenant changed (a), 0 untouched; 1 control plane restarts (a)",
    "The program itself changes: 1 file (index.ts). origin/main was deployed by its",
    "  own program, with the packages of its own lock file.",
    "",
    "stack test",
    "",
    "  ~ a: changed by the stack's settings or program; its file is the same",
    "    (team@contoso.com)",
    "    control plane: restarts: its API server is away for about a minute; pods",
    "      that run go on",
    "    engine: ~ Release (version: 0.36.1 -> 0.37.0)",
    "",
  ]);
});

test("a cluster that is replaced takes every tenant's data with it, though each of them is only updated", () => {
  const cluster = (location: string) =>
    resource("host", "azure-native:containerservice:ManagedCluster", { inputs: { location } });
  const namespace = resource("a-namespace", "kubernetes:core/v1:Namespace", { parent: "a" });
  const steps = [
    { op: "replace" as const, before: cluster("westeurope"), after: cluster("northeurope") },
    { op: "same" as const, before: component, after: component },
    { op: "update" as const, before: namespace, after: namespace },
  ];
  const both = side({ a: {}, b: {} });
  const stack = stackPlan({ stack: "test", before: both, after: both, steps, failures: [] });
  const plan: Plan = {
    base: "origin/main",
    program: { files: [], ownPackages: false, ruling: [] },
    stacks: [ungated(stack)],
  };
  expect(text(plan).split("\n").slice(0, 19)).toEqual([
    "test: MANAGED CLUSTER REPLACED; DATA LOST (a and b); 2 tenants changed (a and",
    "  b), 0 untouched; reaches all 2 tenants; 2 control planes begin anew (a and b)",
    "",
    "stack test",
    "  !! ManagedCluster host, which all tenants share, is replaced, and every",
    "    tenant's data with it.",
    "  !! The data of a and b is lost for good.",
    "  ! This changes all 2 tenants of the stack.",
    "",
    "  shared by all tenants",
    "    ± ManagedCluster host",
    "      location: westeurope -> northeurope",
    "",
    "  ~ a and b: changed by the stack's settings or program; their files are the",
    "    same",
    "    control plane: begins anew, empty, on another cluster",
    "    data: lost with the cluster that it lives on",
    "",
    "Compared with origin/main by the sandbox's engine, with no account: what is",
  ]);
});
