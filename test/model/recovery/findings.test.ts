import { describe, expect, test } from "vitest";
import {
  type Checkpoint,
  creationsIn,
  goneWith,
  isSameState,
  operate,
  type StateRecord,
  unasked,
} from "../../../model/recovery/checkpoint.ts";
import { needsRecovery } from "../../../model/recovery/errors.ts";
import { endsLocks, recoveryOf } from "../../../model/recovery/findings.ts";
import { idOf } from "../../../model/recovery/ids.ts";
import { age, elapsed, locksIn } from "../../../model/recovery/lock.ts";
import { foreignAmong, foreignMarks } from "../../../model/recovery/ownership.ts";
import { type Revision, rollbackProblems } from "../../../model/recovery/releases.ts";
import type { Situation } from "../../../model/recovery/situation.ts";

/** As the real engine (3.265) writes them, without what recovery does not look at. */
const urn = (types: string, name: string) => `urn:pulumi:dev::virtual-clusters::${types}::${name}`;
const provider = `${urn("pulumi:providers:kubernetes", "platform-host-provider")}::dab2fd5e-21be-4613-9ed2-38d94a2d009e`;
const record = (type: string, name: string, inputs: Readonly<Record<string, unknown>>): StateRecord => ({
  urn: urn(`virtual-clusters:index:Platform$${type}`, name),
  custom: true,
  type,
  inputs,
  ...(type.startsWith("kubernetes:") && { provider }),
});

const release = record("kubernetes:helm.sh/v3:Release", "ml-vcluster", { name: "ml", namespace: "ml" });
const labels = { "virtual-clusters/tenant": "ml", "virtual-clusters/stack": "virtual-clusters-dev" };
const namespace = record("kubernetes:core/v1:Namespace", "ml-namespace", { metadata: { name: "ml", labels } });
const clusterId =
  "/subscriptions/00000000-0000-4000-8000-00000000a2e0/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/aks";
const cluster = record("azure-native:containerservice:ManagedCluster", "platform-host-cluster", {
  resourceGroupName: "rg",
  resourceName: "aks",
});
const assignment = record("azure-native:authorization:RoleAssignment", "ml-host-role-ada", {
  scope: `${clusterId}/namespaces/ml`,
  roleAssignmentName: "6f9a1b52-0d5c-4b6f-8d0a-3e1c7b2a9d01",
});

const revision = (status: string, number = 1): Revision => ({
  ...{ namespace: "ml", name: "ml", revision: number, status, age: "3m" },
});

/** A host that answers: its releases, and the namespaces that are not another stack's. */
const on = (revisions: readonly Revision[], namespaces = ["ml", "ray"]) =>
  ({ answers: true, revisions, namespaces: new Set(namespaces) }) as const;

/** A stack about which nothing is wrong, but for what is given. */
function situation(
  given: Partial<Omit<Situation, "state">> & {
    resources?: StateRecord[];
    pending?: (readonly [type: string, resource: StateRecord])[];
  } = {},
): Situation {
  const { resources = [], pending = [], ...rest } = given;
  return {
    stack: "dev",
    now: new Date("2026-11-28T06:31:55Z"),
    state: {
      deployment: { resources, pending_operations: pending.map(([type, resource]) => ({ type, resource })) },
    },
    locks: [],
    host: on([]),
    clusterGone: false,
    wanted: new Set(["ml/ml"]),
    existing: [],
    previewErrors: [],
    wrong: 0,
    silences: [],
    inhabited: new Set(),
    subscriptionId: "00000000-0000-4000-8000-00000000a2e0",
    ...rest,
  };
}

/** What is found, as "what -> done by recovery, or by whom": with the beginning of what is to be done. */
const found = (given: Parameters<typeof situation>[0]) =>
  recoveryOf(situation(given)).map(({ about, action, doubt, todo }) => [
    about,
    action === undefined ? "you" : `${action.do}${doubt === undefined ? "" : "?"}`,
    todo.split(/[:;]/)[0],
  ]);

