import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { azureAnnotation, githubAnnotation } from "../../../cli/ci/annotations.ts";
import { runCommand } from "../../support/command.ts";
import { hostileTexts } from "../../support/hostileTexts.ts";
import { TestProject, tenantFile } from "../../support/project.ts";

const location = { file: "tenants/dev/ml.yaml", line: 3, column: 7 };

test.each(hostileTexts)("an annotation with %j in it is one line, and one command", (text) => {
  const problem = { severity: "warning", location: { ...location, file: `${text}.yaml` }, message: text } as const;
  for (const [line, command] of [
    [githubAnnotation(problem), /^::warning file=[^:,]*,line=3,col=7::/],
    [azureAnnotation(problem), /^##vso\[task\.logissue type=warning;sourcepath=[^;\]]*;linenumber=3;columnnumber=7\]/],
  ] as const) {
    expect(line).toMatch(command);
    expect(line).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  }
});

test("an annotation names place and message as each service encodes them", () => {
  const problem = { location: { ...location, file: "a;b]c,d:e%.yaml" }, message: "50% of\ntwo lines" };
  expect(githubAnnotation(problem)).toBe("::error file=a;b]c%2Cd%3Ae%25.yaml,line=3,col=7::50%25 of%0Atwo lines");
  expect(azureAnnotation(problem)).toBe(
    "##vso[task.logissue type=error;sourcepath=a%3Bb%5Dc,d:e%AZP25.yaml;linenumber=3;columnnumber=7]50%AZP25 of%0Atwo lines",
  );
});

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
