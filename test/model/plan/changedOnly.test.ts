import { describe, expect, test } from "vitest";
import { type ChangedRun, otherPeople, otherThanChosen } from "../../../model/deploy/changedRun.ts";
import { tenantUrns } from "../../../model/deploy/tenantUrns.ts";
import {
  changedLine,
  changedOnly,
  type Head,
  type LastState,
  type StateResource,
} from "../../../model/plan/changedOnly.ts";
import { digestsOf, otherSettings, resourcesDigest } from "../../../model/settings/deployedFiles.ts";
import { settingsSchema, tenantDefaultsSchema } from "../../../model/settings/settingsSchema.ts";
import { sizes } from "../../../model/tenant/sizes.ts";
import { parseTenant } from "../../../model/tenant/tenantFiles.ts";

const defaults = { ...tenantDefaultsSchema.parse({}), sizes };
const ada = "3c7e9d20-4a74-4c10-9a1b-8d1f3b0e2d03";
const dev = "2b6d8c1f-3f63-4b0f-8f0a-7c0e2a9d1c02";
const text = (...lines: readonly string[]) => ["owner: team@contoso.com", "purpose: a test", ...lines].join("\n");
const withRole = (who: string) => text("hostRole: writer", `access: { admins: [{ user: ${who} }] }`);

const azure = { location: "westeurope", resourceGroup: "rg", clusterName: "aks", clusterAdmins: [{ user: ada }] };
const record = {
  settings: { azure: "as it is" },
  warnings: [],
  program: "p1",
  others: otherSettings("p", { "azure-native:subscriptionId": "one" }),
  people: { "User dev@contoso.com": dev },
};
const stack = "urn:pulumi:test::p::";
const platform = `${stack}virtual-clusters:index:Platform`;
const urnOf = (name: string) => `${platform}$virtual-clusters:index:Tenant::${name}`;

/** A tenant as a state has it, with one in its namespace for each object id. */
function tenant(name: string, file: string, ...ids: readonly string[]): StateResource[] {
  const urn = urnOf(name);
  const role = (id: string) =>
    `${platform}$virtual-clusters:index:Tenant$azure-native:authorization:RoleAssignment::${name}-host-role-${id}`;
  const below = [
    { urn: `${urn}-anything`, type: "kubernetes:core/v1:Namespace", parent: urn },
    ...ids.map((id) => ({ urn: role(id), type: "azure-native:authorization:RoleAssignment", parent: urn })),
  ];
  const outputs = { file, resources: resourcesDigest([urn, ...below.map((one) => one.urn)]) };
  return [{ urn, type: "virtual-clusters:index:Tenant", parent: `${platform}::platform`, outputs }, ...below];
}

/** A state in which these have a role in some namespace. */
function state(tenants: readonly StateResource[], users: readonly string[], of: object = record): LastState {
  const access = `${platform}$virtual-clusters:index:ClusterAccess::platform-access`;
  const names = tenants.filter(({ type }) => type.endsWith(":Tenant")).map(({ urn }) => urn.split("::").at(-1) ?? "");
  return {
    resources: [
      {
        urn: `${stack}pulumi:pulumi:Stack::p-test`,
        type: "pulumi:pulumi:Stack",
        outputs: { tenants: Object.fromEntries(names.map((name) => [name, { owner: "x" }])) },
      },
      { urn: `${platform}::platform`, type: "virtual-clusters:index:Platform", outputs: { record: of } },
      { urn: access, type: "virtual-clusters:index:ClusterAccess", parent: `${platform}::platform` },
      ...users.map((id) => ({
        urn: `${platform}$virtual-clusters:index:ClusterAccess$azure-native:authorization:RoleAssignment::platform-access-user-${id}`,
        type: "azure-native:authorization:RoleAssignment",
        parent: access,
      })),
      ...tenants,
    ],
  };
}

function head(texts: Readonly<Record<string, string>>, other: Partial<Head> = {}): Head {
  return {
    ...{ project: "p", stack: "test", program: "p1", recorded: { azure: "as it is" }, others: record.others },
    settings: settingsSchema.parse({ azure }),
    texts: new Map(Object.entries(texts)),
    read: (name, one) => parseTenant(`tenants/test/${name}.yaml`, Buffer.from(one), defaults).tenant,
    ...other,
  };
}