describe("a lock", () => {
  const said =
    "error: the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end or delete the lock file with `pulumi cancel`.\n  file:///x.json: created by root@vm (pid 7174) at 2026-11-28T06:21:55Z";
  const [lock = {}] = locksIn(said);

  test("is read from what the CLI says of it, whose it is and since when", () => {
    expect(lock).toEqual({
      holder: { user: "root", host: "vm", pid: 7174, since: new Date("2026-11-28T06:21:55Z") },
      isLocal: true,
    });
    expect(locksIn("[409] Conflict: Another update is currently in progress.")).toEqual([{}]);
    expect(locksIn("error: unexpected end of JSON input")).toEqual([{}]);
    expect(locksIn("error: no resource named 'urn:x' found")).toEqual([]);
    expect(
      ["30", "300", "30000", "300000"].map((seconds) => age(new Date(0), new Date(Number(seconds) * 1000))),
    ).toEqual(["30 s", "5 min", "8 h", "3 days"]);
  });

  test("is none of a process that began after it: how long one has run is told by ps", () => {
    expect(["00:07", "23:34", "16:06:44", "2-03:04:05", "-"].map(elapsed)).toEqual([
      ...[7, 1414, 58_004, 183_845, undefined],
    ]);
  });

  test("of a process that runs no more is cancelled; another machine's once somebody has looked", () => {
    expect(recoveryOf(situation({ locks: [{ ...lock, alive: false }] }))).toEqual([
      {
        about: "lock",
        found: "held by root@vm, process 7174, for 10 min, which runs no more",
        todo: "pulumi cancel",
        action: { do: "cancel-lock" },
      },
    ]);
    expect(found({ locks: [{ ...lock, alive: true }] })).toEqual([["lock", "you", "wait for its end, or stop it"]]);
    expect(found({ locks: [lock, {}] })).toEqual([
      ["lock", "cancel-lock?", "pulumi cancel"],
      ["lock", "cancel-lock?", "pulumi cancel"],
    ]);
    // A container or a runner of that name can hold what is kept in a bucket.
    expect(found({ locks: [{ ...lock, isLocal: false, alive: false }] })).toEqual([
      ["lock", "cancel-lock?", "pulumi cancel"],
    ]);
  });

  test("is ended with all others, or not at all", () => {
    const findings = recoveryOf(situation({ locks: [{ ...lock, alive: false }, lock] }));
    expect([endsLocks(findings, findings.slice(0, 1)), endsLocks(findings, findings)]).toEqual([false, true]);
  });
});

