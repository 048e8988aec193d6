import { execFileSync } from "node:child_process";
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runSandbox } from "../../sandbox/sandbox.ts";
import { repository, TestProject, tenantFile } from "../support/project.ts";

/** A stack with room for this many small tenants, each with a person of its own. */
function projectOf(count: number): TestProject {
  const settings = `config:
  virtual-clusters:azure:
    location: westeurope
    resourceGroup: rg-test
    clusterName: aks-test
    nodePool: { vmSize: Standard_D64s_v5, count: 200 }
    clusterAdmins: [{ user: 1a2f6b0e-4f0d-4f6c-9d5b-8b8e2f7c1a01 }]
`;
  const person = (i: number) => `00000000-0000-4000-9000-${String(i).padStart(12, "0")}`;
  const files = Array.from({ length: count }, (_, i) => [
    `tenants/test/t${i}.yaml`,
    tenantFile(`access: { admins: [{ user: ${person(i)} }] }`, "hostRole: writer", "expose: none"),
  ]);
  return new TestProject({ "Pulumi.test.yaml": settings, ...Object.fromEntries(files) });
}

const report = (what: string, seconds: number) => console.log(`${what.padEnd(60)} ${seconds.toFixed(2)} s`);

async function timed<T>(work: () => T): Promise<[Awaited<T>, number]> {
  const began = performance.now();
  const result = await work();
  return [result, (performance.now() - began) / 1000];
}

test("tenants check, 1,000 files, the whole command", async () => {
  const { root } = projectOf(1000);
  const [output, seconds] = await timed(() =>
    execFileSync(process.execPath, [join(repository, "cli/tenants.ts"), "check", "--cwd", root, "--format", "json"], {
      stdio: ["ignore", "pipe", "ignore"],
    }),
  );
  const found = JSON.parse(String(output)) as { severity: string }[];
  expect(found.filter(({ severity }) => severity === "error")).toEqual([]);
  report("tenants check, 1,000 files (design: 1 s)", seconds);
});

test.each([25, 50, 100])(
  "a preview of %i tenants on the sandbox, and the time to its first registration",
  async (count) => {
    const { root, stack } = projectOf(count);
    let first: number | undefined;
    const began = performance.now();
    const [result, seconds] = await timed(() =>
      runSandbox({
        command: "preview",
        root,
        stack,
        onStep: () => {
          first ??= (performance.now() - began) / 1000;
        },
      }),
    );
    expect(result.ok).toBe(true);
    report(`start to first registration, ${count} tenants (design: 1 s)`, first ?? Number.NaN);
    report(`preview of ${count} tenants${count === 100 ? " (design: 4 s)" : ""}`, seconds);
  },
);

test("tenants plan, one changed tenant among 100, the whole command", async () => {
  const { root } = projectOf(100);
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=bench", "-c", "user.email=bench@contoso.com", ...args], {
      cwd: root,
      stdio: "ignore",
    });
  git("init", "--quiet");
  git("add", "index.ts", "package.json", "Pulumi.yaml", "Pulumi.test.yaml", "tenants");
  git("commit", "--quiet", "--message", "base");
  appendFileSync(join(root, "tenants/test/t7.yaml"), "size: medium\n");
  const [output, seconds] = await timed(() =>
    execFileSync(process.execPath, [join(repository, "cli/tenants.ts"), "plan", "--cwd", root, "--base", "HEAD"], {
      stdio: ["ignore", "pipe", "ignore"],
    }),
  );
  expect(String(output).split("\n")[0]).toBe(
    "test: 1 tenant changed (t7), 99 untouched; 1 control plane restarts (t7)",
  );
  report("tenants plan, one changed tenant among 100 (design: 8 s)", seconds);
});
