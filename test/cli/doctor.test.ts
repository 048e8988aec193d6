import { describe, expect, test } from "vitest";
import { nodeFinding } from "../../cli/doctor/project.ts";
import { runCommand } from "../support/command.ts";
import { fakeTools, type Replies } from "../support/fakeTools.ts";
import { TestProject, tenantFile } from "../support/project.ts";

const [me, team, gone] = [
  "1a2f6b0e-4f0d-4f6c-9d5b-8b8e2f7c1a01",
  "5f0a4d35-8f7e-4d6e-9a4e-3c1a4f6f2b10",
  "d61837ca-e41e-46ba-a4a5-27b9d5a8c743",
];
const scope = "/subscriptions/00000000-0000-4000-8000-00000000a2e0";
const issuer = "https://login.microsoftonline.com/00000000-0000-4000-8000-0000000e17a0/v2.0";
const settings = (admin: string, more = "") => `config:
  virtual-clusters:azure:
    { location: westeurope, resourceGroup: rg, clusterName: aks, clusterAdmins: [${admin}] }
  virtual-clusters:vcluster: { chartRepository: "https://charts.example.com" }
${more}`;
const signIn = `  virtual-clusters:signIn: { issuer: "${issuer}", clientId: app }\n`;
const graph = "https://graph.microsoft.com/v1.0";
const post = (path: string, body: object) =>
  `rest --method post --url ${graph}/${path} --headers Content-Type=application/json --body ${JSON.stringify(body)}`;

const userObject = { id: me, "@odata.type": "#microsoft.graph.user" };

const where = `--location westeurope --subscription ${scope.split("/").at(-1)} --output json`;
const skusOf = `vm list-skus --resource-type virtualMachines --size Standard_DS2_v2 --all ${where}`;
const usageOf = `vm list-usage ${where}`;
/** A size of two vCPUs, as Azure describes it. */
const sku = (more: object = {}) => ({
  name: "Standard_DS2_v2",
  family: "standardDSv2Family",
  capabilities: [{ name: "vCPUs", value: "2" }],
  locationInfo: [{ zones: ["1", "2"] }],
  restrictions: [],
  ...more,
});
/** vCPUs that are left in the region, and in the family. */
const usage = (cores: number, family: number) => [
  { name: { value: "cores" }, currentValue: "0", limit: String(cores) },
  { name: { value: "standardDSv2Family" }, currentValue: 90, limit: 90 + family },
];

/** A machine with every tool, and an identity with every right. */
const az: Replies = {
  "account show --output json": {
    id: scope.split("/").at(-1),
    name: "Contoso",
    tenantId: "00000000-0000-4000-8000-0000000e17a0",
    user: { name: "admin@contoso.com", type: "user" },
    state: "Enabled",
  },
  "ad signed-in-user show --query id --output tsv": me,
  [`rest --method get --url ${scope}/providers/Microsoft.Authorization/permissions?api-version=2022-04-01`]: {
    value: [
      { actions: ["*"], notActions: ["Microsoft.Authorization/*/Delete", "Microsoft.Authorization/*/Write"] },
      { actions: ["*/read", "Microsoft.Authorization/*"], notActions: [] },
    ],
  },
  [`provider list --subscription ${scope.split("/").at(-1)} --query [?registrationState=='Registered'].namespace --output json`]:
    ["Microsoft.Compute", "Microsoft.ContainerService", "Microsoft.ManagedIdentity", "Microsoft.Network"],
  "ad user show --id dev@contoso.com --query id --output tsv": "2b6d8c1f-3f63-4b0f-8f0a-7c0e2a9d1c02",
  [post("directoryObjects/getByIds", { ids: [me] })]: { value: [userObject] },
  [skusOf]: [sku()],
  [usageOf]: usage(10, 10),
};
const tools = {
  az,
  kubectl: { "version --client": "Client Version: v1.36.1\nKustomize Version: v5" },
  kubelogin: { "--version": "kubelogin version\ngit hash: v0.2.10/abc" },
};
function pulumiOf(root: string, replies: Replies = {}): Replies {
  const all: Replies = {
    version: "v3.270.0",
    "whoami --verbose --json": { user: "ada", url: "azblob://state" },
    "stack ls --json": [{ name: "organization/virtual-clusters/test" }],
    ...replies,
  };
  return Object.fromEntries(
    Object.entries(all).map(([args, reply]) => [`--cwd ${root} --non-interactive ${args}`, reply]),
  );
}