describe("a run of changed tenants", () => {
  const before = state(
    [...tenant("t0", text()), ...tenant("t07", text()), ...tenant("t070", withRole(dev), dev)],
    [dev],
  );
  const files = { t0: text(), t07: text(), t070: withRole(dev) };

  test("is about those whose files are not the deployed ones, by exact names", () => {
    const now = head({ ...files, t07: text("size: medium"), t1: text() });
    const choice = changedOnly(before, now);
    if ("full" in choice) throw new Error(choice.full);
    expect(choice.run).toEqual({
      project: "p",
      stack: "test",
      tenants: ["t07", "t1"],
      users: [],
      people: record.people,
      outputs: { tenants: { t0: { owner: "x" }, t07: { owner: "x" }, t070: { owner: "x" } } },
      chosenBy: {
        ...{ program: "p1", settings: record.settings, others: record.others },
        files: digestsOf(now.texts),
      },
    });
    const settings = settingsSchema.parse({ azure });
    const [t07, t1] = ["t07", "t1"].map((name) => now.read(name, text()));
    if (t07 === undefined || t1 === undefined) throw new Error("not right");
    const context = { stack: "test", project: "p", settings, members: [] };
    expect(new Set(choice.targets)).toEqual(
      new Set([urnOf("t07"), `${urnOf("t07")}-anything`, ...tenantUrns(t07, context), ...tenantUrns(t1, context)]),
    );
  });

  test("is about one, and says so, where none differs", () => {
    const choice = changedOnly(before, head(files));
    if ("full" in choice) throw new Error(choice.full);
    expect(changedLine(choice)).toBe("no tenant differs from what is deployed; only t0 is looked at");
  });

  test("may change what somebody has in a namespace who has a role in another one, by a name that was looked up", () => {
    const choice = changedOnly(before, head({ ...files, t0: withRole("Dev@contoso.com") }));
    expect("targets" in choice && choice.targets.filter((urn) => urn.includes(dev))).toEqual([
      expect.stringMatching(`::t0-host-role-${dev}$`),
    ]);
  });

  const edit = (change: (one: StateResource) => StateResource[]): LastState => ({
    resources: before.resources.flatMap((one) => (one.urn === `${urnOf("t07")}-anything` ? change(one) : [one])),
  });

  test("does not mind what was done by hand to the state of a tenant that is in it", () => {
    for (const how of [() => [], (one: StateResource) => [{ ...one, taint: true }]]) {
      expect(changedOnly(edit(how), head({ ...files, t07: text("size: medium") }))).toMatchObject({ nothing: false });
    }
  });

  const removed = { t0: text(), t070: withRole(dev) };
  test.each<readonly [string, Readonly<Record<string, string>>, Partial<Head>, LastState]>([
    ["nothing is deployed yet", files, {}, { resources: [] }],
    ["the state is lost", files, {}, { resources: [], trouble: "the state is lost" }],
    ["the last deployment did not end well", files, {}, { ...before, trouble: "the last deployment did not end well" }],
    ["the last deployment was by another release", files, {}, state([], [], { settings: {}, warnings: [] })],
    ["the program changed", files, { program: "p2" }, before],
    ["settings changed: azure, protect", files, { recorded: { azure: "other", protect: "false" } }, before],
    [
      "settings changed: azure-native:location, azure-native:subscriptionId",
      files,
      { others: otherSettings("p", { "azure-native:subscriptionId": "two", "azure-native:location": "here" }) },
      before,
    ],
    ["settings changed: azure-native:subscriptionId", files, { others: {} }, before],
    ["the settings are not right", files, { settings: undefined }, before],
    ["removed: t07", removed, {}, before],
    ["removed: t07", { ...removed, t08: text() }, {}, before],
    ["the state lacks something of t07", files, {}, edit(() => [])],
    ["the state lacks something of t07", files, {}, edit((one) => [{ ...one, urn: `${urnOf("t07")}-else` }])],
    ["t07-anything is to be replaced", files, {}, edit((one) => [{ ...one, taint: true }])],
    ["t07-anything is to be replaced", files, {}, edit((one) => [{ ...one, pendingReplacement: true }])],
    ["t07-anything did not become ready", files, {}, edit((one) => [{ ...one, initErrors: ["no node"] }])],
    ["the file of t0 is not right", { ...files, t0: "owner" }, {}, before],
    [
      "ada@contoso.com is new among the people with a role on the host",
      { ...files, t0: withRole("ada@contoso.com") },
      {},
      before,
    ],
    [`who has a role on the host changed: ${ada}`, { ...files, t0: withRole(ada) }, {}, before],
    [`who has a role on the host changed: ${dev}`, { ...files, t070: text() }, {}, before],
    ["there are no tenants", {}, {}, state([], [])],
    [
      "26 tenants changed",
      Object.fromEntries(Array.from({ length: 26 }, (_, i) => [`n${i}`, text()])),
      {},
      state([], []),
    ],
    [
      "what was replaced is still to be deleted",
      files,
      {},
      { resources: [...before.resources, { urn: "old", type: "x", delete: true }] },
    ],
  ])("is a full one where %s", (full, texts, other, last) => {
    expect(changedOnly(last, head(texts, other))).toEqual({ full });
  });
});

test("what was edited since the choice, or is hidden from it, is about more than the chosen tenants", () => {
  const chosenBy = {
    program: "p1",
    settings: { azure: "a" },
    others: { "azure-native:location": "b" },
    files: { t0: "c" },
  };
  const run = { project: "p", stack: "test", people: {}, chosenBy };
  expect(otherThanChosen(run, chosenBy)).toBeUndefined();
  expect(otherThanChosen({ ...run, chosenBy: undefined }, chosenBy)).toBeUndefined();
  const now = (other: Partial<NonNullable<ChangedRun["chosenBy"]>>) => otherThanChosen(run, { ...chosenBy, ...other });
  expect(now({ program: "p2" })).toBe("the program changed");
  expect(now({ settings: { azure: "a", azureFiles: "true" }, others: {} })).toBe(
    "settings changed: azureFiles, azure-native:location",
  );
  expect(now({ files: { t0: "d", t1: "e" } })).toBe("edited meanwhile: t0, t1");
});

test("names of people that mean somebody else are about more than the changed tenants", () => {
  expect(
    otherPeople({ "User a@x.com": "1", "User b@x.com": "2" }, { "User a@x.com": "1", "User c@x.com": "3" }),
  ).toBeUndefined();
  expect(otherPeople({ "User a@x.com": "1" }, { "User a@x.com": "2" })).toBe(
    "Entra ID means somebody else by User a@x.com",
  );
  expect(otherPeople({ "User a@x.com": "1" }, {})).toBe("nobody is named by a name any more");
  expect(otherPeople({}, {})).toBeUndefined();
});
