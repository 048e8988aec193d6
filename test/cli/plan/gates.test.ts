import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { committedFile } from "../../../cli/gitTree.ts";
import { planExitCode } from "../../../cli/plan/exitCode.ts";
import { gate, gatekeeper, ownGatekeeper } from "../../../cli/plan/gatekeeper.ts";
import { changedRuling, noRuling } from "../../../cli/plan/ruling.ts";
import { strayWaiversOf } from "../../../cli/waivers.ts";
import type { Ungated } from "../../../model/plan/gates.ts";
import type { Step } from "../../../model/plan/steps.ts";
import { ours, plain } from "../../../model/plan/words.ts";
import { gatesSchema } from "../../../model/settings/gates.ts";
import { formatProblem } from "../../../model/text/problems.ts";
import { runCommand } from "../../support/command.ts";
import { committed } from "../../support/committed.ts";
import { TestProject, tenantFile } from "../../support/project.ts";

const today = "2026-12-01";

/** A tree of files, of which nothing is linked to the repository. */
function tree(files: Readonly<Record<string, string>>): string {
  const project = new TestProject({});
  for (const link of ["index.ts", "package.json", "node_modules", "Pulumi.yaml"]) project.remove(link);
  for (const [path, text] of Object.entries(files)) project.write(path, text);
  return project.root;
}

const untold: Ungated = {
  stack: "dev",
  headline: ours("nothing"),
  changes: false,
  failures: [],
  rehearsed: true,
  alarms: [],
  settings: [],
  shared: [],
  people: [],
  tenants: [],
  untouched: [],
  unread: [],
  warnings: [],
  warningsGone: 0,
  room: [],
  cost: undefined,
};
const group = {
  urn: "group",
  type: "azure-native:resources:ResourceGroup",
  name: "host-group",
  protect: false,
  retain: false,
  inputs: {},
};
const deletion: Step = { op: "delete", before: group };
const gated = (waivers = "") => ({
  steps: [deletion],
  limits: gatesSchema.parse({}),
  waivers: { counting: waivers === "" ? undefined : Buffer.from(waivers), written: undefined },
});

