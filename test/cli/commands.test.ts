import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { digestOf } from "../../cli/chartStore.ts";
import { findPulumi } from "../../cli/pulumiCli.ts";
import { repository, TestProject, tenantFile } from "../support/project.ts";

/** Runs one of the project's commands without a terminal. */
function command(
  args: readonly string[],
  cwd = repository,
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = spawn(
      process.execPath,
      args.map((arg, i) => (i === 0 ? join(repository, arg) : arg)),
      { cwd },
    );
    const output = { stdout: "", stderr: "" };
    for (const stream of ["stdout", "stderr"] as const) {
      child[stream].on("data", (part: Buffer) => {
        output[stream] += part.toString();
      });
    }
    child.on("close", (code) => resolve({ code, ...output }));
  });
}

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "cli-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

describe("every command", () => {
  test.each(["sandbox/main.ts", "cli/chart.ts", "cli/pulumi.ts", "cli/tenants.ts"])(
    "%s explains itself",
    async (file) => {
      const { code, stdout } = await command([file, "--help"]);
      expect(code).toBe(0);
      expect(stdout).toContain("Usage:");
    },
  );

  test.each([
    [["sandbox/main.ts", "deploy"], "unknown command 'deploy'"],
    [["sandbox/main.ts", "up", "--stack", "../x"], "A stack's name has letters, digits"],
    [["cli/chart.ts", "--form", "x"], "unknown option '--form'"],
    [["cli/pulumi.ts", "up", "--ignore-protect"], "--ignore-protect would delete protected clusters"],
  ])("%j is refused with what is wrong, and fails", async (args, message) => {
    const { code, stderr } = await command(args);
    expect(code).toBe(1);
    expect(stderr).toContain(message);
  });
});

describe("npm run sandbox", () => {
  test("deploys, shows the tenants without colours or control characters, and ends with 0", async () => {
    const project = TestProject.withTenants({ ml: tenantFile("namespace: dev") });
    const { code, stdout, stderr } = await command(["sandbox/main.ts", "up", "--stack", "test", "--cwd", project.root]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^ {2}\+ create {2}Release {9}ml-vcluster$/m);
    expect(stdout).toMatch(/^ {2}6 created \(\d+\.\d s\)$/m);
    expect(stdout).toContain(
      "│ ml     │ dev       │ small │ 1.35       │ sqlite │ active    │ vcluster connect ml --namespace dev │",
    );
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be there
    expect(stdout).not.toMatch(/[\x00-\x09\x0b-\x1f]/);
  });

  test("fails with the problems of a tenant file, and no stack trace", async () => {
    const project = TestProject.withTenants({ ml: tenantFile("size: huge") });
    const { code, stderr } = await command(["sandbox/main.ts", "up", "--stack", "test", "--cwd", project.root]);
    expect(code).toBe(1);
    expect(stderr).toBe(
      "error: 1 problem to mend first; nothing was changed.\ntenants/test/ml.yaml:3:7: 'size' is 'huge': expected one of small, medium, large\n",
    );
  });

  test("tells where its own people are listed, when a tenant names somebody else", async () => {
    const project = TestProject.withTenants({ ml: tenantFile("access: { admins: [{ user: me@example.com }] }") });
    const { code, stderr } = await command(["sandbox/main.ts", "up", "--stack", "test", "--cwd", project.root]);
    expect(code).toBe(1);
    expect(stderr).toContain("user 'me@example.com'");
    expect(stderr).toContain("sandbox/directory.yaml: add yours there");
  });

  test("says where the settings of a stack should be", async () => {
    const project = TestProject.withTenants({});
    const { code, stderr } = await command(["sandbox/main.ts", "preview", "--stack", "prod", "--cwd", project.root]);
    expect(code).toBe(1);
    expect(stderr).toBe(
      `error: stack 'prod' has no settings: ${join(project.root, "Pulumi.prod.yaml")} is not there\n`,
    );
  });
});