/** Runs the doctor where a project has these settings and a machine these tools. */
async function doctor(
  config: string,
  machine: Readonly<Record<string, Replies>> = tools,
  {
    pulumi = {},
    files = {},
    variables = {},
  }: { pulumi?: Replies; files?: Record<string, string>; variables?: Record<string, string> } = {},
) {
  const project = new TestProject({ "Pulumi.test.yaml": config, "tenants/test/ml.yaml": tenantFile(), ...files });
  const path = fakeTools(project.root, { ...machine, pulumi: pulumiOf(project.root, pulumi) });
  const { code, stdout, stderr } = await runCommand("cli/doctor.ts", ["--stack", "test", "--cwd", project.root], {
    env: { PATH: path, VIRTUAL_CLUSTERS_TODAY: "2026-11-25", ...variables },
  });
  return {
    status: code,
    stderr,
    lines: stdout
      .trimEnd()
      .replace(/v24\.[\d.]+/, "v24")
      .split("\n"),
  };
}

/** The lines about one subject. */
const about = (lines: readonly string[], subject: string) =>
  lines.flatMap((line, i) => (line.slice(7).startsWith(subject) ? [line, lines[i + 1]] : []));

describe("npm run doctor", () => {
  test("finds nothing to mend where every tool, right and setting is there", async () => {
    const dev = {
      "tenants/test/ml.yaml": tenantFile("hostRole: admin", "access: { admins: [{ user: dev@contoso.com }] }"),
    };
    expect(await doctor(settings(`{ user: ${me} }`, signIn), tools, { files: dev })).toEqual({
      status: 0,
      stderr: "",
      lines: [
        "  ok   Node.js                      v24",
        "  ok   Pulumi CLI                   v3.270.0",
        "  ok   state                        azblob://state",
        "  ok   stack                        test is there",
        "  ok   settings and tenants         right; tenants: 1",
        "  ?    chart                        from https://charts.example.com",
        "         not checked before it is installed",
        "  ok   support of vCluster          vcluster 0.36.1: its line gets nothing but critical security fixes since 2026-10-22, and nothing after 2027-01-22; no later line is known to this program yet",
        "  ok   kubectl                      Client Version: v1.36.1",
        "  ok   kubelogin                    v0.2.10",
        "  ok   sign-in                      admin@contoso.com, subscription 'Contoso' (00000000-0000-4000-8000-00000000a2e0)",
        "  ok   right to create a cluster    Contributor or the like, in the subscription",
        "  ok   right to assign roles        Role Based Access Control Administrator or the like, in the subscription",
        "  ok   resource providers           Microsoft.ContainerService, Microsoft.Compute, Microsoft.Network, Microsoft.ManagedIdentity: registered",
        "  ok   size of the nodes            Standard_DS2_v2 in westeurope",
        "  ok   quota of vCPUs               6 needed (2 nodes, and 1 more during an upgrade), 10 left in westeurope",
        "  ok   cluster administrator        the deploying identity is named in azure.clusterAdmins",
        "  ok   right to read Entra ID       answered for dev@contoso.com",
        "  ok   object ids                   1 in use, all known to Entra ID",
        `  ok   sign-in to virtual clusters  ${issuer}`,
        "",
        "Nothing was found that keeps stack 'test' from being deployed; read what stands at '?' yourself.",
      ],
    });
  });

  test("says for each missing tool where it is had, and goes on with the rest", async () => {
    const { status, lines } = await doctor(
      settings(`{ user: ${me} }`),
      {},
      { pulumi: { "whoami --verbose --json": { fails: "x" } } },
    );
    expect(status).toBe(1);
    expect(lines.filter((line) => line.startsWith("  FIX"))).toEqual([
      "  FIX  state                        the place where it is kept cannot be read: x",
      "  FIX  kubelogin                    not on PATH",
      "  FIX  sign-in                      the Azure CLI (az) is not on PATH",
    ]);
    expect(about(lines, "kubectl")).toEqual([
      "  ?    kubectl                      not on PATH: needed by 'tenants kubeconfig', recover, drift and --mend",
      "         kubernetes.io/docs/tasks/tools; on Azure also: az aks install-cli",
    ]);
    expect(lines.at(-1)).toBe("3 to mend before stack 'test' can be deployed.");
  });

  test("says which right is lacking, and the command of whoever may give it", async () => {
    const poor = {
      ...az,
      [`rest --method get --url ${scope}/providers/Microsoft.Authorization/permissions?api-version=2022-04-01`]: {
        value: [{ actions: ["*"], notActions: ["Microsoft.Authorization/*/Write"] }],
      },
      "ad user show --id dev@contoso.com --query id --output tsv": {
        fails: "ERROR: Insufficient privileges to complete the operation.",
      },
    };
    const dev = {
      "tenants/test/ml.yaml": tenantFile("hostRole: admin", "access: { admins: [{ user: dev@contoso.com }] }"),
    };
    const { lines } = await doctor(settings(`{ user: ${me} }`), { ...tools, az: poor }, { files: dev });
    expect(about(lines, "right to assign roles")).toEqual([
      "  FIX  right to assign roles        lacks Microsoft.Authorization/roleAssignments/write in the subscription",
      "         an Owner runs what this prints: npm run doctor -- --rights --stack test",
    ]);
    expect(about(lines, "right to read Entra ID")).toEqual([
      "  FIX  right to read Entra ID       Insufficient privileges to complete the operation.",
      "         grant User.Read.All and Group.Read.All of Microsoft Graph, with an administrator's consent; or name people by object id",
    ]);
    expect(about(lines, "sign-in to virtual")[0]).toBe(
      "  ?    sign-in to virtual clusters  not set up: people get in through the host only",
    );
  });

  test("says where the deploying identity is no administrator of the cluster, by itself or by a group", async () => {
    const check = async (members: readonly string[]) => {
      const question = post(`directoryObjects/${me}/checkMemberGroups`, { groupIds: [team] });
      const known = {
        [post("directoryObjects/getByIds", { ids: [team] })]: {
          value: [{ id: team, "@odata.type": "#microsoft.graph.group" }],
        },
      };
      const { lines } = await doctor(settings(`{ group: ${team} }`), {
        ...tools,
        az: { ...az, ...known, [question]: { value: members } },
      });
      return about(lines, "cluster administrator");
    };
    expect((await check([team]))[0]).toBe(
      "  ok   cluster administrator        the deploying identity is in a group of azure.clusterAdmins",
    );
    expect(await check([])).toEqual([
      "  FIX  cluster administrator        the deploying identity is in no group of azure.clusterAdmins",
      `         add { user: ${me} } to azure.clusterAdmins: without that role it could not create a namespace`,
    ]);
  });

  test("finds object ids that nobody has any more, and how to restore somebody who was deleted", async () => {
    const asked = (deleted: boolean): Replies => ({
      ...az,
      [post("directoryObjects/getByIds", { ids: [me, gone] })]: { value: [userObject] },
      ...(deleted && { [`rest --method get --url ${graph}/directory/deletedItems/${gone}`]: { id: gone } }),
    });
    const files = { "tenants/test/ml.yaml": tenantFile(`access: { admins: [{ user: ${gone} }] }`, "hostRole: admin") };
    const check = async (deleted: boolean) =>
      about(
        (await doctor(settings(`{ user: ${me} }`), { ...tools, az: asked(deleted) }, { files })).lines,
        "object ids",
      );
    expect(await check(true)).toEqual([
      `  FIX  object ids                   tenants/test/ml.yaml:3: ${gone} was deleted in the last 30 days`,
      `         remove the entry, or restore it: az rest --method post --url ${graph}/directory/deletedItems/${gone}/restore`,
    ]);
    expect(await check(false)).toEqual([
      `  FIX  object ids                   tenants/test/ml.yaml:3: ${gone} is nobody's in this Entra ID (whether it was deleted, you may not see)`,
      "         correct or remove the entry",
    ]);
  });

  test("tells a user from a group that is named as one, and a service principal from its application", async () => {
    const files = { "tenants/test/ml.yaml": tenantFile(`access: { admins: [{ user: ${team} }] }`, "hostRole: admin") };
    const known = { value: [userObject, { id: team, "@odata.type": "#microsoft.graph.group" }] };
    const asked = { ...az, [post("directoryObjects/getByIds", { ids: [me, team] })]: known };
    const { lines } = await doctor(settings(`{ user: ${me} }`), { ...tools, az: asked }, { files });
    expect(about(lines, "object ids")).toEqual([
      `  FIX  object ids                   tenants/test/ml.yaml:3: ${team} is named as a User, but is a group`,
      "         correct the entry",
    ]);

    const robot = {
      ...az,
      "account show --output json": {
        ...(az["account show --output json"] as object),
        user: { name: gone, type: "servicePrincipal" },
      },
      [`ad sp show --id ${gone} --query id --output tsv`]: me,
    };
    const pipeline = await doctor(settings(`{ servicePrincipal: ${gone} }`), { ...tools, az: robot });
    expect(about(pipeline.lines, "cluster administrator")).toEqual([
      `  FIX  cluster administrator        ${gone} is the application's id`,
      `         write its object id, { servicePrincipal: ${me} }, in azure.clusterAdmins`,
    ]);
  });

  test("does not promise what it could not look at", async () => {
    const { status, lines } = await doctor(
      settings(`{ user: ${me} }`).replace("clusterName", "kubelogin: workloadidentity, clusterName"),
      { kubelogin: tools.kubelogin },
      {
        variables: {
          ARM_CLIENT_ID: gone,
          ARM_TENANT_ID: gone,
          ACTIONS_ID_TOKEN_REQUEST_TOKEN: "t",
          ACTIONS_ID_TOKEN_REQUEST_URL: "https://example.com",
        },
      },
    );
    expect(about(lines, "identity for kubelogin")[0]).toBe(
      "  ok   identity for kubelogin       kubelogin workloadidentity: all is set",
    );
    expect(about(lines, "sign-in ")[0]).toBe(
      "  ?    sign-in                      by ARM_CLIENT_ID; without the Azure CLI its rights, and the people, were not checked",
    );
    expect([status, lines.at(-1)]).toEqual([
      0,
      "Nothing was found that keeps stack 'test' from being deployed; read what stands at '?' yourself.",
    ]);
  });

  const me2 = `{ user: ${me} }`;
  const inGroup = `{ group: ${team} }`;
  const groupQuestion = post(`directoryObjects/${me}/checkMemberGroups`, { groupIds: [team] });
  const registration = Object.keys(az).find((args) => args.startsWith("provider list")) ?? "";
  const permissions = Object.keys(az).find((args) => args.includes("/permissions?")) ?? "";
  const ids = post("directoryObjects/getByIds", { ids: [me] });
  const account = az["account show --output json"] as object;
  test.each<[string, string, Replies, string, string]>([
    [
      "no answer about rights",
      me2,
      { [permissions]: {} },
      "right to assign roles",
      "?    right to assign roles        Azure did not say: no answer",
    ],
    [
      "rights under a condition",
      me2,
      { [permissions]: { value: [{ actions: ["*"], condition: "…" }] } },
      "right to assign",
      "?    right to assign roles        held under a condition of another form than this program's",
    ],
    [
      "rights that take themselves away",
      me2,
      { [permissions]: { value: [{ actions: ["*"], notActions: ["*/write"] }] } },
      "right to create",
      "FIX  right to create a cluster    lacks Microsoft.ContainerService/managedClusters/write, Microsoft.Resources/subscriptions/resourceGroups/write in the subscription",
    ],
    [
      "a provider that is not registered",
      me2,
      { [registration]: ["Microsoft.Compute", "Microsoft.ContainerService", "Microsoft.Network"] },
      "resource provider",
      "FIX  resource providers           Microsoft.ManagedIdentity: not registered",
    ],
    [
      "a provider of which nothing is said",
      me2,
      { [registration]: { fails: "ERROR: no" } },
      "resource provider",
      "?    resource providers           no",
    ],
    [
      "another administrator",
      `{ user: ${team} }`,
      {},
      "cluster administrator",
      "FIX  cluster administrator        azure.clusterAdmins does not name the deploying identity",
    ],
    [
      "groups of which nothing is said",
      inGroup,
      { [groupQuestion]: {} },
      "cluster administrator",
      "?    cluster administrator        Entra ID did not say of every group whether it is in there",
    ],
    [
      "a group that cannot be found",
      "{ group: nobodys }",
      { [groupQuestion.replace(`"${team}"`, "")]: { value: [] } },
      "cluster administrator",
      "?    cluster administrator        Entra ID did not say of every group whether it is in there",
    ],
    [
      "an identity without an object id",
      inGroup,
      { "ad signed-in-user show --query id --output tsv": { fails: "no" } },
      "cluster administrator",
      "?    cluster administrator        the object id of the deploying identity could not be read",
    ],
    [
      "object ids of which nothing is said",
      me2,
      { [ids]: { fails: "Forbidden" } },
      "object ids",
      "?    object ids                   Entra ID did not say whose they are",
    ],
    [
      "object ids of no kind",
      me2,
      { [ids]: { value: [{ id: me }] } },
      "object ids",
      "ok   object ids                   1 in use, all known to Entra ID",
    ],
    [
      "a name that nobody has",
      "{ user: nobody@contoso.com }",
      {
        "ad user show --id nobody@contoso.com --query id --output tsv": {
          fails: "ERROR: Resource 'nobody@contoso.com' does not exist",
        },
      },
      "right to read",
      "FIX  right to read Entra ID       there is not just one 'nobody@contoso.com': Resource 'nobody@contoso.com' does not exist",
    ],
    [
      "a look-up that fails",
      "{ user: nobody@contoso.com }",
      { "ad user show --id nobody@contoso.com --query id --output tsv": { fails: "ERROR: timed out" } },
      "right to read",
      "?    right to read Entra ID       timed out",
    ],
    [
      "a subscription that is closed",
      me2,
      { "account show --output json": { ...account, state: "Disabled" } },
      "sign-in ",
      `FIX  sign-in                      admin@contoso.com, subscription 'Contoso' (${scope.split("/").at(-1)}) is Disabled`,
    ],
    [
      "an account without anybody",
      me2,
      { "account show --output json": {} },
      "sign-in ",
      "FIX  sign-in                      the Azure CLI answered nothing",
    ],
    [
      "another Entra ID tenant",
      me2,
      { "account show --output json": { ...account, tenantId: "other" } },
      "sign-in to virtual",
      `?    sign-in to virtual clusters  ${issuer} is not of the Entra ID tenant other`,
    ],
  ])("says of %s what it is, and goes on", async (_, admin, replies, subject, line) => {
    const { lines, stderr } = await doctor(settings(admin, signIn), { ...tools, az: { ...az, ...replies } });
    expect([about(lines, subject)[0], stderr]).toEqual([`  ${line}`, ""]);
    expect(lines.at(-1)).toMatch(/stack 'test'/i);
  });

  test("asks about the subscription that Pulumi will use: the stack's setting before the environment", async () => {
    const asked = async (config: string, variables: Record<string, string>) => {
      const own = settings(me2, config);
      const answers = Object.fromEntries(
        ["one", "two"].map((id) => [`account show --subscription ${id} --output json`, { ...account, id, name: id }]),
      );
      const { lines } = await doctor(own, { ...tools, az: { ...az, ...answers } }, { variables });
      return /subscription '(\w+)'/.exec(about(lines, "sign-in ")[0] ?? "")?.[1];
    };
    const config = "  azure-native:subscriptionId: one\n";
    expect(await asked(config, { ARM_SUBSCRIPTION_ID: "two" })).toBe("one");
    expect(await asked("", { ARM_SUBSCRIPTION_ID: "two" })).toBe("two");
    expect(await asked("", { ARM_SUBSCRIPTION_ID: "", ARM_CLIENT_ID: "" })).toBe("Contoso");
    const { lines } = await doctor(settings(me2), tools, { variables: { ARM_CLIENT_ID: gone } });
    expect(about(lines, "sign-in ")[0]).toMatch(
      new RegExp(`^ {2}\\? .* while Pulumi deploys as ARM_CLIENT_ID ${gone}$`),
    );
  });

  test.each([
    ["v24.21.0", "ok"],
    ["v22.18.0", "ok"],
    ["v22.17.1", "fix"],
    ["v20.20.2", "fix"],
    ["", "fix"],
  ])("takes Node.js '%s' for %s: from 22.18 on it loads the program's sources by itself", (version, state) => {
    expect(nodeFinding({ stdout: `${version}\n`, reason: "not on PATH" })).toMatchObject({
      state,
      found: version || "not on PATH",
    });
  });

  test("says why the state cannot be read, and that a passphrase is not given", async () => {
    const ls = await doctor(settings(me2), tools, { pulumi: { "stack ls --json": { fails: "error: 403" } } });
    expect(about(ls.lines, "stack ")[0]).toBe("  ?    stack                        whether it is there: 403");
    const salted = `encryptionsalt: v1:x\n${settings(me2)}`;
    expect(about((await doctor(salted)).lines, "passphrase")[0]).toBe(
      "  FIX  passphrase                   it is in neither PULUMI_CONFIG_PASSPHRASE nor PULUMI_CONFIG_PASSPHRASE_FILE",
    );
    const given = await doctor(salted, tools, { variables: { PULUMI_CONFIG_PASSPHRASE: "" } });
    expect(about(given.lines, "passphrase")).toEqual([]);
  });

  test("asks a cluster that is used as it is, as the settings reach it", async () => {
    const config = "config:\n  virtual-clusters:existingCluster: { name: kind, context: kind-kind }\n";
    const question = "--context kind-kind --request-timeout 15s auth can-i create namespaces";
    const check = async (reply: string | object) =>
      about((await doctor(config, { kubectl: { [question]: reply } })).lines, "host");
    const guard = async (version: string | object, may: string | object = "yes") => {
      const flags = "--context kind-kind --request-timeout 15s";
      const replies = {
        [question]: "yes",
        [`${flags} get --raw /version`]: version,
        [`${flags} auth can-i create validatingadmissionpolicies.admissionregistration.k8s.io`]: may,
      };
      return about((await doctor(config, { kubectl: replies })).lines, "guard");
    };
    expect((await guard({ major: "1", minor: "36" }))[0]).toBe(
      "  ok   guard of the host            Kubernetes 1.36 has what it needs, and lets you create it",
    );
    expect((await guard({ major: "1", minor: "29+" })).slice(0, 2)).toEqual([
      "  FIX  guard of the host            Kubernetes 1.29 has no ValidatingAdmissionPolicy in v1",
      "         upgrade it to 1.30 or newer: without the guard a tenant's administrators could reach other tenants",
    ]);
    expect((await guard({ major: "1", minor: "30" }, { fails: "no" }))[0]).toBe(
      "  FIX  guard of the host            you may not create admission policies",
    );
    expect((await check("yes"))[0]).toBe("  ok   host                         answers, and lets you create namespaces");
    expect((await check({ fails: "Warning: x", prints: "no - no RBAC policy matched" }))[0]).toBe(
      "  FIX  host                         you may not create namespaces",
    );
    expect(about((await doctor(config, {})).lines, "host")[0]).toBe(
      "  ?    host                         could not be asked without kubectl",
    );
    expect(await check({ fails: "The connection was refused" })).toEqual([
      "  FIX  host                         kubectl could not ask it: The connection was refused",
      "         start the cluster, or name another one: existingCluster.kubeconfig, existingCluster.context",
    ]);
  });

  test("tells where the chart's line stands: what nobody who deploys can act on is no fault", async () => {
    const kind = "config:\n  virtual-clusters:existingCluster: { name: kind }\n";
    const on = async (day: string) =>
      about((await doctor(kind, tools, { variables: { VIRTUAL_CLUSTERS_TODAY: day } })).lines, "support of vCluster");
    expect((await on("2026-08-21"))[0]).toBe(
      "  ok   support of vCluster          vcluster 0.36.1: its line gets nothing but critical security fixes after 2026-10-22, and nothing after 2027-01-22",
    );
    expect(await on("2027-01-23")).toEqual([
      "  ?    support of vCluster          vcluster 0.36.1: its line has had no fixes since 2027-01-22, not even for security",
      "         update this program: no later line is known to it. Where its newest release does not know one, ask there",
    ]);
  });

  test("tells of settings that are wrong, of a stack that is not made yet and of a chart that is not there", async () => {
    const wrong = await doctor("config: {}\n", tools, { pulumi: { "stack ls --json": [] } });
    expect(about(wrong.lines, "settings and tenants")).toEqual([
      "  FIX  settings and tenants         1 to mend",
      "         npm run tenants -- check",
    ]);
    expect(about(wrong.lines, "stack ")).toEqual([
      "  FIX  stack                        test is not there yet",
      "         npx pulumi stack init test",
    ]);
    const local = await doctor("config:\n  virtual-clusters:existingCluster: { name: kind }\n");
    expect(about(local.lines, "chart")).toEqual([
      "  FIX  chart                        ./.charts/vcluster-0.36.1.tgz is not there",
      "         npm run chart; where there is no internet: npm run chart -- --from <file>",
    ]);
  });
});