describe("a release that Helm left halfway", () => {
  test.each(["pending-install", "pending-upgrade", "pending-rollback"])("as %s loses that revision alone", (status) => {
    const revisions = [revision("deployed", 1), revision(status, 2)];
    expect(found({ host: on(revisions) })).toEqual([
      ["release ml/ml", "forget-revisions", "Helm forgets that revision (Secret sh.helm.release.v1.ml.v2)"],
    ]);
  });

  test("is somebody else's where neither a file nor the state knows it: it is let be", () => {
    const revisions = [{ ...revision("pending-upgrade"), name: "grafana" }];
    expect(found({ host: on(revisions) })).toEqual([]);
  });

  test("is asked for by a refresh where Helm then knows nothing of it, for the state still has it", () => {
    const resources = [{ ...release, id: "ml/ml" }];
    const urns = (revisions: Revision[]) =>
      recoveryOf(situation({ host: on(revisions), resources })).map(
        ({ action }) => action?.do === "forget-revisions" && [action.revisions.length, action.urn],
      );
    expect(urns([revision("pending-install")])).toEqual([[1, release.urn]]);
    expect(urns([revision("deployed", 1), revision("pending-upgrade", 2)])).toEqual([[1, undefined]]);
    expect(urns([revision("superseded", 1), revision("uninstalling", 2)])).toEqual([[2, release.urn]]);
  });

  test("while its installation was pending is not taken over: it is installed again", () => {
    const host = on([revision("pending-install")]);
    expect(found({ host, pending: [["creating", release]] })).toEqual([
      ["release ml/ml", "forget-revisions", expect.any(String)],
      ["Release ml-vcluster", "clear", "'npm run up' installs it"],
    ]);
  });

  test("of which Helm knows nothing any more is asked for, with a doubt where it knows none at all", () => {
    const other = record("kubernetes:helm.sh/v3:Release", "ray-vcluster", { name: "ray", namespace: "ray" });
    const resources = [
      { ...release, id: "ml/ml" },
      { ...other, id: "ray/ray" },
    ];
    const of = (revisions: Revision[]) => found({ host: on(revisions), resources });
    expect(of([revision("deployed")])).toEqual([["release ray/ray", "ask", "the cloud is asked"]]);
    expect(of([]).map(([, done]) => done)).toEqual(["ask?", "ask?"]);
    // Another cluster can have the one, and not even the namespace of the other.
    const elsewhere = found({ host: on([revision("deployed")], ["ml"]), resources });
    expect(elsewhere).toEqual([["release ray/ray", "ask?", "the cloud is asked"]]);
    // Of what was being removed nobody need ask Helm.
    const [one] = resources;
    const cutOff = found({ resources: one ? [one] : [], pending: one ? [["deleting", one]] : [] });
    expect(cutOff).toEqual([["Release ml-vcluster", "ask", "the cloud is asked"]]);
  });

  test("is never uninstalled: what was being removed is installed again where its file is there, and what has failed is told", () => {
    const host = (status: string) => on([revision(status)]);
    const resources = [{ ...release, id: "ml/ml" }];
    expect(found({ host: host("failed"), resources })).toEqual([
      ["release ml/ml", "you", "'npm run up' upgrades it again, once the cause is mended"],
    ]);
    expect(found({ host: host("uninstalling"), resources })).toEqual([
      ["release ml/ml", "forget-revisions", "Helm forgets that release"],
    ]);
    expect(found({ host: host("uninstalling"), resources, wanted: new Set() })).toEqual([
      ["release ml/ml", "you", "'npm run up' goes on with the removal"],
    ]);
    expect(found({ host: host("deployed"), resources })).toEqual([]);
  });

  test("goes back to a revision with the same minor, chart line and store alone", () => {
    const content = (minor: string, chart: string, etcd = false) => ({
      chart,
      values: {
        controlPlane: {
          distro: { k8s: { image: { tag: `v${minor}.4` } } },
          backingStore: { etcd: { deploy: { enabled: etcd } } },
        },
      },
    });
    expect(rollbackProblems(content("1.35", "0.36.2"), content("1.35", "0.36.1"))).toEqual([]);
    expect(rollbackProblems(content("1.36", "0.37.0", true), content("1.35", "0.36.1"))).toEqual([
      "Kubernetes minor: 1.36 now, 1.35 then",
      "chart line: 0.37 now, 0.36 then",
      "store: etcd now, sqlite then",
    ]);
    expect(rollbackProblems({ chart: "0.36.1", values: {} }, { chart: "0.36.1", values: {} })).toEqual([
      "Kubernetes minor: unknown now, unknown then",
    ]);
  });
});