describe("npm run tenants -- check", () => {
  const stack = (files: Record<string, string>) => TestProject.withTenants(files).root;
  const wrong = () => stack({ a: tenantFile("size: huge"), b: tenantFile('kubernetes: "1.36"', "sise: small") });

  test("finds nothing wrong with the repository's own stacks", async () => {
    const { code, stdout } = await command(["cli/tenants.ts", "check", "--format", "json"]);
    expect(code).toBe(0);
    expect((JSON.parse(stdout) as { severity: string }[]).filter(({ severity }) => severity === "error")).toEqual([]);
  });

  test("prints every problem of every file, and fails", async () => {
    const { code, stdout } = await command(["cli/tenants.ts", "check"], wrong());
    expect(code).toBe(1);
    expect(stdout).toBe(`error: tenants/test/a.yaml:3:7: 'size' is 'huge': expected one of small, medium, large
error: tenants/test/b.yaml:4:1: unknown key 'sise', did you mean 'size'? allowed: owner, purpose, size, kubernetes, namespace, store, channel, access, hostRole, expose, allowedCidrs, bootstrap, lifecycle, expires, dataOnRemoval
1 stack checked: 2 errors, 0 warnings
`);
  });

  test("prints only what is said of the files that are asked for, as GitHub's annotations where asked to", async () => {
    const { code, stdout } = await command(
      ["cli/tenants.ts", "check", "tenants/test/a.yaml", "--format", "github"],
      wrong(),
    );
    expect(code).toBe(1);
    expect(stdout).toBe(
      "::error file=tenants/test/a.yaml,line=3,col=7::'size' is 'huge': expected one of small, medium, large\n1 stack checked: 1 error, 0 warnings\n",
    );
  });

  test("tells warnings, and succeeds with them", async () => {
    const { code, stdout } = await command(["cli/tenants.ts", "check"], stack({ a: tenantFile('kubernetes: "1.36"') }));
    expect(code).toBe(0);
    expect(stdout).toContain("warning: tenants/test/a.yaml:3:13: Kubernetes 1.36 on a host of 1.35");
  });
});

describe("npm run tenants -- check --base", () => {
  const base = { a: tenantFile("store: etcd"), b: tenantFile('kubernetes: "1.34"'), c: tenantFile(), d: tenantFile() };

  /** A repository whose one commit, tagged `base`, has these tenants. */
  function history(): TestProject {
    const project = TestProject.withTenants(base);
    const git = (...args: string[]) =>
      execFileSync("git", ["-c", "user.name=test", "-c", "user.email=test@contoso.com", ...args], {
        cwd: project.root,
      });
    git("init", "--quiet");
    git("add", "Pulumi.yaml", "Pulumi.test.yaml", "tenants");
    git("commit", "--quiet", "--message", "base");
    git("tag", "base");
    return project;
  }
  const check = (project: TestProject, ...args: string[]) =>
    command(["cli/tenants.ts", "check", ...args], project.root);

  test("refuses what a deployment would refuse: a tenant that is gone, another store, a skipped minor", async () => {
    const project = history();
    project.write("tenants/test/a.yaml", tenantFile());
    project.write("tenants/test/b.yaml", tenantFile('kubernetes: "1.36"'));
    project.remove("tenants/test/c.yaml");
    const { code, stdout } = await check(project, "--base", "base", "--format", "json");
    expect(code).toBe(1);
    const found = JSON.parse(stdout) as { severity: string; file: string; message: string }[];
    const errors = found.filter(({ severity }) => severity === "error");
    expect(errors.map(({ file, message }) => `${file}: ${message.split(/[:.]/)[0]}`)).toEqual([
      "tenants/test/a.yaml: store is 'sqlite', but the tenant was made with 'etcd'",
      'tenants/test/b.yaml: kubernetes is "1',
      "tenants/test/c.yaml: the file is gone, but tenant 'c' is deployed and active (namespace 'c')",
    ]);
    expect((await check(project)).code).toBe(0);
  });

  test("can be asked of a file that is gone", async () => {
    const project = history();
    project.remove("tenants/test/c.yaml");
    const { code, stdout } = await check(project, "--base", "base", "tenants/test/c.yaml");
    expect(code).toBe(1);
    expect(stdout).toMatch(/1 stack checked: 1 error, 0 warnings/);
  });

  test("takes a tenant whose file cannot be read for what it is: broken, not gone", async () => {
    const project = history();
    project.write("tenants/test/c.yaml", tenantFile("size: huge"));
    const { stdout } = await check(project, "--base", "base", "--format", "github");
    expect(stdout.split("\n")).toContain(
      "::error file=tenants/test/c.yaml,line=3,col=7::'size' is 'huge': expected one of small, medium, large",
    );
    expect(stdout).toMatch(/1 stack checked: 1 error,/);
  });

  test("refuses to lose a whole stack", async () => {
    const project = history();
    rmSync(join(project.root, "tenants"), { recursive: true });
    project.remove("Pulumi.test.yaml");
    expect((await check(project, "--base", "base")).stdout).toMatch(/0 stacks checked: 4 errors/);
  });

  test("says what to do where git does not have the ref", async () => {
    const { code, stderr } = await check(history(), "--base", "origin/main");
    expect(code).toBe(1);
    expect(stderr).toBe(
      "error: git does not know 'origin/main' here. Fetch it first (in GitHub Actions: actions/checkout with fetch-depth: 0)\n",
    );
  });
});

