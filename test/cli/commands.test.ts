import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { digestOf } from "../../cli/chartArchive.ts";
import { takeLock } from "../../sandbox/lock.ts";
import { stackFiles } from "../../sandbox/sandbox.ts";
import { type Printed, runCommand, spawnCommand } from "../support/command.ts";
import { TestProject, tenantFile } from "../support/project.ts";

/** Runs one of the project's commands. */
const command = ([file = "", ...args]: readonly string[], cwd?: string): Promise<Printed> =>
  runCommand(file, args, { ...(cwd !== undefined && { cwd }) });

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "cli-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

describe("every command", () => {
  test.each(["sandbox/main.ts", "cli/chart.ts", "cli/pulumi.ts", "cli/tenants.ts", "cli/doctor.ts"])(
    "%s explains itself",
    async (file) => {
      const { code, stdout } = await runCommand(file, ["--help"]);
      expect(code).toBe(0);
      expect(stdout).toContain("Usage:");
    },
  );

  test.each([
    [["sandbox/main.ts", "deploy"], "unknown command 'deploy'"],
    [["sandbox/main.ts", "up", "--role-delay", "soon"], "Write a number of seconds, such as 300."],
    [["cli/doctor.ts"], "required option '-s, --stack <name>' not specified"],
    [["sandbox/main.ts", "up", "--stack", "../x"], "A stack's name has letters, digits"],
    [
      ["cli/chart.ts", "--form", "x"],
      "error: unknown option '--form', did you mean '--from'? See: npm run chart -- --help\n",
    ],
    [
      ["cli/tenants.ts", "chek"],
      "error: unknown command 'chek', did you mean 'check'? See: npm run tenants -- --help\n",
    ],
    [
      ["cli/tenants.ts", "check", "--format", "xml"],
      "error: option '--format <format>' argument 'xml' is invalid. Allowed choices are text, json, github, azure. See: npm run tenants -- check --help\n",
    ],
    [
      ["sandbox/main.ts", "up", "--stak", "x"],
      "unknown option '--stak', did you mean '--stack'? See: npm run sandbox -- up --help\n",
    ],
    [["cli/pulumi.ts", "up", "--ignore-protect"], "--ignore-protect would delete protected clusters"],
  ])("%j is refused with what is wrong, and fails", async (args, message) => {
    const [file = "", ...words] = args;
    const { code, stderr } = await runCommand(file, words);
    expect(code).toBe(1);
    expect(stderr).toContain(message);
    expect(stderr.split("\n")).toHaveLength(2);
  });

  test.each([
    [["cli/tenants.ts", "--help"], 0],
    [["cli/tenants.ts", "chek"], 1],
    [["sandbox/main.ts", "up", "--stack", "nope"], 1],
    [["sandbox/main.ts", "up", "--stack", "test"], 0],
  ])("%j prints the same and ends alike in a process of its own and in that of these tests", async (args, code) => {
    const run = async (how: typeof runCommand) => {
      const { root } = TestProject.withTenants({ ml: tenantFile("namespace: dev") });
      const [file = "", ...words] = args;
      const printed = await how(file, words, { cwd: root });
      const lines = (text: string) =>
        text
          .replace(/\d+\.\d s\b/g, "… s")
          .split("\n")
          .sort();
      return { ...printed, stdout: lines(printed.stdout), stderr: lines(printed.stderr) };
    };
    const apart = await run(spawnCommand);
    expect(apart.code).toBe(code);
    expect(await run(runCommand)).toEqual(apart);
  });

  test("for one stack says which there are, where there is no such stack", async () => {
    const { root } = TestProject.ofFixture("dev");
    const { code, stderr } = await command(["cli/doctor.ts", "--stack", "nope"], root);
    expect(code).toBe(1);
    expect(stderr).toContain("no stack 'nope': there are dev, local, network, sandbox");
  });
});

