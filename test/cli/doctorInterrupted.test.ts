import { hostname } from "node:os";
import { describe, expect, test } from "vitest";
import { checkInterrupted, lockFindings } from "../../cli/doctor/interrupted.ts";
import { locksInFolder } from "../../cli/stackLocks.ts";
import { cutOffFiles, stateFolder } from "../../cli/stateFolder.ts";
import { withTools } from "../support/fakeTools.ts";
import { TestProject } from "../support/project.ts";

const fix = "npm run recover -- --stack test";

describe("what an interrupted deployment has left in a state", () => {
  const clusterId = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/aks";
  const record = (type: string, name: string) => ({ urn: `urn:pulumi:test::virtual-clusters::${type}::${name}`, type });
  const cluster = { ...record("azure-native:containerservice:ManagedCluster", "platform-host-cluster"), id: clusterId };
  const namespace = (name: string) => record("kubernetes:core/v1:Namespace", `${name}-namespace`);

  /** What is found in a state that is exported so; Azure answers the question for the cluster so. */
  const check = (exported: string, azure: string | object = { fails: "nobody asks" }) =>
    withTools({ az: { [`aks show --ids ${clusterId} --output json`]: azure } }, () =>
      checkInterrupted({ ok: true, stdout: exported, stderr: "", reason: "", installed: true }, "test"),
    );
  const state = (deployment: object) => JSON.stringify({ version: 3, deployment: { manifest: {}, ...deployment } });
  const pending = (...operations: [type: string, resource: object][]) =>
    state({ pending_operations: operations.map(([type, resource]) => ({ type, resource })) });

  test("is nothing where nothing is pending, or nothing is deployed yet", async () => {
    expect(await check(state({}))).toEqual([]);
    expect(await check(state({ resources: [namespace("ml")], pending_operations: [] }))).toEqual([]);
  });

  test("is not guessed where the state cannot be read", async () => {
    expect(await check("error: passphrase must be set")).toEqual([]);
    expect(await check(JSON.stringify({ version: 3 }))).toEqual([]);
  });

  test("is what was under way: three by their names, and how many more", async () => {
    const names = ["ml", "web", "ci", "x", "y"].map((name) => ["creating", namespace(name)] as [string, object]);
    const [first = ["", {}]] = names;
    expect(await check(pending(first))).toEqual([
      {
        subject: "interrupted run",
        state: "fix",
        found: "the last run was cut off at Namespace ml-namespace (creating)",
        fix,
      },
    ]);
    expect((await check(pending(...names))).map(({ found }) => found)).toEqual([
      "the last run was cut off at Namespace ml-namespace (creating), Namespace web-namespace (creating), Namespace ci-namespace (creating) and 2 more",
    ]);
  });

  test.each([
    [
      "with its group",
      "ERROR: (ResourceGroupNotFound) Resource group 'rg' could not be found.\nCode: ResourceGroupNotFound\nMessage: Resource group 'rg' could not be found.",
    ],
    [
      "alone",
      "ERROR: (ResourceNotFound) The Resource 'Microsoft.ContainerService/managedClusters/aks' under resource group 'rg' was not found.\nCode: ResourceNotFound\nMessage: The Resource was not found.",
    ],
  ])("is a cluster that is gone %s", async (_, fails) => {
    expect(await check(state({ resources: [cluster] }), { fails })).toEqual([
      { subject: "host cluster", state: "fix", found: "the state has it, and Azure has not", fix },
    ]);
  });

  test("is no cluster that is there, or that Azure says nothing of", async () => {
    const resources = [cluster];
    expect(await check(state({ resources }), { id: clusterId })).toEqual([]);
    expect(await check(state({ resources }), { fails: "ERROR: Please run 'az login' to setup account." })).toEqual([]);
    expect(
      await check(state({ resources }), { fails: "ERROR: (AuthorizationFailed) The client does not have" }),
    ).toEqual([]);
  });
});

