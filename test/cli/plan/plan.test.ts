import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { changedProgramFiles, prepareBase } from "../../../cli/plan/baseProgram.ts";
import type { PlanDocument } from "../../../cli/plan/planSchema.ts";
import { Refusal } from "../../../model/text/problems.ts";
import { runCommand } from "../../support/command.ts";
import { committed } from "../../support/committed.ts";
import { fakeTools } from "../../support/fakeTools.ts";
import { TestProject, tenantFile } from "../../support/project.ts";

const existing = "config: { virtual-clusters:existingCluster: { name: kind } }\n";

/** A project in a git repository whose commit `base` has it as it is; the tests change it after that. */
function repositoryOf(tenants: Readonly<Record<string, string>>) {
  const files = Object.entries(tenants).map(([name, text]) => [`tenants/test/${name}.yaml`, text]);
  const project = new TestProject({ "Pulumi.test.yaml": existing, ...Object.fromEntries(files) });
  const git = committed(project);
  git("tag", "base");
  const plan = (...args: string[]) =>
    runCommand("cli/tenants.ts", ["plan", "--base", "base", ...args], { cwd: project.root });
  const planApart = () => runCommand("cli/tenants.ts", ["plan", "--base", "base"], { cwd: project.root, apart: true });
  return Object.assign(project, { git, plan, planApart });
}

const port = (...lines: string[]) => tenantFile("expose: none", ...lines);

describe("tenants plan", () => {
  test("deploys the base in memory and previews the working tree over it, as programs of their own", async () => {
    const project = repositoryOf({ a: port(), b: port() });
    project.write("tenants/test/a.yaml", port("size: medium"));
    const { code, stdout } = await project.planApart();
    expect(stdout.split("\n")[0]).toBe("test: 1 tenant changed (a), 1 untouched; 1 control plane restarts (a)");
    expect(stdout).toContain("engine: ~ Release (");
    expect(code).toBe(0);
    expect(existsSync(join(project.root, ".sandbox"))).toBe(false);
  });

  test("refuses with 2 what the files alone show to be wrong, and tells the rest by them", async () => {
    const project = repositoryOf({ a: port(), b: port() });
    project.write("tenants/test/a.yaml", port("size: huge"));
    project.write("tenants/test/b.yaml", port("size: medium"));
    const { code, stdout } = await project.plan("--format", "json");
    expect(code).toBe(2);
    const { headline, stacks } = JSON.parse(stdout) as PlanDocument;
    expect(headline).toBe(
      "test: CANNOT BE DEPLOYED: 1 problem to mend; by the files alone; 1 tenant changed (b), 0 untouched, 1 unreadable (a)",
    );
    expect(stacks[0]?.failures).toEqual([
      {
        side: "head",
        problems: [
          {
            file: "tenants/test/a.yaml",
            line: 4,
            column: 7,
            message: "'size' is 'huge': expected one of small, medium, large",
          },
        ],
      },
    ]);
  });

  test("remembers whose data was kept, from the files that were deleted before", async () => {
    const gone = port("lifecycle: offboarding", "dataOnRemoval: keep");
    const project = repositoryOf({ a: port(), gone });
    project.remove("tenants/test/gone.yaml");
    project.git("commit", "--quiet", "--all", "--message", "remove");
    project.git("tag", "--force", "base");
    project.write("tenants/test/gone.yaml", port());
    const { code, stdout } = await project.plan("--stack", "test", "--format", "markdown");
    expect(code).toBe(2);
    expect(stdout).toContain("`tenants/test/gone.yaml:1:1`");
  });

  test("asks no engine where nothing differs", async () => {
    const { code, stdout } = await repositoryOf({ a: port() }).plan();
    expect(code).toBe(0);
    expect(stdout.split("\n")[0]).toBe("nothing changes in 1 stack: 1 tenant untouched; nothing restarts");
  });

  test("says what to do where git does not have the ref, and names the stacks that there are", async () => {
    const project = repositoryOf({ a: port() });
    expect(await project.plan("--base", "origin/main")).toMatchObject({
      code: 1,
      stderr:
        "error: git does not know 'origin/main' here. Fetch it first (in GitHub Actions: actions/checkout with fetch-depth: 0)\n",
    });
    expect((await project.plan("--stack", "tset")).stderr).toBe(
      "error: no stack 'tset', did you mean 'test'? there are test\n",
    );
  });
});

describe("the base's program", () => {
  /** Two trees with a program each. */
  function trees(base: Readonly<Record<string, string>>, head: Readonly<Record<string, string>>) {
    const program = (files: Readonly<Record<string, string>>) => {
      const project = new TestProject({});
      // Links to the repository's own.
      for (const link of ["index.ts", "package.json", "node_modules"]) project.remove(link);
      for (const [path, text] of Object.entries(files)) project.write(path, text);
      return project;
    };
    const [before, after] = [program(base), program(head)];
    mkdirSync(join(after.root, "node_modules"));
    return { base: before.root, head: after.root };
  }

  test("differs by the files that decide what is registered, and by no other", () => {
    const both = { "index.ts": "1", "model/a.ts": "1", "package.json": "{}", "README.md": "1" };
    const { base, head } = trees(both, { ...both, "model/a.ts": "2", "components/b.ts": "1", "README.md": "2" });
    expect(changedProgramFiles(base, head)).toEqual(["components/b.ts", "model/a.ts"]);
  });

  test("runs with the head's packages where the lock files are the same", () => {
    const both = { "package.json": "{}", "package-lock.json": "{}" };
    const { base, head } = trees(both, both);
    expect(prepareBase(base, head)).toEqual({ files: [], ownPackages: false });
    expect(existsSync(join(base, "node_modules"))).toBe(true);
  });

  /** Runs with an npm that answers as told. */
  function withNpm<T>(root: string, replies: Parameters<typeof fakeTools>[1][string], work: () => T): T {
    const path = process.env.PATH;
    process.env.PATH = `${fakeTools(root, { npm: replies })}:/bin:/usr/bin`;
    try {
      return work();
    } finally {
      process.env.PATH = path;
    }
  }

  test("has packages of its own where its lock file differs, installed once without scripts", () => {
    const { base, head } = trees(
      { "package.json": "{}", "package-lock.json": "old" },
      { "package.json": "{}", "package-lock.json": "new" },
    );
    const prepare = () =>
      withNpm(base, { "ci --ignore-scripts --no-audit --no-fund": "installed" }, () => prepareBase(base, head));
    expect(prepare()).toEqual({ files: ["package-lock.json"], ownPackages: true });
    const [cache = ""] = execFileSync("ls", [join(head, "node_modules/.cache/plan")], { encoding: "utf8" }).split("\n");
    expect(readFileSync(join(head, "node_modules/.cache/plan", cache, "package-lock.json"), "utf8")).toBe("old");
  });

  test("cannot run where they cannot be installed, which is said in npm's words", () => {
    const { base, head } = trees(
      { "package.json": "{}", "package-lock.json": "old" },
      { "package.json": "{}", "package-lock.json": "new" },
    );
    const failing = { "ci --ignore-scripts --no-audit --no-fund": { fails: "npm ERR! code E404" } };
    const { problem } = withNpm(base, failing, () => prepareBase(base, head));
    expect(problem).toBeInstanceOf(Refusal);
    expect(problem?.message).toBe(
      "the base's own packages, which its package-lock.json names, cannot be installed: npm ci --ignore-scripts --no-audit --no-fund: npm ERR! code E404",
    );
  });
});