describe("an operation that was cut off", () => {
  test("is taken over or forgotten where it was a creation, and else done again", () => {
    const pending = [
      ["creating", namespace],
      ["creating", cluster],
      ["creating", assignment],
      ["updating", { ...release, id: "ml/ml" }],
      ["deleting", { ...assignment, id: "x" }],
      ["creating", record("pulumi:providers:kubernetes", "platform-host-provider", {})],
    ] as const;
    const taken =
      "taken over into the state if it is there and this stack's, and else forgotten, so that 'npm run up' creates it";
    expect(found({ pending: [...pending] })).toEqual([
      ["Namespace ml-namespace", "take-over", taken],
      ["ManagedCluster platform-host-cluster", "take-over", taken],
      ["RoleAssignment ml-host-role-ada", "take-over", taken],
      ["Release ml-vcluster", "clear", "'npm run up' does it again"],
      ["RoleAssignment ml-host-role-ada", "clear", "'npm run up' does it again"],
      ["kubernetes platform-host-provider", "clear", "'npm run up' creates it"],
    ]);
  });

  test("of a release is taken over where Helm has it, or cannot be asked", () => {
    const ofRelease = (host: Situation["host"]) =>
      found({ host, pending: [["creating", release]] }).map(([, did]) => did);
    expect(ofRelease(on([revision("deployed")]))).toEqual(["take-over"]);
    expect(ofRelease(on([revision("failed")]))).toEqual(["take-over"]);
    expect(ofRelease(on([]))).toEqual(["clear"]);
    expect(ofRelease({ answers: false, asked: false, isThere: false, why: "kubectl: not on PATH" })).toEqual([
      "take-over",
    ]);
  });

  test("leaves a state in which nothing is pending, with what it kept as it was", () => {
    const secret = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", ciphertext: "v1:x" };
    const old = { ...assignment, id: "old", pendingReplacement: true };
    const kept = { ...namespace, id: "ml", outputs: { secret }, sourcePosition: "project:///x" };
    const state = {
      version: 3,
      deployment: {
        manifest: { time: "now" },
        resources: [old, kept],
        pending_operations: [{ type: "creating", resource: assignment }],
      },
    };
    expect(operate(state, { takeOver: [{ ...assignment, id: "new" }] })).toEqual({
      version: 3,
      deployment: {
        manifest: { time: "now" },
        resources: [kept, { ...assignment, id: "new", outputs: assignment.inputs, initErrors: [unasked] }],
      },
    });
  });

  test("is asked for where recovery was itself cut off before the cloud answered", () => {
    const resources = [{ ...namespace, id: "ml", initErrors: [unasked] }];
    expect(found({ resources })).toEqual([["Namespace ml-namespace", "ask", "the cloud is asked"]]);
  });

  test("is found in a preview where it was the second half of a replacement, too", () => {
    const steps = [
      { op: "create", newState: namespace },
      { op: "replace", newState: assignment },
      { op: "create-replacement", newState: release },
    ];
    const deployment: Checkpoint["deployment"] = { resources: [{ ...assignment, pendingReplacement: true }, release] };
    expect(creationsIn({ steps }, { deployment })).toEqual([namespace, assignment]);
  });
});

describe("what the cloud has, and the state has not", () => {
  const existing = (one: Situation["existing"][number]) => found({ existing: [one] });

  test("is taken over where it is this stack's, by its labels or its name", () => {
    expect(existing({ record: namespace, id: "ml", marks: { labels } })).toEqual([
      ["Namespace ml-namespace", "take-over", "taken over into the state"],
    ]);
    expect(existing({ record: release, id: "ml/ml" })).toEqual([
      ["Release ml-vcluster", "take-over", "taken over into the state"],
    ]);
  });

  test("is left alone where it is another's", () => {
    const record = namespace;
    expect(existing({ record, id: "ml", marks: { labels: { ...labels, "virtual-clusters/stack": "other" } } })).toEqual(
      [["Namespace ml-namespace", "you", "choose another name in the tenant's file, or remove what is there"]],
    );
    expect(existing({ record: cluster, id: clusterId })).toEqual([
      ["ManagedCluster platform-host-cluster", "take-over?", "taken over into the state"],
    ]);
  });

  test("is a role under another name, too: it is taken over as it is", () => {
    const inputs = { roleAssignmentName: "11111111-0d5c-4b6f-8d0a-3e1c7b2a9d01" };
    const [only] = recoveryOf(situation({ existing: [{ record: assignment, id: "/other", inputs }] }));
    expect(only?.action).toEqual({
      do: "take-over",
      record: { ...assignment, id: "/other", inputs: { ...assignment.inputs, ...inputs } },
    });
  });
});