describe("who holds a stack", () => {
  const now = new Date("2026-11-28T06:31:55Z");
  const lock = { pid: 7174, username: "ada", hostname: "vm", timestamp: "2026-11-28T06:21:55.123Z" };
  const held = {
    subject: "lock",
    state: "fix",
    found: "held by ada@vm, process 7174, for 10 min",
    fix: `wait for its end; where it runs no more: ${fix}`,
  };

  /** A project whose state is kept in its folder `state`, with these files among the locks. */
  const lockedBy = (files: Readonly<Record<string, string>>) =>
    new TestProject(
      Object.fromEntries(Object.entries(files).map(([path, text]) => [`state/.pulumi/locks/${path}`, text])),
    );
  const place = "organization/virtual-clusters/test";
  const locksOf = (url: string | undefined, root: string) =>
    locksInFolder(url, root, { project: "virtual-clusters", stack: "test" });

  test("is told of each lock, by the folder's path or as it is seen from the project", () => {
    const { root } = lockedBy({ [`${place}/1.json`]: JSON.stringify(lock) });
    for (const url of [`file://${root}/state`, "file://./state", "file://state?no_tmp_dir=true"])
      expect(lockFindings(locksOf(url, root), "test", now)).toEqual([held]);
  });

  test("is nobody: of another stack or project, of a stack whose name begins so, without a lock or where the state is elsewhere", () => {
    const { root } = lockedBy({
      [`${place}2/1.json`]: JSON.stringify(lock),
      "organization/other/test/1.json": JSON.stringify(lock),
    });
    const urls = ["file://./state", "file://./nowhere", "azblob://state?storage_account=contoso", undefined];
    for (const url of urls) expect(lockFindings(locksOf(url, root), "test", now)).toEqual([]);
  });

  test("runs for certain where its process is one of this machine", () => {
    const running = { ...lock, pid: process.pid, hostname: hostname(), timestamp: new Date().toISOString() };
    const of = (held: object) =>
      locksOf("file://./state", lockedBy({ [`${place}/1.json`]: JSON.stringify(held) }).root).map(({ alive }) => alive);
    expect([of(running), of({ ...running, pid: 999_999_999 }), of({ ...running, hostname: "runner.invalid" })]).toEqual(
      [[true], [false], [undefined]],
    );
  });

  test("is nobody where a lock cannot be read: it tells nothing", () => {
    const { root } = lockedBy({
      [`${place}/1.json`]: "",
      [`${place}/2.json`]: JSON.stringify({ ...lock, pid: "one" }),
      [`${place}/3.json`]: JSON.stringify({ ...lock, timestamp: "yesterday" }),
    });
    expect(lockFindings(locksOf("file://./state", root), "test", now)).toEqual([]);
  });
});

test.each([
  ["file:///var/state", "/var/state"],
  ["file:///var/our%20state", "/var/our state"],
  ["file:///var/our state?no_tmp_dir=true", "/var/our state"],
  ["file://~", "/home/ada"],
  ["file://~/state", "/home/ada/state"],
  ["file://.", "/work/clusters"],
  ["file://../state", "/work/state"],
  ["https://api.pulumi.com", undefined],
])("a state at %s is kept in %s", (url, folder) => {
  expect(stateFolder(url, "/work/clusters", "/home/ada")).toBe(folder);
});

test("files of a state that were cut off are found by what they lack: those of this stack alone", () => {
  const attributes = '{"user.content_type":"text/plain"}';
  const { root } = new TestProject({
    ".pulumi/stacks/p/test.json": "{}",
    ".pulumi/stacks/p/test.json.attrs": "",
    ".pulumi/stacks/p/test.json.bak.attrs": attributes,
    ".pulumi/stacks/p/other.json.attrs": "",
    ".pulumi/history/p/test/test-1.history.json.attrs": '{"user.con',
    ".pulumi/locks/organization/p/test/a.json.attrs": attributes,
  });
  const found = cutOffFiles(`file://${root}`, root, { project: "p", stack: "test" });
  expect(found.map((file) => file.slice(root.length + 1))).toEqual([
    ".pulumi/history/p/test/test-1.history.json.attrs",
    ".pulumi/stacks/p/test.json.attrs",
  ]);
});
