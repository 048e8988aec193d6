import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { appendFileSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { headerOf } from "../../../cli/ci/write/ciFile.ts";
import { todayVariable } from "../../../model/text/today.ts";
import { runCommand } from "../../support/command.ts";
import { azureSettings, TestProject, tenantFile } from "../../support/project.ts";

const init = (cwd: string, ...args: string[]) => runCommand("cli/tenants.ts", ["ci", "init", ...args], { cwd });

/** A project with a stack in production, one that is not, and one on a cluster that is there. */
function project(): TestProject {
  const production = azureSettings
    .replace("config:", "config:\n  virtual-clusters:environment: production")
    .replace(
      "clusterAdmins",
      "tier: Standard\n    authorizedIpRanges: [203.0.113.0/24]\n    kubelogin: workloadidentity\n    clusterAdmins",
    );
  return new TestProject({
    "Pulumi.a-prod.yaml": production,
    "Pulumi.dev.yaml": azureSettings,
    "Pulumi.local.yaml": "config:\n  virtual-clusters:existingCluster: { name: local }\n",
  });
}

describe("npm run tenants -- ci init", () => {
  test("writes workflows that deploy the stacks on Azure, production last, and says what is left to do", async () => {
    const { root } = project();
    const { code, stdout } = await init(root);
    expect(code).toBe(0);
    const [files = "", toDo = ""] = stdout.split("\nTo set up by hand:\n");
    expect(files.trimEnd().split("\n")).toEqual([
      ...["tenants", "comment", "preview", "deploy", "drift", "expiry"].map(
        (name) => `written: .github/workflows/${name}.yml`,
      ),
      "written: .github/CODEOWNERS.example",
      "note: not deployed by them: local; --stack names all that should be",
      "note: Pulumi.dev.yaml says azure.kubelogin: azurecli; pipelines need workloadidentity (docs/identity.md)",
    ]);
    expect(headerOf(readFileSync(join(root, ".github/workflows/deploy.yml"), "utf8"))).toEqual({
      options: "--github --stack dev --stack a-prod",
      untouched: true,
    });
    expect(toDo).toContain("a-prod: required reviewers; the identity that deploys");
    expect(toDo).toContain("gh variable set TENANTS_DEPLOY --body true");
  });

  test("writes over its own files, and leaves those that are right", async () => {
    const { root } = project();
    await init(root);
    expect((await init(root)).stdout).toContain("unchanged: .github/workflows/deploy.yml\n");
    const { code, stdout } = await init(root, "--stack", "a-prod");
    expect(code).toBe(0);
    expect(stdout).toContain("updated: .github/workflows/deploy.yml\n");
    expect(stdout).not.toContain("note:");
  });

  test("is asked for by `tenants check` where another release has written a file that nobody has changed", async () => {
    const { root } = project();
    await init(root);
    const check = async () => (await runCommand("cli/tenants.ts", ["check"], { cwd: root })).stdout;
    expect(await check()).not.toContain("ci init");
    const file = join(root, ".github/workflows/drift.yml");
    const older = "name: drift\n";
    const sum = createHash("sha256").update(older).digest("hex").slice(0, 16);
    const [first] = readFileSync(file, "utf8").split("\n");
    writeFileSync(file, `${first}\n# Checksum of what follows: ${sum}\n${older}`);
    expect(await check()).toContain(
      "warning: .github/workflows/drift.yml:1:1: another release of this program has written it: npm run tenants -- ci init --github --stack dev --stack a-prod",
    );
    appendFileSync(file, "# ours\n");
    expect(await check()).not.toContain("ci init");
  });

  test("writes nothing where somebody has changed a file, but with --force", async () => {
    const { root } = project();
    await init(root, "--stack", "dev");
    const changed = join(root, ".github/workflows/deploy.yml");
    appendFileSync(changed, "# ours\n");
    writeFileSync(join(root, ".github/CODEOWNERS.example"), "* @contoso/platform\n");
    const { code, stdout, stderr } = await init(root);
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toBe(
      "error: changed by somebody, or not written by this command, so nothing was written: .github/workflows/deploy.yml, .github/CODEOWNERS.example. --force writes over them\n",
    );
    expect(readFileSync(join(root, ".github/workflows/tenants.yml"), "utf8")).toContain("--github --stack dev\n");
    expect((await init(root, "--force")).code).toBe(0);
    expect(readFileSync(changed, "utf8")).not.toContain("# ours");
  });

  test("writes pipelines for Azure Pipelines instead where it is asked to", async () => {
    const { root } = project();
    const { stdout } = await init(root, "--azure-pipelines");
    expect(stdout.match(/^written: .*/gm)).toEqual(
      ["tenants", "deploy", "drift", "expiry"].map((name) => `written: .azuredevops/${name}.yml`),
    );
    expect(stdout).toContain("Service connections with workload identity federation");
    expect(existsSync(join(root, ".github"))).toBe(false);
  });

  test("writes to the repository's root where the project is a folder of it", async () => {
    const outer = mkdtempSync(join(tmpdir(), "ci-"));
    onTestFinished(() => rmSync(outer, { recursive: true, force: true }));
    execFileSync("git", ["init", "--quiet"], { cwd: outer });
    cpSync(project().root, join(outer, "teams/platform"), { recursive: true });
    await init(join(outer, "teams/platform"), "--stack", "dev");
    expect(readFileSync(join(outer, ".github/workflows/tenants.yml"), "utf8")).toContain(
      "working-directory: teams/platform\n",
    );
  });

  test.each([
    [
      ["--stack", "local"],
      "pipelines deploy stacks with an Azure cluster and settings without errors alone: not local",
    ],
    [["--stack", "prod"], "error: no stack 'prod', did you mean 'a-prod'?"],
    [["--branch", "$(id)"], "--branch is '$(id)': letters, digits, '.', '/', '-' and '_' alone"],
  ])("refuses %j", async (args, message) => {
    const { root } = project();
    const { code, stderr } = await init(root, ...args);
    expect(code).toBe(1);
    expect(stderr).toContain(message);
    expect(existsSync(join(root, ".github"))).toBe(false);
  });

  test("refuses a stack whose name a pipeline could take for something else", async () => {
    const { root } = new TestProject({ "Pulumi.a.b.yaml": azureSettings });
    expect((await init(root)).stderr).toBe(
      "error: pipelines take names of letters, digits, '-' and '_' alone: not a.b\n",
    );
  });
});

describe("npm run tenants -- expiring", () => {
  const tenants = {
    past: tenantFile("expires: 2026-08-01"),
    today: tenantFile("expires: 2026-08-21"),
    month: tenantFile("expires: 2026-09-20"),
    later: tenantFile("expires: 2026-09-21"),
    never: tenantFile(),
    leaving: tenantFile("expires: 2026-08-01", "lifecycle: offboarding"),
  };
  const expiring = (cwd: string, ...args: string[]) =>
    runCommand("cli/tenants.ts", ["expiring", ...args], {
      cwd,
      env: { ...process.env, [todayVariable]: "2026-08-21" },
    });

  test("prints those whose date is within thirty days or past, the nearest first, and not those that leave", async () => {
    const { code, stdout } = await expiring(TestProject.withTenants(tenants).root, "--format", "json");
    expect(code).toBe(0);
    const found = JSON.parse(stdout) as { name: string }[];
    expect(found.map(({ name }) => name)).toEqual(["past", "today", "month"]);
    expect(found[0]).toEqual({
      stack: "test",
      name: "past",
      file: "tenants/test/past.yaml",
      owner: "team@contoso.com",
      expires: "2026-08-01",
    });
  });

  test("prints a table, for another number of days, too", async () => {
    const { root } = TestProject.withTenants(tenants);
    expect((await expiring(root, "--days", "31")).stdout.match(/^2026\S+/gm)).toEqual([
      "2026-08-01",
      "2026-08-21",
      "2026-09-20",
      "2026-09-21",
    ]);
    expect((await expiring(TestProject.withTenants({ a: tenantFile() }).root)).stdout).toBe(
      "no tenant's date is within 30 days\n",
    );
  });

  test("fails where a file is not right, for whoever is missing may be in it", async () => {
    const { root } = TestProject.withTenants({ ...tenants, wrong: "owner: [" });
    const { code, stderr } = await expiring(root, "--format", "json");
    expect(code).toBe(1);
    expect(stderr).toContain("error: tenants/test/wrong.yaml:1:");
  });

  test("refuses days that are no number", async () => {
    const { stderr } = await expiring(TestProject.withTenants({}).root, "--days", "-1");
    expect(stderr).toBe("error: --days is '-1': a number of days, such as 30, is needed\n");
  });
});

describe("npm run tenants -- check, in a pipeline", () => {
  test("what somebody wrote into a tenant file begins no command of a service", async () => {
    const size = JSON.stringify("##vso[task.setvariable variable=a]b ##[add-mask]x\n::add-mask::y");
    const project = TestProject.withTenants({ ml: tenantFile(`size: ${size}`, `purpose2: ${size}`) });
    for (const [format, ours] of [
      ["github", /^::(error|warning) /],
      ["azure", /^##vso\[task\.logissue /],
    ] as const) {
      const { code, stdout } = await runCommand("cli/tenants.ts", ["check", "--format", format], { cwd: project.root });
      expect(code).toBe(1);
      const [commands, others] = [
        stdout.split("\n").filter((line) => ours.test(line)),
        stdout.split("\n").filter((line) => !ours.test(line)),
      ];
      expect(commands.length).toBeGreaterThanOrEqual(2);
      expect(others.filter((line) => /##|^\s*::/.test(line))).toEqual([]);
    }
  });

  test("a file's place is told from the repository's root, compared with another commit, too", async () => {
    const outer = mkdtempSync(join(tmpdir(), "ci-"));
    onTestFinished(() => rmSync(outer, { recursive: true, force: true }));
    const git = (...args: string[]) =>
      execFileSync("git", ["-c", "user.name=test", "-c", "user.email=test@contoso.com", ...args], { cwd: outer });
    const inner = join(outer, "platform");
    const project = TestProject.withTenants({ ml: tenantFile("namespace: before"), web: tenantFile() });
    cpSync(project.root, inner, { recursive: true });
    git("init", "--quiet");
    git("add", "platform/Pulumi.yaml", "platform/Pulumi.test.yaml", "platform/tenants");
    git("commit", "--quiet", "--message", "base");
    project.write("tenants/test/ml.yaml", tenantFile("namespace: after"));
    cpSync(join(project.root, "tenants"), join(inner, "tenants"), { recursive: true });
    rmSync(join(inner, "tenants/test/web.yaml"));
    for (const format of ["github", "azure"]) {
      const { code, stdout } = await runCommand("cli/tenants.ts", ["check", "--format", format, "--base", "HEAD"], {
        cwd: inner,
      });
      expect(code).toBe(1);
      const place = format === "github" ? "::error file=" : "##vso[task.logissue type=error;sourcepath=";
      const files = stdout
        .split("\n")
        .filter((line) => line.startsWith(place))
        .map((line) => /^[\w/.-]+/.exec(line.slice(place.length))?.[0]);
      expect(files).toEqual(["platform/tenants/test/ml.yaml", "platform/tenants/test/web.yaml"]);
    }
  });
});