describe("npm run sandbox", () => {
  test("deploys, shows the tenants without colours or control characters, and ends with 0", async () => {
    const project = TestProject.withTenants({ ml: tenantFile("namespace: dev") });
    const { code, stdout, stderr } = await command(["sandbox/main.ts", "up", "--stack", "test", "--cwd", project.root]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^ {2}\+ create {2}Release {9}ml-vcluster$/m);
    expect(stdout).toMatch(/^ {2}33 created \(\d+\.\d s\)$/m);
    expect(stdout).toContain("\n  ml      active     small  1.35        dev        sqlite  nobody listed\n");
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

  test("tells where its own people are listed, when a tenant names somebody of theirs whom it does not know", async () => {
    const project = TestProject.withTenants({ ml: tenantFile("access: { admins: [{ user: me@contoso.com }] }") });
    const { code, stderr } = await command(["sandbox/main.ts", "up", "--stack", "test", "--cwd", project.root]);
    expect(code).toBe(1);
    expect(stderr).toContain("user 'me@contoso.com'");
    expect(stderr).toContain("sandbox/directory.yaml: add yours there");
  });

  test("runs once at a time for a stack, whatever a file of an older version says", async () => {
    const project = TestProject.withTenants({});
    const { lock } = stackFiles(project.root, project.stack);
    const up = () => command(["sandbox/main.ts", "up", "--stack", "test", "--cwd", project.root]);
    const unlock = takeLock(lock);
    const refused = await up();
    expect([refused.code, refused.stderr]).toEqual([
      1,
      `error: another run of stack 'test' is under way on the sandbox: it holds ${lock}. Wait for its end, or stop it: a process that is gone holds nothing\n`,
    ]);
    unlock?.();
    project.write(".sandbox/test/lock", String(process.pid));
    expect((await up()).code).toBe(0);
  });

  test.each([
    [
      "state.json",
      "the sandbox's state",
      "Move it away, it alone: 'npm run sandbox -- up --stack test' makes it anew from the simulated cloud, but for what outputs remembered of removed tenants",
    ],
    ["cloud.json", "the simulated cloud", "Put a copy of it back"],
  ])("says which file is damaged, and what to do: %s", async (file, what, first) => {
    const project = TestProject.withTenants({});
    const folder = join(project.root, ".sandbox/test");
    project.write(`.sandbox/test/${file}`, "{");
    const { code, stderr } = await command(["sandbox/main.ts", "up", "--stack", "test", "--cwd", project.root]);
    expect([code, stderr]).toEqual([
      1,
      `error: ${join(folder, file)} cannot be read as ${what}: it is not JSON. ${first}; or begin anew: delete the folder ${folder}\n`,
    ]);
  });

  test.each([
    ["sandbox/main.ts", "preview"],
    ["sandbox/main.ts", "can-i", "me", "get", "pods"],
    ["cli/tenants.ts", "check"],
    ["cli/tenants.ts", "schema"],
    ["cli/doctor.ts", "--stack", "dev"],
  ])("%s %s says that a folder is no project", async (...args) => {
    const { code, stderr } = await command([...args, "--cwd", "/nowhere"]);
    expect([code, stderr]).toEqual([1, "error: /nowhere is no Pulumi project: Pulumi.yaml is not there\n"]);
  });

  test("says where the settings of a stack should be", async () => {
    const project = TestProject.withTenants({});
    const { code, stderr } = await command(["sandbox/main.ts", "preview", "--stack", "prod", "--cwd", project.root]);
    expect(code).toBe(1);
    expect(stderr).toBe("error: no stack 'prod': there are test\n");
  });
});

describe("npm run tenants -- check", () => {
  const stack = (files: Record<string, string>) => TestProject.withTenants(files).root;
  const wrong = () => stack({ a: tenantFile("size: huge"), b: tenantFile('kubernetes: "1.36"', "sise: small") });

  test("finds nothing wrong with the article's stack, one without Azure, and one of six tenants", async () => {
    const { root } = TestProject.ofFixture("dev");
    const { code, stdout } = await command(["cli/tenants.ts", "check", "--format", "json"], root);
    expect(code).toBe(0);
    expect((JSON.parse(stdout) as { severity: string }[]).filter(({ severity }) => severity === "error")).toEqual([]);
  });

  test("prints every problem of every file, and fails", async () => {
    const { code, stdout } = await command(["cli/tenants.ts", "check"], wrong());
    expect(code).toBe(1);
    expect(stdout).toBe(`error: tenants/test/a.yaml:3:7: 'size' is 'huge': expected one of small, medium, large
warning: tenants/test/b.yaml:3:13: Kubernetes 1.36 on a host of 1.35: likely compatible, but only the same minor is tested by vCluster's authors
error: tenants/test/b.yaml:4:1: unknown key 'sise', did you mean 'size'? allowed: owner, purpose, size, kubernetes, namespace, store, channel, access, hostRole, expose, allowedCidrs, bootstrap, lifecycle, expires, dataOnRemoval
1 stack checked: 2 errors, 1 warning
`);
  });

  test("prints only what is said of the files that are asked for, as GitHub's annotations where asked to", async () => {
    const { code, stdout } = await command(
      ["cli/tenants.ts", "check", "tenants/test/a.yaml", "--format", "github"],
      wrong(),
    );
    expect(code).toBe(1);
    expect(stdout).toBe(
      "::error file=tenants/test/a.yaml,line=3,col=7::'size' is 'huge': expected one of small, medium, large\nsaid of other files, and not shown: 1 error, 1 warning\n1 stack checked: 1 error, 0 warnings\n",
    );
  });

  test("finds a namespace that two tenants share in each of their files", async () => {
    const root = stack({ a: tenantFile("namespace: dev"), dev: tenantFile() });
    const of = async (name: string) =>
      (await command(["cli/tenants.ts", "check", `tenants/test/${name}.yaml`], root)).stdout.split("\n")[0];
    expect([await of("a"), await of("dev")]).toEqual([
      "error: tenants/test/a.yaml:3:12: namespace 'dev' is also that of tenants/test/dev.yaml; one virtual cluster per namespace",
      "error: tenants/test/dev.yaml:1:1: namespace 'dev' is also that of tenants/test/a.yaml; one virtual cluster per namespace",
    ]);
  });

  test("tells what a file breaks with the fields that are right, beside those that are not", async () => {
    const root = stack({
      a: tenantFile("sise: small", "expose: none", "access: { admins: [{ user: ada@contoso.com }] }"),
    });
    const { stdout } = await command(["cli/tenants.ts", "check", "--format", "json"], root);
    const found = JSON.parse(stdout) as { line: number; message: string }[];
    expect(found.map(({ line, message }) => `${line}: ${message.split(/[,:]/)[0]}`)).toEqual([
      "3: unknown key 'sise'",
      "4: nobody listed in 'access' could reach the cluster",
    ]);
  });

  test("warns of a file beside the stacks' folders, which is nobody's tenant", async () => {
    const project = TestProject.withTenants({ a: tenantFile() });
    project.write("tenants/b.yaml", tenantFile());
    project.write("tenants/README.md", "");
    const { code, stdout } = await command(["cli/tenants.ts", "check"], project.root);
    expect([code, stdout.split("\n")[0]]).toEqual([
      0,
      "warning: tenants/b.yaml:1:1: no tenant, for it is in no stack's folder: move it to tenants/test/, or remove it",
    ]);
  });

  test("shows what a file's name or a value hides, in every format", async () => {
    const project = TestProject.withTenants({});
    project.write("tenants/test/a\u001b[2J,%:\u202e.yml", "");
    project.write("tenants/test/b.yaml", tenantFile('size: "\\e]0;x\\a50%"'));
    const text = (await command(["cli/tenants.ts", "check"], project.root)).stdout;
    expect(text).toContain("error: tenants/test/a\\u001b[2J,%:\\u202e.yml:1:1: a tenant file is named");
    expect(text).toContain("'size' is '\\u001b]0;x\\u000750%': expected");
    const github = (await command(["cli/tenants.ts", "check", "--format", "github"], project.root)).stdout;
    expect(github).toContain("::error file=tenants/test/a\\u001b[2J%2C%25%3A\\u202e.yml,line=1,col=1::a tenant file");
    expect(github).toContain("'size' is '\\u001b]0;x\\u000750%25': expected");
    const json = (await command(["cli/tenants.ts", "check", "--format", "json"], project.root)).stdout;
    expect(json + text + github).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]/u);
    expect((JSON.parse(json) as { file: string }[])[0]?.file).toBe("tenants/test/a\u001b[2J,%:\u202e.yml");
  });

  test("tells warnings, and succeeds with them", async () => {
    const { code, stdout } = await command(["cli/tenants.ts", "check"], stack({ a: tenantFile('kubernetes: "1.36"') }));
    expect(code).toBe(0);
    expect(stdout).toContain("warning: tenants/test/a.yaml:3:13: Kubernetes 1.36 on a host of 1.35");
  });
});

