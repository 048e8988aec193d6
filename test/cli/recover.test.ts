import { hostname } from "node:os";
import { expect, test } from "vitest";
import { runCommand } from "../support/command.ts";
import { fakeTools } from "../support/fakeTools.ts";
import { TestProject, tenantFile } from "../support/project.ts";

const urn = "urn:pulumi:test::virtual-clusters::kubernetes:helm.sh/v3:Release::ml-vcluster";
const release = { urn, custom: true, type: "kubernetes:helm.sh/v3:Release", inputs: { name: "ml", namespace: "ml" } };

/** A stack whose first deployment was killed on a machine while Helm installed a tenant's release. */
function cutOffStack(machine: string) {
  const project = new TestProject({
    "Pulumi.test.yaml": "config:\n  virtual-clusters:existingCluster: { name: host }\n",
    "tenants/test/ml.yaml": tenantFile("expose: none", "hostRole: none"),
  });
  const rest = "--stack test --non-interactive --color never";
  const nowhere = "urn:pulumi:test::recovery::recovery:index:Nothing::nowhere";
  const tools = fakeTools(project.root, {
    pulumi: {
      [`stack export ${rest}`]: {
        version: 3,
        deployment: { resources: [], pending_operations: [{ type: "creating", resource: release }] },
      },
      [`refresh --yes --skip-preview --target ${nowhere} ${rest}`]: {
        fails: `error: the stack is currently locked by 1 lock(s).\n  file:///x: created by ada@${machine} (pid 999999999) at 2020-01-01T00:00:00Z`,
      },
    },
    kubectl: {
      "--request-timeout 15s get secrets --all-namespaces --selector owner=helm --label-columns name,status,version --no-headers":
        "ml   sh.helm.release.v1.ml.v1   helm.sh/release.v1   1   9m   ml   pending-install   1\nother   sh.helm.release.v1.x.v1   helm.sh/release.v1   1   9m   x   pending-install   1",
    },
  });
  const run = (...flags: string[]) =>
    runCommand("cli/recover.ts", ["--stack", "test", ...flags], { cwd: project.root, env: { PATH: tools } });
  return { run };
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