describe("what cannot be checked", () => {
  test.each([
    [["tenants/test/b.yaml"], "error: no such file: tenants/test/b.yaml\n"],
    [["package.json"], "error: neither a tenant file nor a stack's settings, so nothing was checked: package.json\n"],
  ])("%j is an error, not a silent success", async (files, message) => {
    const { root } = TestProject.withTenants({ a: tenantFile() });
    const { code, stderr } = await command(["cli/tenants.ts", "check", ...files], root);
    expect([code, stderr]).toEqual([1, message]);
  });

  test("a folder of tenants without a stack's settings is an error", async () => {
    const project = TestProject.withTenants({ a: tenantFile() });
    project.write("tenants/prod/b.yaml", tenantFile());
    const { code, stdout } = await command(["cli/tenants.ts", "check"], project.root);
    expect([code, stdout]).toEqual([
      1,
      "error: Pulumi.prod.yaml:1:1: tenants/prod/ has no settings: add this file, or remove the folder\n2 stacks checked: 1 error, 0 warnings\n",
    ]);
  });
});

describe("npm run chart", () => {
  test("refuses an archive that is not the chart, and keeps nothing of it", async () => {
    const cwd = folder();
    writeFileSync(join(cwd, "other.tgz"), "no archive");
    const { code, stderr } = await command(["cli/chart.ts", "--from", "other.tgz"], cwd);
    expect(code).toBe(1);
    expect(stderr).toBe("error: other.tgz is not a chart archive (a .tgz as Helm packs it)\n");
  });

  test("compares what the chart installs, not how it was packed", () => {
    const files = (extra: Record<string, string>) =>
      new Map(
        Object.entries({ "vcluster/values.yaml": "a: 1", "vcluster/Chart.yaml": "x", ...extra }).map(([path, text]) => [
          path,
          Buffer.from(text),
        ]),
      );
    const digest = digestOf(files({}));
    expect(digestOf(files({ "vcluster/Chart.yaml": "y", "vcluster/README.md": "z" }))).toBe(digest);
    expect(digestOf(files({ "vcluster/values.yaml": "a: 2" }))).not.toBe(digest);
    expect(digestOf(files({ "vcluster/templates/extra.yaml": "" }))).not.toBe(digest);
  });
});

test("the Pulumi CLI on PATH comes before the one of the npm package", () => {
  const path = folder();
  writeFileSync(join(path, "pulumi"), "");
  expect(findPulumi(`/nowhere:${path}`)).toEqual({ command: join(path, "pulumi"), args: [] });
  expect(findPulumi("/nowhere")).toEqual({
    command: process.execPath,
    args: [join(repository, "node_modules/pulumi/run.js")],
  });
});