describe("a change of the program, of its rules, or of whose they are", () => {
  const both = { "index.ts": "1", "README.md": "1", "tenants/dev/a.yaml": "1", "sandbox/directory.yaml": "1" };

  test("is told by the files that rule over changes, and by no other", () => {
    const base = tree(both);
    const head = tree({
      ...both,
      "README.md": "2",
      "tenants/dev/a.yaml": "2",
      "sandbox/directory.yaml": "2",
      "policy/rules/more.ts": "1",
      "cli/plan.ts": "1",
      "package-lock.json": "{}",
      ".github/CODEOWNERS": "* @everybody",
      ".github/workflows/deploy.yml": "on: push",
    });
    const { files, fingerprint } = changedRuling(base, head);
    expect(files).toEqual([
      ".github/CODEOWNERS",
      ".github/workflows/deploy.yml",
      "cli/plan.ts",
      "package-lock.json",
      "policy/rules/more.ts",
    ]);
    expect(changedRuling(base, base).files).toEqual([]);
    writeFileSync(join(head, "cli/plan.ts"), "2");
    expect(changedRuling(base, head).fingerprint).not.toBe(fingerprint);
  });

  test("needs a waiver that names exactly this change", async () => {
    const [base, head] = [tree(both), tree({ ...both, "index.ts": "2" })];
    const ruling = changedRuling(base, head);
    const keeper = await gatekeeper(base, ruling, today);
    const target = `program ${ruling.fingerprint}`;
    const gates = (waived: string, elsewhere = "") => {
      const { waivers, ...rest } = gated(waived);
      const counting = { ...waivers, elsewhere: [undefined, Buffer.from(elsewhere)] };
      const plan = gate(keeper, untold, { ...rest, waivers: counting, steps: [] });
      return [planExitCode([plan]), ...plan.gates.needed.map((finding) => `${finding.rule} ${finding.target}`)];
    };
    const waiver = (of: string) =>
      `- rule: program-change\n  target: ${of}\n  who: platform@contoso.com\n  why: read line by line\n  until: 2026-12-02\n`;
    expect(gates("")).toEqual([3, `program-change ${target}`]);
    expect(gates(waiver("program 0123456789ab"))).toEqual([3, `program-change ${target}`]);
    expect(gates(waiver(target))).toEqual([0]);
    // One is enough for all stacks.
    expect(gates("", waiver(target))).toEqual([0]);
  });

  test("lets nothing of another stack's waivers count but what they say of the program", async () => {
    const keeper = await gatekeeper(tree(both), noRuling, today);
    const elsewhere = [
      Buffer.from(
        '- rule: host-lost\n  target: "*"\n  who: platform@contoso.com\n  why: it is to be moved\n  until: 2026-12-02\n',
      ),
    ];
    const { waivers, ...rest } = gated();
    const { gates } = gate(keeper, untold, { ...rest, waivers: { ...waivers, elsewhere } });
    expect(gates.needed.map(({ rule }) => rule)).toEqual(["host-lost"]);
  });

  test("is judged by the rules of the base, too: one that it deletes still holds for it", async () => {
    const judge = `export const ruleIds = ["no-deletion"];
export const judge = ({ steps }) => steps.filter(({ op }) => op === "delete")
  .map(({ before }) => ({ rule: "no-deletion", target: before.name, why: ["nothing is deleted here"] }));`;
    const [base, head] = [
      tree({ "policy/judge.ts": judge }),
      tree({ "policy/judge.ts": "export const judge = () => [];" }),
    ];
    const keeper = await gatekeeper(base, changedRuling(base, head), today);
    const { gates, headline } = gate(keeper, untold, gated());
    expect(gates.needed.map(({ rule, target }) => [rule, target])).toEqual([
      ["program-change", expect.stringMatching(/^program [0-9a-f]{12}$/)],
      ["host-lost", "ResourceGroup host-group"],
      ["no-deletion", "host-group"],
    ]);
    expect(gates.notes.map(plain)).toEqual([
      "By the base's rules alone, which this change takes away or weakens: no-deletion (host-group).",
    ]);
    expect(plain(headline)).toBe("NEEDS A WAIVER (program-change, host-lost and no-deletion); nothing");
  });

  test("is judged by its own rules alone where those of the base cannot be run, which is said", async () => {
    const [base, head] = [tree({ "policy/judge.ts": "throw new Error('not today')" }), tree({})];
    const keeper = await gatekeeper(base, changedRuling(base, head), today);
    expect(gate(keeper, untold, gated()).gates.notes.map(plain)).toEqual([
      "The base's own rules cannot be run, and were not asked: not today.",
    ]);
  });
});

test("a stack is judged as production where either side says so", () => {
  const free = { ...group, type: "azure-native:containerservice:ManagedCluster", inputs: { sku: { tier: "Free" } } };
  const before = { settings: { environment: "production" } } as never;
  const rules = (side: { readonly before?: never }) =>
    gate(ownGatekeeper(today), untold, {
      ...gated(),
      ...side,
      steps: [{ op: "update", before: { ...free, inputs: { sku: { tier: "Standard" } } }, after: free }],
    }).gates.needed.map(({ rule }) => rule);
  expect(rules({ before })).toEqual(["free-tier"]);
  expect(rules({})).toEqual([]);
});

/** A project in a git repository whose commit `base` has it as it is. */
function repositoryOf(files: Readonly<Record<string, string>>) {
  const project = new TestProject({
    "Pulumi.test.yaml": "config: { virtual-clusters:existingCluster: { name: kind } }\n",
    ".gitignore": "node_modules\n",
    ...files,
  });
  const git = committed(project);
  git("tag", "base");
  return Object.assign(project, { git });
}

const waiver = (until = "2099-12-31") =>
  `- rule: data-lost\n  target: tenant gone\n  who: platform@contoso.com\n  why: the team has left\n  until: ${until}\n`;