describe("an option that npm has kept for itself, for want of '--'", () => {
  test.each([
    ["sandbox", "sandbox/main.ts", ["up"], { stack: "dev" }, "npm run sandbox -- up --stack dev"],
    ["sandbox", "sandbox/main.ts", ["up", "dev"], { stack: "true" }, "npm run sandbox -- up --stack dev"],
    ["sandbox", "sandbox/main.ts", ["preview"], { directory: "" }, "npm run sandbox -- preview --no-directory"],
    ["start", "sandbox/main.ts", ["start"], { stack: "dev" }, "npm start -- --stack dev"],
    [
      "up",
      "cli/pulumi.ts",
      ["up"],
      { stack: "dev", refresh: "true", yes: "true" },
      "npm run up -- --stack dev --refresh",
    ],
    ["destroy", "cli/pulumi.ts", ["destroy", "dev"], { stack: "true" }, "npm run destroy -- --stack dev"],
    ["preview", "cli/pulumi.ts", ["preview"], { cwd: "a b" }, "npm run preview -- --cwd 'a b'"],
    ["doctor", "cli/doctor.ts", [], { stack: "dev" }, "npm run doctor -- --stack dev"],
    ["chart", "cli/chart.ts", [], { from: "x.tgz" }, "npm run chart -- --from x.tgz"],
    ["tenants", "cli/tenants.ts", ["new", "ml"], { stack: "dev" }, "npm run tenants -- new ml --stack dev"],
    ["tenants", "cli/tenants.ts", ["check", "main"], { base: "true" }, "npm run tenants -- check --base main"],
  ])(
    "npm run %s, %s %j %j: nothing is done, and the right command is told",
    async (script, file, args, kept, right) => {
      const config = Object.entries(kept).map(([name, value]) => [`npm_config_${name}`, value]);
      const env = { ...process.env, npm_lifecycle_event: script, ...Object.fromEntries(config) };
      const { code, stdout, stderr } = await runCommand(file, args, { env });
      // Whether somebody is asked stays the asker's decision: npm's own options are not made ours.
      const flags = Object.keys(kept)
        .filter((name) => name !== "yes")
        .map((name) => `--${name === "directory" ? "no-" : ""}${name}`);
      expect([code, stdout, stderr]).toEqual([
        1,
        "",
        `error: npm has kept ${flags.join(", ")} for itself, and nothing was done. What is meant for the command stands after '--': ${right}\n`,
      ]);
    },
  );
});