describe("what was taken over", () => {
  const metadata = { name: "ml", labels, annotations: { "virtual-clusters/owner": "team-ml@contoso.com" } };
  const wanted = { ...namespace, inputs: { metadata } };
  const inside = { ...release, dependencies: [namespace.urn] };

  test("is another's by its labels, and by the owner whose data it holds", () => {
    expect(foreignMarks(wanted, metadata)).toEqual([]);
    expect(foreignMarks(wanted, { labels })).toEqual(["virtual-clusters/owner"]);
    expect(foreignMarks(wanted, {})).toEqual([
      ...["virtual-clusters/tenant", "virtual-clusters/stack", "virtual-clusters/owner"],
    ]);
    expect(foreignMarks(cluster, {})).toEqual([]);
  });

  test("is left alone where the cloud has it as another's, with what depends on it", () => {
    const state = (live: object) => [{ ...wanted, outputs: { metadata: live } }, inside];
    expect(foreignAmong([wanted, inside], state(metadata))).toEqual(new Map());
    const other = { ...metadata, labels: { ...labels, "virtual-clusters/stack": "other" } };
    expect([...foreignAmong([wanted, inside], state(other))]).toEqual([
      [namespace.urn, ["virtual-clusters/stack"]],
      [release.urn, ["virtual-clusters/stack"]],
    ]);
    // What the cloud does not have is nobody's.
    expect(foreignAmong([wanted], [])).toEqual(new Map());
  });
});

test("a state is the same where every resource is: a run that does nothing writes another time, and encrypts anew", () => {
  const state = (time: string, ciphertext: string, id: string) => ({
    deployment: { manifest: { time }, resources: [{ ...namespace, id, outputs: { secret: { ciphertext } } }] },
  });
  const before = state("then", "v1:x", "ml");
  expect([isSameState(before, state("now", "v1:y", "ml")), isSameState(before, state("then", "v1:x", "ray"))]).toEqual([
    true,
    false,
  ]);
});

test("a resource group whose creation was cut off and that holds something is somebody's: --yes does not take it", () => {
  const group = record("azure-native:resources:ResourceGroup", "platform-host-group", { resourceGroupName: "rg" });
  const pending = [["creating", group]] as const;
  const did = (inhabited: string[]) =>
    found({ pending: [...pending], inhabited: new Set(inhabited) }).map(([, done]) => done);
  expect([did([]), did([group.urn])]).toEqual([["take-over"], ["take-over?"]]);
});

test("where a cloud does not answer, nothing says that all is well", () => {
  expect(recoveryOf(situation({ silences: ["az: Please run 'az login'"] }))).toEqual([
    {
      about: "what exists already",
      found: "az: Please run 'az login'",
      todo: "mend that, and run it again: not all that exists already was looked for",
      harmless: true,
      unseen: true,
    },
  ]);
});

test("files with a mistake in them keep what exists already from being looked for, and nothing else", () => {
  const resources = [{ ...namespace, id: "ml", initErrors: [unasked] }];
  expect(found({ wrong: 2, resources })).toEqual([
    ["Namespace ml-namespace", "ask", "the cloud is asked"],
    ["settings and tenants", "you", "npm run tenants -- check"],
  ]);
});

test("a preview that fails leaves unknown what is there already, and nothing is said to be well", () => {
  expect(found({ previewErrors: ["incorrect passphrase"] })).toEqual([
    ["preview", "you", "mend that, and run it again"],
  ]);
});

