import { hostname } from "node:os";
import { expect, test } from "vitest";
import { runCommand } from "../support/command.ts";
import { fakeTools, type Replies } from "../support/fakeTools.ts";
import { TestProject, tenantFile } from "../support/project.ts";

const urn = "urn:pulumi:test::virtual-clusters::kubernetes:helm.sh/v3:Release::ml-vcluster";
const release = { urn, custom: true, type: "kubernetes:helm.sh/v3:Release", inputs: { name: "ml", namespace: "ml" } };

const rest = "--stack test --non-interactive --color never";
const takesLock = `refresh --yes --skip-preview --target urn:pulumi:test::recovery::recovery:index:Nothing::nowhere ${rest}`;
const asksHelm =
  "--request-timeout 15s get secrets --all-namespaces --selector owner=helm --label-columns name,status,version --no-headers";

/** Runs recover on a stack with one tenant, with these tools. */
function stackWith(tools: Readonly<Record<string, Replies>>) {
  const project = new TestProject({
    "Pulumi.test.yaml": [
      "config:",
      "  virtual-clusters:existingCluster: { name: host }",
      // Nothing is downloaded.
      "  virtual-clusters:vcluster: { chartRepository: https://charts.contoso.com }",
      "",
    ].join("\n"),
    "tenants/test/ml.yaml": tenantFile("expose: none", "hostRole: none"),
  });
  const path = fakeTools(project.root, tools);
  const run = (...flags: string[]) =>
    runCommand("cli/recover.ts", ["--stack", "test", ...flags], { cwd: project.root, env: { PATH: path } });
  return { run };
}

/** A stack whose first deployment was killed on a machine while Helm installed a tenant's release. */
function cutOffStack(machine: string) {
  return stackWith({
    pulumi: {
      [`stack export ${rest}`]: {
        version: 3,
        deployment: { resources: [], pending_operations: [{ type: "creating", resource: release }] },
      },
      [takesLock]: {
        fails: `error: the stack is currently locked by 1 lock(s).\n  file:///x: created by ada@${machine} (pid 999999999) at 2020-01-01T00:00:00Z`,
      },
    },
    kubectl: {
      [asksHelm]:
        "ml   sh.helm.release.v1.ml.v1   helm.sh/release.v1   1   9m   ml   pending-install   1\nother   sh.helm.release.v1.x.v1   helm.sh/release.v1   1   9m   x   pending-install   1",
    },
  });
}

test("recover shows what it found and what it will do, in 80 columns, and does nothing where nobody can be asked", async () => {
  const { code, stdout, stderr } = await cutOffStack(hostname()).run();
  expect(code).toBe(1);
  const [, lock, will, ...others] = stdout.split("\n");
  expect([lock, will]).toEqual([expect.stringMatching(/^ {2}lock: held by ada@/), "    will: pulumi cancel"]);
  expect(others.join("\n")).toBe(
    [
      "  release ml/ml: Helm stopped halfway: pending-install, revision 1, for 9m",
      "    will: Helm forgets that revision (Secret sh.helm.release.v1.ml.v1); pods and",
      "      volumes stay, and 'npm run up' installs it again, over what is there",
      "  Release ml-vcluster: the last run ended while it was created",
      "    will: 'npm run up' installs it: the mark is cleared",
      "",
    ].join("\n"),
  );
  expect(stderr).toBe("error: nothing was done: there is no terminal to ask at; --yes does it without\n");
});

test("recover touches nothing while another machine may be at it, whatever --yes says", async () => {
  const { code, stdout, stderr } = await cutOffStack("runner-1.invalid").run("--yes");
  expect([code, stdout.includes("done:")]).toEqual([1, false]);
  expect(stdout).toContain(
    "    you:  see that no deployment runs on runner-1.invalid, then add\n      --cancel-lock\n",
  );
  expect(stderr).toBe("error: the stack is locked: nothing else is done before that is settled\n");
});

test("recover never says that all is well where it could not see that, and says why", async () => {
  const pulumi = (preview: Replies[string]) => ({
    [`stack export ${rest}`]: { version: 3, deployment: { resources: [] } },
    [takesLock]: { fails: "error: no resource named 'nowhere' found" },
    [`preview --json --show-sames ${rest}`]: preview,
  });
  const left = "error: 1 left: what stands at 'you' is for you to do\n";
  const failing = stackWith({
    pulumi: pulumi({ fails: "error: incorrect passphrase" }),
    kubectl: { [asksHelm]: "", "get namespaces --output json": { items: [] } },
  });
  expect(await failing.run("--yes")).toMatchObject({
    code: 1,
    stdout:
      "Stack 'test'\n  preview: it fails: incorrect passphrase\n    you:  mend that, and run it again: what exists already was not looked for\n",
    stderr: left,
  });
  const silent = stackWith({
    pulumi: pulumi({ config: {}, steps: [] }),
    kubectl: { [asksHelm]: { fails: "The connection to the server was refused" } },
  });
  expect(await silent.run("--yes")).toMatchObject({
    code: 1,
    stdout: expect.stringContaining("  host cluster: it does not answer: kubectl: The connection to the server was"),
    stderr: left,
  });
});