describe("tenants plan", () => {
  test("ends with 3 where a waiver is needed, which the same change cannot bring", async () => {
    const project = repositoryOf({ "tenants/test/gone.yaml": tenantFile("expose: none", "lifecycle: offboarding") });
    const plan = () => runCommand("cli/tenants.ts", ["plan", "--base", "base"], { cwd: project.root });
    project.remove("tenants/test/gone.yaml");
    project.write("waivers/test.yaml", waiver());
    const early = await plan();
    expect(early.code).toBe(3);
    expect(early.stdout).toContain("NEEDS A WAIVER (data-lost); A WAIVER FOR LATER CHANGES");
    expect(early.stdout.replaceAll(/\s+/g, " ")).toContain(
      "The waiver of data-lost (tenant gone) does not count yet: it has to be merged before, by a change of its own.",
    );
  });

  test("ends with 2 where a waiver holds no more, and `check` with 1", async () => {
    const project = repositoryOf({
      "tenants/test/a.yaml": tenantFile("expose: none"),
      "waivers/test.yaml": waiver("2020-01-31"),
    });
    project.write("waivers/tset.yaml", "");
    const run = (...args: string[]) => runCommand("cli/tenants.ts", args, { cwd: project.root });
    const told = await run("plan", "--base", "base");
    const lines = told.stdout.replaceAll(/\n +/g, " ");
    expect([told.code, lines.split("\n")[0]]).toEqual([
      2,
      "test: WAIVERS TO MEND; 0 tenants changed, 1 untouched; nothing restarts | tset: WAIVERS TO MEND; no such stack",
    ]);
    expect(lines).toContain(
      "waivers/tset.yaml:1:1: waivers of no stack: 'tset' is none, did you mean 'test'? name the file after a stack, <stack>.yaml, or remove it",
    );
    project.git("add", "--all");
    project.git("commit", "--quiet", "--message", "a slip");
    project.remove("waivers/tset.yaml");
    project.write("waivers/test.yaml", "");
    const mended = await run("plan", "--base", "HEAD");
    expect([mended.code, mended.stdout.replaceAll(/\n +/g, " ").split("\n")[0]]).toEqual([
      0,
      "test: 1 problem of waivers gone; 0 tenants changed, 1 untouched; nothing restarts | tset: 1 problem of waivers gone; no such stack",
    ]);
    project.write("waivers/test.yaml", waiver("2020-01-31"));
    project.write("waivers/tset.yaml", "");
    const { code, stdout } = await run("check");
    expect(code).toBe(1);
    expect(stdout.split("\n").slice(0, 2)).toEqual([
      "error: waivers/test.yaml:5:10: 'until' is 2020-01-31, and today is 2026-08-21: the waiver holds no more. Remove it, or set another day",
      "error: waivers/tset.yaml:1:1: waivers of no stack: 'tset' is none, did you mean 'test'? name the file after a stack, <stack>.yaml, or remove it",
    ]);
  });
});

test("a deployment reads waivers as they are committed; without a repository, as they are", () => {
  const project = repositoryOf({ "waivers/test.yaml": "old" });
  project.write("waivers/test.yaml", "new");
  expect(String(committedFile(project.root, "waivers/test.yaml"))).toBe("old");
  expect(committedFile(project.root, "waivers/dev.yaml")).toBeUndefined();
  const plainFolder = tree({ "waivers/test.yaml": "new" });
  expect(String(committedFile(plainFolder, "waivers/test.yaml"))).toBe("new");
});

test("a file of waivers with another ending counts for nothing, and says where they stand", () => {
  const root = tree({ "waivers/dev.yml": "", "waivers/dev.yaml": "" });
  expect(strayWaiversOf(root, "dev", ["dev"]).map(formatProblem)).toEqual([
    "waivers/dev.yml:1:1: nothing here counts: the waivers of 'dev' stand in waivers/dev.yaml. Put these there, and remove this file",
  ]);
  expect(strayWaiversOf(root, "prod", ["dev"])).toEqual([]);
});