test("what an .npmrc says of npm's own options keeps no command from running", async () => {
  const env = { ...process.env, npm_lifecycle_event: "up", npm_config_yes: "true", npm_config_target: "1.2.3" };
  const { stderr } = await runCommand("cli/pulumi.ts", ["up", "--ignore-protect"], { env });
  expect(stderr).toMatch(/^error: --ignore-protect would delete/);
});

describe("npm run tenants -- check --base", () => {
  const base = { a: tenantFile("store: etcd"), b: tenantFile('kubernetes: "1.34"'), c: tenantFile(), d: tenantFile() };

  /** A repository whose one commit, tagged `base`, has these tenants. */
  function history() {
    const project = TestProject.withTenants(base);
    const git = (...args: string[]) =>
      execFileSync("git", ["-c", "user.name=test", "-c", "user.email=test@contoso.com", ...args], {
        cwd: project.root,
      });
    const withGit = Object.assign(project, { git });
    git("init", "--quiet");
    git("add", "Pulumi.yaml", "Pulumi.test.yaml", "tenants");
    git("commit", "--quiet", "--message", "base");
    git("tag", "base");
    return withGit;
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

  test("refuses versions that go down in the stack's settings, too", async () => {
    const project = history();
    const versions = (patch: string) => `  virtual-clusters:vcluster: { kubernetesPatches: { "1.35": ${patch} } }\n`;
    project.append("Pulumi.test.yaml", versions("1.35.4"));
    project.git("commit", "--quiet", "--all", "--message", "a patch release");
    const settings = readFileSync(join(project.root, "Pulumi.test.yaml"), "utf8");
    project.write("Pulumi.test.yaml", settings.replace("1.35.4", "1.35.3"));
    const { code, stdout } = await check(project, "--base", "HEAD", "tenants/test/c.yaml");
    expect(code).toBe(1);
    expect(stdout).toContain("error: tenants/test/c.yaml:1:1: Kubernetes would go from 1.35.4,");
    project.write("Pulumi.test.yaml", settings.replace("1.35.4", "1.35.5"));
    expect((await check(project, "--base", "HEAD")).code).toBe(0);
  });

  test("says whose control plane a change restarts, where nothing refuses it; other people restart nobody's", async () => {
    const project = history();
    project.write("tenants/test/a.yaml", tenantFile("store: etcd", "access: { admins: [{ user: ada@contoso.com }] }"));
    project.write("tenants/test/c.yaml", tenantFile("size: medium"));
    project.write("tenants/test/d.yaml", tenantFile("size: medium", "store: etcd"));
    const { stdout } = await check(project, "--base", "base");
    expect(stdout.match(/^.* restarts? .*$/gm)).toEqual([
      "warning: tenants/test/c.yaml:3:7: 'size' small -> medium restarts the control plane of 'c': the API server is away for about a minute (docs/upgrading.md, \"What restarts a control plane\")",
    ]);
    project.append(
      "Pulumi.test.yaml",
      "  virtual-clusters:vcluster: { helmValues: { logging: { encoding: json } } }\n",
    );
    expect((await check(project, "--base", "base", "Pulumi.test.yaml")).stdout).toMatch(
      /^warning: Pulumi\.test\.yaml:\d+:\d+: 'vcluster\.helmValues' restarts the control planes of 'a', 'b', and 'c': /m,
    );
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

  test("has of warnings only those that the base has not in lines for GitHub, which shows ten at most", async () => {
    const project = history();
    project.write("tenants/stray.yaml", "owner: ada@contoso.com\n");
    project.write("tenants/test/b.yaml", tenantFile("expires: 2020-01-01"));
    const { git } = project;
    git("add", "tenants");
    git("commit", "--quiet", "--message", "more");
    project.write("tenants/test/c.yaml", tenantFile("expires: 2020-02-01"));
    const { stdout } = await check(project, "--base", "HEAD", "--format", "github");
    const warnings = stdout.split("\n").filter((line) => /^::warning .*expire/.test(line));
    expect(warnings.map((line) => line.slice(0, 45))).toEqual(["::warning file=tenants/test/c.yaml,line=3,col"]);
    expect(stdout).toMatch(/^said of HEAD, too, and not shown: 0 errors, \d+ warnings?$/m);
    expect((await check(project, "--base", "HEAD")).stdout).toContain("tenants/test/b.yaml:3");
  });

  test("remembers whose data was kept, from the files that were deleted before", async () => {
    const project = history();
    const { git } = project;
    project.write("tenants/test/c.yaml", tenantFile("lifecycle: offboarding", "dataOnRemoval: keep"));
    git("commit", "--quiet", "--all", "--message", "offboard");
    project.remove("tenants/test/c.yaml");
    expect((await check(project, "--base", "HEAD")).code).toBe(0);
    git("commit", "--quiet", "--all", "--message", "remove");
    project.write("tenants/test/c.yaml", tenantFile());
    const { code, stdout } = await check(project, "--base", "HEAD");
    expect(code).toBe(1);
    expect(stdout).toContain(
      "error: tenants/test/c.yaml:1:1: the data of the removed tenant 'c' is kept in namespace 'c': a new tenant here would begin with it.",
    );
    project.append("Pulumi.test.yaml", "  virtual-clusters:forgetRetained: [c]\n");
    expect((await check(project, "--base", "HEAD")).code).toBe(0);
  });

  test("says what it could not compare", async () => {
    const project = history();
    project.write("tenants/test/c.yaml", "owner: [");
    project.git("commit", "--quiet", "--all", "--message", "broken");
    project.write("tenants/test/c.yaml", tenantFile());
    expect((await check(project, "--base", "HEAD")).stdout).toContain(
      "warning: tenants/test/c.yaml:1:1: not compared with HEAD: what is there could not be read\n",
    );
  });

  test("names files from the repository's root for GitHub, where the project is a folder of it", async () => {
    const outer = folder();
    execFileSync("git", ["init", "--quiet"], { cwd: outer });
    const inner = join(outer, "platform");
    cpSync(TestProject.withTenants({ ml: tenantFile("size: huge") }).root, inner, { recursive: true });
    const { stdout } = await command(["cli/tenants.ts", "check", "--format", "github"], inner);
    expect(stdout).toContain("::error file=platform/tenants/test/ml.yaml,line=3,col=7::");
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

describe("npm run tenants -- new", () => {
  const create = (root: string, ...args: string[]) =>
    command(["cli/tenants.ts", "new", ...args, "--owner", "me@contoso.com", "--purpose", "a test"], root);

  test("writes a file that is right, says what it warns of, and never overwrites one", async () => {
    const { root } = TestProject.withTenants({ old: tenantFile() });
    const args = ["young", "--stack", "test", "--kubernetes", "1.36", "--admin", "ada@contoso.com"];
    const { code, stdout } = await create(root, ...args);
    expect(code).toBe(0);
    expect(stdout.split("\n").slice(-2)).toEqual([
      "tenants/test/young.yaml is written. Next: read it, 'npm run tenants -- check', and open a pull request.",
      "",
    ]);
    expect(stdout).toContain("Kubernetes 1.36 on a host of 1.35");
    expect((await command(["cli/tenants.ts", "check"], root)).code).toBe(0);
    const before = readFileSync(join(root, "tenants/test/young.yaml"), "utf8");
    const again = await create(root, ...args, "--size", "large");
    expect([again.code, again.stderr]).toEqual([
      1,
      "error: tenants/test/young.yaml is there already; it was not changed\n",
    ]);
    expect(readFileSync(join(root, "tenants/test/young.yaml"), "utf8")).toBe(before);
  });

  test.each([
    [["young", "--stack", "test", "--size", "huge"], "  'size' is 'huge': expected one of small, medium, large\n"],
    [
      ["young", "--stack", "test", "--namespace", "old"],
      "  namespace 'old' is also that of tenants/test/old.yaml; one virtual cluster per namespace\n",
    ],
    [
      ["../young", "--stack", "test"],
      "error: '../young' is no name: lower-case letters, digits and '-', starting with a letter\n",
    ],
    [["young", "--stack", "prod"], "error: no stack 'prod': there are test\n"],
    [
      ["young", "--stack", "test", "--admin", "usr:dev"],
      "error: 'usr:dev' names somebody of kind 'usr', did you mean 'user'? write user:<name>, group:<name>, servicePrincipal:<object id>, or a user's name alone\n",
    ],
  ])("%j writes nothing, also where another file has the same mistake", async (args, message) => {
    const { root } = TestProject.withTenants({ old: tenantFile(), wrong: tenantFile("size: huge") });
    const { code, stderr } = await create(root, ...args);
    expect(code).toBe(1);
    expect(stderr.endsWith(message)).toBe(true);
    expect(existsSync(join(root, "tenants/test/young.yaml"))).toBe(false);
  });
});

describe("npm run tenants -- list", () => {
  test("prints what the files say, as a table or as JSON, and fails where one is wrong", async () => {
    const project = TestProject.withTenants({ a: tenantFile("size: medium", "expires: 2030-01-31") });
    const table = await command(["cli/tenants.ts", "list"], project.root);
    expect([table.code, table.stderr]).toEqual([0, ""]);
    expect(table.stdout).toBe(`stack  tenant  lifecycle  size    kubernetes  owner             namespace
test   a       active     medium  1.35        team@contoso.com  a
(for want of room without hostRole, expose, store, expires)
`);
    project.write("tenants/test/b.yaml", tenantFile("size: huge"));
    const json = await command(["cli/tenants.ts", "list", "--format", "json", "--stack", "test"], project.root);
    expect([json.code, json.stderr]).toEqual([
      1,
      "error: tenants/test/b.yaml:3:7: 'size' is 'huge': expected one of small, medium, large\n",
    ]);
    expect(JSON.parse(json.stdout)).toMatchObject([{ stack: "test", name: "a", size: "medium", namespace: "a" }]);
  });
});

describe("what cannot be checked", () => {
  test("is a folder without a project, or without a stack", async () => {
    const empty = folder();
    const { code, stderr } = await command(["cli/tenants.ts", "check"], empty);
    expect([code, stderr]).toEqual([1, `error: ${empty} is no Pulumi project: Pulumi.yaml is not there\n`]);
    const project = TestProject.withTenants({});
    project.remove("Pulumi.test.yaml");
    expect((await command(["cli/tenants.ts", "check"], project.root)).stderr).toBe(
      `error: ${project.root} has no stack: there is no Pulumi.<stack>.yaml\n`,
    );
  });

  test("is a stack's file with a key that Pulumi does not know, or that is no UTF-8", async () => {
    const project = TestProject.withTenants({});
    project.append("Pulumi.test.yaml", "confg: {}\n");
    expect((await command(["cli/tenants.ts", "check"], project.root)).stdout).toContain(
      "error: Pulumi.test.yaml:9:1: unknown key 'confg', did you mean 'config'? allowed: config, encryptedkey, encryptionsalt, environment, secretsprovider\n",
    );
    writeFileSync(join(project.root, "Pulumi.test.yaml"), Buffer.from([0xff, 0xfe, 0x61]));
    expect((await command(["cli/tenants.ts", "check"], project.root)).stdout).toContain(
      "error: Pulumi.test.yaml:1:1: the file is not UTF-8 text; save it in that encoding\n",
    );
  });

  test.each([
    [["tenants/test/b.yaml"], "error: no such file: tenants/test/b.yaml\n"],
    [
      ["package.json"],
      "error: neither a tenant file nor a stack's settings or waivers, so nothing was checked: package.json\n",
    ],
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
      "error: Pulumi.prod.yaml:1:1: tenants/prod/ has no settings: add this file, or remove the folder\nroom left in test\n  for virtual clusters themselves: CPU 2680m, memory 8760Mi, disks 15, pods 462\n  for all that tenants may request: CPU 1180m, memory 5688Mi, disks 12\n  in the subnet: addresses 247\n  in Azure: role assignments 3999, load-balancer rules 299\n2 stacks checked: 1 error, 0 warnings\n",
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
