import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { runCommand, spawnCommand } from "../support/command.ts";
import { fakeTools, type Replies } from "../support/fakeTools.ts";
import { TestProject, tenantFile } from "../support/project.ts";

const urn = "urn:pulumi:test::virtual-clusters::kubernetes:helm.sh/v3:Release::ml-vcluster";
const release = { urn, custom: true, type: "kubernetes:helm.sh/v3:Release", inputs: { name: "ml", namespace: "ml" } };

const rest = "--stack test --non-interactive --color never";
const nowhere = "urn:pulumi:test::recovery::recovery:index:Nothing::nowhere";
const takesLock = `refresh --yes --skip-preview --target ${nowhere} ${rest}`;
const asksNamespaces = "get namespaces --output json";
const ownNamespace = { metadata: { name: "ml", labels: { "virtual-clusters/stack": "virtual-clusters-test" } } };
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
  /** The same in a process of its own. */
  const start = (...flags: string[]) =>
    spawnCommand("cli/recover.ts", ["--stack", "test", ...flags], { cwd: project.root, env: { PATH: path } });
  /** Has the CLI answer by a script: more than one thing to the same question. */
  const answersBy = (script: string) => {
    writeFileSync(join(path, "pulumi"), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  };
  return { root: project.root, run, start, answersBy };
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
      [asksNamespaces]: { items: [ownNamespace] },
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
    [takesLock]: { fails: `error: no resource named '${nowhere}' found` },
    [`preview --json --show-sames ${rest}`]: preview,
  });
  const left = "error: 1 left: what stands at 'you' is for you to do\n";
  const failing = stackWith({
    pulumi: pulumi({ fails: "error: incorrect passphrase" }),
    kubectl: { [asksHelm]: "", [asksNamespaces]: { items: [] } },
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

test("recover does nothing where nobody knows whether a deployment runs: a refusal for another reason is no free stack", async () => {
  const state = { version: 3, deployment: { pending_operations: [{ type: "creating", resource: release }] } };
  const { run } = stackWith({
    pulumi: { [`stack export ${rest}`]: state, [takesLock]: { fails: "error: incorrect passphrase" } },
    kubectl: { [asksHelm]: "", [asksNamespaces]: { items: [ownNamespace] } },
  });
  expect(await run("--yes")).toMatchObject({
    code: 1,
    stdout: "",
    stderr:
      "error: whether a deployment runs cannot be asked, and nothing is done before that is known: error: incorrect passphrase\n",
  });
});

test("recover never puts an old state over the one that somebody has deployed meanwhile", async () => {
  const { root, run, answersBy } = stackWith({
    kubectl: { [asksHelm]: "", [asksNamespaces]: { items: [ownNamespace] } },
    pulumi: {},
  });
  const deployment = (id: string) =>
    JSON.stringify({
      version: 3,
      deployment: { resources: [{ ...release, id }], pending_operations: [{ type: "updating", resource: release }] },
    });
  answersBy(
    [
      `case "$*" in`,
      `  "stack export ${rest}") if [ -e asked ]; then echo '${deployment("later")}'; else echo '${deployment("then")}'; : > asked; fi ;;`,
      `  "${takesLock}") echo "error: no resource named '${nowhere}' found" >&2; exit 1 ;;`,
      `  whoami*) exit 1 ;;`,
      `  *) echo "$*" >> done; exit 1 ;;`,
      "esac",
    ].join("\n"),
  );
  const { code, stdout, stderr } = await run("--yes");
  expect([code, stderr, existsSync(join(root, "done"))], stdout).toEqual([
    1,
    "error: somebody else has been at the stack meanwhile: it stays as it is; run this again\n",
    false,
  ]);
});

test("recover leaves another stack's releases in peace, where kubectl means a cluster on which that has tenants of the same name", async () => {
  const other = { metadata: { name: "ml", labels: { "virtual-clusters/stack": "virtual-clusters-prod" } } };
  const installed = { ...release, id: "ml/ml" };
  const { run } = stackWith({
    pulumi: {
      [`stack export ${rest}`]: { version: 3, deployment: { resources: [installed] } },
      [takesLock]: { fails: `error: no resource named '${nowhere}' found` },
      [`preview --json --show-sames ${rest}`]: { config: {}, steps: [] },
    },
    kubectl: {
      [asksHelm]: "ml   sh.helm.release.v1.ml.v2   helm.sh/release.v1   1   9m   ml   pending-upgrade   2",
      [asksNamespaces]: { items: [other] },
    },
  });
  const { code, stdout } = await run("--yes");
  expect(code).toBe(1);
  expect(stdout).toBe(
    [
      "Stack 'test'",
      "  release ml/ml: the state has it, and Helm knows nothing of it",
      "    will: the cloud is asked: what is not there is forgotten, so that 'npm run",
      "      up' installs it",
      "    you:  see that kubectl means the stack's own cluster: then without --yes",
      "",
    ].join("\n"),
  );
});

test("recover settles what it can where a tenant's file has a mistake, and tells of that", async () => {
  const project = stackWith({
    pulumi: {
      [`stack export ${rest}`]: { version: 3, deployment: { resources: [] } },
      [takesLock]: { fails: `error: no resource named '${nowhere}' found` },
    },
    kubectl: { [asksHelm]: "", [asksNamespaces]: { items: [] } },
  });
  writeFileSync(join(project.root, "tenants/test/ml.yaml"), "size: gigantic\n");
  const { code, stdout } = await project.run("--yes");
  expect([code, stdout.split("\n")[1]]).toEqual([1, expect.stringMatching(/^ {2}settings and tenants: \d+ to mend$/)]);
});

test("recover makes a state readable again that the CLI was killed beside, and goes on", async () => {
  const { root, run, answersBy } = stackWith({
    kubectl: { [asksHelm]: "", [asksNamespaces]: { items: [] } },
    pulumi: {},
  });
  const attributes = join(root, ".pulumi/stacks/virtual-clusters/test.json.attrs");
  mkdirSync(dirname(attributes), { recursive: true });
  writeFileSync(attributes, "");
  answersBy(
    [
      `case "$*" in`,
      `  "whoami --verbose --json --non-interactive --color never") echo '{"url":"file://${root}"}' ;;`,
      `  *) if [ -e '${attributes}' ]; then echo "error: failed to load checkpoint: EOF" >&2; exit 1; fi ;;`,
      "esac",
      `case "$*" in`,
      `  "stack export ${rest}") echo '{"version":3,"deployment":{"resources":[]}}' ;;`,
      `  "preview --json --show-sames ${rest}") echo '{"steps":[]}' ;;`,
      "esac",
    ].join("\n"),
  );
  expect(await run()).toMatchObject({ code: 1, stderr: expect.stringContaining("nothing was done") });
  // Whoever holds the stack is about to write such a file.
  const lock = join(root, ".pulumi/locks/organization/virtual-clusters/test/1.json");
  mkdirSync(dirname(lock), { recursive: true });
  const holder = { pid: process.pid, username: "ada", hostname: hostname(), timestamp: new Date() };
  writeFileSync(lock, JSON.stringify(holder));
  expect([await run("--yes"), existsSync(attributes)]).toMatchObject([
    {
      ...{ code: 1, stdout: "" },
      stderr: `error: the stack is held by ada@${hostname()}, process ${process.pid}: wait for its end; where no deployment runs there, add --cancel-lock\n`,
    },
    true,
  ]);
  writeFileSync(lock, JSON.stringify({ ...holder, pid: 999_999_999 }));
  const { code, stdout, stderr } = await run("--yes");
  expect([code, stdout.split("\n").slice(-3), existsSync(attributes)], stdout + stderr).toEqual([
    0,
    ["  done: the state can be read again", "Nothing keeps stack 'test' from going on: npm run up -- --stack test", ""],
    false,
  ]);
});

test("recover finds the files of an organization's stack, and asks the CLI about that one", async () => {
  const asked = "--stack acme/test --non-interactive --color never";
  const { run } = stackWith({
    pulumi: {
      [`stack export ${asked}`]: { version: 3, deployment: { resources: [] } },
      [takesLock.replace(rest, asked)]: { fails: `error: no resource named '${nowhere}' found` },
      [`preview --json --show-sames ${asked}`]: { config: {}, steps: [] },
    },
    kubectl: { [asksHelm]: "", [asksNamespaces]: { items: [] } },
  });
  expect(await run("--yes", "--stack", "acme/test")).toMatchObject({
    code: 0,
    stdout: "Nothing keeps stack 'acme/test' from going on: npm run up -- --stack acme/test\n",
  });
});

test("a rollback is refused where the tenant does not run by its file: the revision before may", async () => {
  const project = stackWith({ pulumi: {}, kubectl: {} });
  writeFileSync(
    join(project.root, "tenants/test/ml.yaml"),
    tenantFile("expose: none", "hostRole: none", "lifecycle: suspended"),
  );
  expect(await project.run("--yes", "--rollback", "ml")).toMatchObject({
    code: 1,
    stderr:
      "error: tenant 'ml' is suspended, and the revision before may run: mend the cause, and npm run up goes forward\n",
  });
});

test("recover that is ended by a signal ends what it has started, and does nothing more", async () => {
  const stack = stackWith({});
  const calls = join(stack.root, "calls");
  stack.answersBy(
    [
      `trap 'echo ended >> ${calls}; exit 255' INT`,
      `echo "$1 $2" >> ${calls}`,
      "kill -TERM $PPID",
      "/bin/sleep 60 > /dev/null 2>&1 &",
      "wait",
    ].join("\n"),
  );
  const { code, stdout, stderr } = await stack.start("--yes");
  expect([code, stdout, stderr]).toEqual([
    143,
    "",
    "stopped: what stands after 'done' is done, and 'npm run recover' goes on from there\n",
  ]);
  expect(readFileSync(calls, "utf8")).toBe("whoami --verbose\nended\n");
});

test("recover tells of a deployment that runs, and takes nothing that it is about for a trace of one that was cut off", async () => {
  const at = new Date().toISOString();
  const holder = `created by ada@${hostname()} (pid ${process.pid}) at ${at}`;
  const { run } = stackWith({
    pulumi: {
      [`stack export ${rest}`]: {
        version: 3,
        deployment: { resources: [], pending_operations: [{ type: "creating", resource: release }] },
      },
      [takesLock]: { fails: `error: the stack is currently locked by 1 lock(s).\n  file:///x: ${holder}` },
    },
    kubectl: { [asksHelm]: "", [asksNamespaces]: { items: [] } },
  });
  const { code, stdout } = await run("--yes");
  expect(code).toBe(1);
  expect(stdout).toContain("which still runs here");
  expect(stdout).not.toMatch(/cut off|will:|Release/);
});