describe("a cluster that is gone", () => {
  const there = [
    { ...cluster, id: clusterId },
    { ...namespace, id: "ml" },
    { ...assignment, id: `${clusterId}/namespaces/ml/providers/Microsoft.Authorization/roleAssignments/x` },
    {
      ...record("azure-native:resources:ResourceGroup", "platform-host-group", {}),
      id: clusterId.replace(/\/providers.*$/, ""),
    },
    { ...record("azure-native:resources:ResourceGroup", "other", {}), id: clusterId.replace(/\/providers.*$/, "2") },
  ];
  const host = { answers: false, gone: "cluster" } as const;

  test("is forgotten with what was in it, once somebody says so", () => {
    expect(found({ host, resources: there })).toEqual([
      ["host cluster", "you", "if it is gone for good, with its tenants' data"],
    ]);
    expect(found({ host, resources: there, clusterGone: true })).toEqual([
      ["host cluster", "forget-cluster", "the state forgets it and what was in it (3 resources)"],
    ]);
    const gone = (what: "cluster" | "group") => [...goneWith(what, { deployment: { resources: there } })];
    expect(gone("cluster")).toEqual(there.slice(0, 3).map((one) => one.urn));
    expect(gone("group")).toEqual(there.slice(0, 4).map((one) => one.urn));
  });

  test("is forgotten with what depends on it: the engine takes no state in which something does", () => {
    const [one = cluster] = there;
    const dependent = (urns: string[]) => ({
      ...record("pulumi:providers:kubernetes", "platform-host-provider", {}),
      dependencies: [...urns, "other"],
      propertyDependencies: { kubeconfig: [...urns, "other"], none: null },
    });
    const state = { deployment: { resources: [one, { ...dependent([one.urn]), deletedWith: one.urn }] } };
    expect(operate(state, { forget: new Set([one.urn]) })).toEqual({ deployment: { resources: [dependent([])] } });
  });

  test("is not forgotten where it is there, whether it answers or not, or where nobody was asked", () => {
    const silent = { answers: false, asked: true, why: "connection refused" } as const;
    const of = (one: Situation["host"]) => found({ host: one, resources: there, clusterGone: true });
    const refused = [["host cluster", "you", "--cluster-gone is for one that is no more"]];
    expect(of(on([]))).toEqual(refused);
    expect(of({ ...silent, isThere: true })).toEqual(refused);
    expect(of({ ...silent, asked: false, isThere: false })).toEqual(refused);
    // Somebody must have looked.
    expect(of({ ...silent, isThere: false }).map(([, done]) => done)).toEqual(["forget-cluster?"]);
  });

  test("is told of a first deployment, too, where it does not answer", () => {
    const silent = { answers: false, asked: true, isThere: false, why: "connection refused" } as const;
    expect(found({ host: silent })).toEqual([["host cluster", "you", "start it, or mend the way to it"]]);
  });
});

test("the cloud's id of a resource is told from its inputs", () => {
  const subscription = "00000000-0000-4000-8000-00000000a2e0";
  const ids = [release, namespace, cluster, assignment].map((one) => idOf(one, subscription));
  expect(ids).toEqual([
    "ml/ml",
    "ml",
    clusterId,
    `${clusterId}/namespaces/ml/providers/Microsoft.Authorization/roleAssignments/6f9a1b52-0d5c-4b6f-8d0a-3e1c7b2a9d01`,
  ]);
  expect(idOf(cluster, undefined)).toBeUndefined();
  expect(idOf({ ...assignment, inputs: { ...assignment.inputs, scope: "04da6b54" } }, subscription)).toBeUndefined();
});

test("errors of what was left behind call for recovery, and others do not", () => {
  const errors = [
    "another operation (install/upgrade/rollback) is in progress",
    "cannot re-use a name that is still in use",
    "cannot create already existing resource '/subscriptions/x'",
    'namespaces "ml" already exists',
    "Status=409 Code=RoleAssignmentExists",
    "error: failed to load checkpoint: EOF",
    "uninstall: Release not loaded: ml: release: not found",
    "can't delete Helm Release with unreachable cluster. Reason: x",
    'azure-native:containerservice:listManagedClusterUserCredentials: Status=404 Code="ResourceGroupNotFound"',
    'Status=404 Code="ResourceNotFound" Message="The Resource \'Microsoft.ContainerService/managedClusters/aks\' was not found.',
  ];
  expect(errors.filter((error) => !needsRecovery(error))).toEqual([]);
  expect(needsRecovery("context deadline exceeded")).toBe(false);
});
