import { devNull } from "node:os";
import { describe, expect, test } from "vitest";
import { checkKubelogin, checkRights } from "../../cli/doctor/azure.ts";
import { checkNodes } from "../../cli/doctor/capacity.ts";
import { checkReach } from "../../cli/doctor/reach.ts";
import { checkReleases, ownContext } from "../../cli/doctor/releases.ts";
import { assignmentCondition } from "../../model/access/deployer.ts";
import { azureRoles } from "../../model/access/roles.ts";
import { azureSchema } from "../../model/settings/settingsSchema.ts";
import { runCommand } from "../support/command.ts";
import { withTools } from "../support/fakeTools.ts";
import { azureSettings, TestProject } from "../support/project.ts";

const azure = (more: object = {}) =>
  azureSchema.parse({
    location: "westeurope",
    resourceGroup: "rg",
    clusterName: "aks",
    clusterAdmins: [{ user: "admin@contoso.com" }],
    ...more,
  });
const account = { id: "sub", name: "Contoso", tenantId: "t", user: { name: "me", type: "user" }, state: "Enabled" };

const said = (findings: readonly { state: string; found: string }[]) =>
  findings.map(({ state, found }) => `${state}: ${found}`);

describe("the nodes of a stack", () => {
  const where = "--location westeurope --subscription sub --output json";
  const list = `vm list-skus --resource-type virtualMachines --size Standard_DS2_v2 --all ${where}`;
  const sku = (more: object = {}) => ({
    name: "Standard_DS2_v2",
    family: "standardDSv2Family",
    capabilities: [{ name: "vCPUs", value: "2" }],
    locationInfo: [{ zones: ["1", "2"] }],
    ...more,
  });
  const usage = (cores: number, family: number) => [
    { name: { value: "cores" }, currentValue: "0", limit: String(cores) },
    { name: { value: "standardDSv2Family" }, currentValue: 90, limit: 90 + family },
  ];
  const check = (skus: readonly object[], usages: readonly object[], settings = azure(), isNew = true) =>
    withTools({ az: { [list]: skus, [`vm list-usage ${where}`]: usages } }, async () =>
      said(await checkNodes(account, settings, isNew)),
    );
  const zones = azure({ nodePool: { zones: ["1", "3"] } });

  test.each<[string, readonly object[], readonly object[], string, typeof zones?]>([
    [
      "are to be had",
      [sku()],
      usage(10, 10),
      "ok: 6 needed (2 nodes, and 1 more during an upgrade), 10 left in westeurope",
    ],
    ["are of no size there", [], [], "fix: Standard_DS2_v2 in westeurope: there is none"],
    [
      "are withheld",
      [sku({ restrictions: [{ type: "Location", reasonCode: "NotAvailableForSubscription" }] })],
      [],
      "fix: Standard_DS2_v2 in westeurope: the subscription may not have it (NotAvailableForSubscription)",
    ],
    ["lack a zone", [sku()], [], "fix: Standard_DS2_v2 in westeurope: not in zone 3", zones],
    [
      "are more than the family's quota",
      [sku()],
      usage(10, 5),
      "fix: 6 needed (2 nodes, and 1 more during an upgrade), 5 left of standardDSv2Family in westeurope",
    ],
    [
      "are more than the region's quota",
      [sku()],
      usage(4, 10),
      "fix: 6 needed (2 nodes, and 1 more during an upgrade), 4 left of the region in westeurope",
    ],
    ["have a quota that nobody tells", [sku()], [], "unknown: Azure did not say what is left"],
  ])("%s", async (_, skus, usages, last, settings) => {
    expect((await check(skus, usages, settings)).at(-1)).toBe(last);
  });

  test("of a cluster that is there are counted as used", async () => {
    expect((await check([sku()], usage(2, 2), azure(), false)).at(-1)).toBe(
      "ok: 2 needed (1 more during an upgrade), 2 left in westeurope",
    );
  });
});

describe("the deploying identity", () => {
  const url = (scope: string) =>
    `rest --method get --url ${scope}/providers/Microsoft.Authorization/permissions?api-version=2022-04-01`;
  const group = "/subscriptions/sub/resourceGroups/rg";
  const contributor = {
    actions: ["*"],
    notActions: ["Microsoft.Authorization/*/Write", "Microsoft.Authorization/*/Delete"],
  };
  const administrator = (condition: string) => ({
    actions: ["Microsoft.Authorization/roleAssignments/write", "Microsoft.Authorization/roleAssignments/delete"],
    condition,
  });
  const check = (condition: string) =>
    withTools({ az: { [url(group)]: { value: [contributor, administrator(condition)] } } }, async () =>
      said(await checkRights(account, azure({ existingResourceGroup: true }), "dev")),
    );

  test("may deploy with what 'doctor --rights' gives, in the resource group alone", async () => {
    expect(await check(assignmentCondition())).toEqual([
      "ok: Contributor or the like, in the resource group",
      "ok: of this program's roles alone, in the resource group",
    ]);
  });

  test("lacks a role that came later, which is named", async () => {
    const older = assignmentCondition().replaceAll(`, ${azureRoles.reader.id}`, "");
    expect((await check(older))[1]).toBe(`fix: the condition on it leaves out ${azureRoles.reader.name}`);
  });

  test("signs in to the cluster with variables that are named, and never shown", () => {
    const login = (kubelogin: string, environment: NodeJS.ProcessEnv) =>
      said(checkKubelogin(azure({ kubelogin }), environment));
    const arm = { ARM_CLIENT_ID: "secret-1", ARM_TENANT_ID: "secret-2" };
    expect(login("workloadidentity", {})).toEqual([
      "unknown: kubelogin workloadidentity lacks AZURE_CLIENT_ID (or ARM_CLIENT_ID), AZURE_TENANT_ID (or ARM_TENANT_ID), AZURE_FEDERATED_TOKEN_FILE (or ARM_OIDC_TOKEN_FILE_PATH) here",
    ]);
    expect(login("workloadidentity", arm)).toEqual([
      "fix: kubelogin workloadidentity lacks AZURE_FEDERATED_TOKEN_FILE (or ARM_OIDC_TOKEN_FILE_PATH) here",
    ]);
    const github = { ACTIONS_ID_TOKEN_REQUEST_TOKEN: "secret-3", ACTIONS_ID_TOKEN_REQUEST_URL: "secret-4" };
    expect(login("workloadidentity", { ...arm, ...github })).toEqual(["ok: kubelogin workloadidentity: all is set"]);
    expect(login("azurecli", {})).toEqual([]);
  });
});

describe("the API server", () => {
  const server = "aks-1.hcp.westeurope.azmk8s.io";
  const question = `--kubeconfig ${devNull} --server https://${server}:443 --insecure-skip-tls-verify --token none --request-timeout 10s get --raw /version`;
  const asked = (reply: string | object, settings = azure()) =>
    withTools({ kubectl: { [question]: reply } }, async () => said(await checkReach(settings, { fqdn: server })));
  const ranges = azure({ authorizedIpRanges: ["203.0.113.0/24"] });

  test("is in reach where it answers, were it with a refusal", async () => {
    expect(await asked({ major: "1" })).toEqual([`ok: ${server}`]);
    expect(await asked({ fails: "error: You must be logged in to the server (Unauthorized)" })).toEqual([
      `ok: ${server}`,
    ]);
  });

  test("is out of reach where its name or its address leads nowhere", async () => {
    expect(
      await asked({
        fails: `Unable to connect to the server: dial tcp: lookup ${server} on 10.0.0.2:53: no such host`,
      }),
    ).toEqual([`fix: this machine's DNS does not know ${server}`]);
    const timeout = "Unable to connect to the server: dial tcp 20.1.2.3:443: i/o timeout";
    expect(await asked({ fails: timeout }, ranges)).toEqual([
      `fix: ${server} does not answer this machine: ${timeout}`,
    ]);
  });

  test("that is not there yet will let in whom the settings name", async () => {
    const from = (address: string, settings = ranges) =>
      withTools({ curl: { "--silent --max-time 10 https://api.ipify.org": address } }, async () =>
        said(await checkReach(settings, undefined)),
      );
    expect(await from("203.0.113.9")).toEqual(["ok: 203.0.113.9 is in azure.authorizedIpRanges"]);
    expect(await from("198.51.100.7")).toEqual([
      "fix: this machine comes from 198.51.100.7, which azure.authorizedIpRanges does not have",
    ]);
    expect(await from("<html>")).toEqual(["unknown: this machine's public address could not be told"]);
    expect(await from("", azure({ privateCluster: true }))).toEqual([
      "unknown: it will have a private address: deploy from one of the networks of azure.network.reachableFrom",
    ]);
    expect(await from("", azure())).toEqual([]);
  });
});

describe("releases that an interrupted deployment left halfway", () => {
  const question =
    "--context kind --request-timeout 15s get secrets --all-namespaces --selector owner=helm --label-columns name,status,version --no-headers";
  const tenants = ["ml", "web"].map((name) => ({ name, namespace: name }));
  const check = (reply: string | object) =>
    withTools({ kubectl: { [question]: reply } }, () => checkReleases(["--context", "kind"], tenants, "dev"));

  const row = (namespace: string, name: string, status: string, revision = 2) =>
    `${namespace}   sh.helm.release.v1.${name}.v${revision}   helm.sh/release.v1   1   3m   ${name}   ${status}   ${revision}`;

  test("are found among the stack's tenants, each with its way out", async () => {
    const rows = [
      row("ml", "ml", "pending-upgrade"),
      row("web", "web", "pending-install"),
      row("x", "x", "uninstalling"),
      // A rollback leaves the record of what it has undone.
      row("web", "web", "pending-upgrade", 1),
      // A team's own, of which this program knows nothing.
      row("web", "redis", "pending-upgrade"),
    ];
    const found = await check(rows.join("\n"));
    expect(found.map(({ found: text, fix }) => [text, fix])).toEqual([
      [
        "'ml' in namespace 'ml' is pending-upgrade: Helm does nothing more with it",
        "see that no deployment runs, then: npm run recover -- --stack dev",
      ],
      [
        "'web' in namespace 'web' is pending-install: Helm does nothing more with it",
        "see that no deployment runs, then: npm run recover -- --stack dev",
      ],
    ]);
    expect(said(await check("No resources found"))).toEqual(["ok: none is stuck halfway, and none has failed"]);
    expect(said(await check({ fails: "Forbidden" }))).toEqual(["unknown: whether one is stuck: Forbidden"]);
    const without = await withTools({}, () => checkReleases([], tenants, "dev"));
    expect(said(without)).toEqual(["unknown: whether one is stuck: kubectl is not on PATH"]);
  });

  test("or whose last upgrade failed are told, and what goes forward and back: they keep nothing from being deployed", async () => {
    const rows = [
      row("ml", "ml", "superseded", 1),
      row("ml", "ml", "failed", 2),
      row("web", "web", "failed", 1),
      row("web", "redis", "failed", 1),
    ];
    const forward = "mend the cause, and 'npm run up' goes forward";
    expect((await check(rows.join("\n"))).map(({ state, found, fix }) => [state, found, fix])).toEqual([
      [
        "unknown",
        "'ml' in namespace 'ml' is failed: revision 2, for 3m",
        `${forward}; or, where both revisions allow it, back to the one before: npm run recover -- --stack dev --rollback ml`,
      ],
      ["unknown", "'web' in namespace 'web' is failed: revision 1, for 3m", forward],
    ]);
    const mended = [row("ml", "ml", "failed", 2), row("ml", "ml", "deployed", 3)];
    expect(said(await check(mended.join("\n")))).toEqual(["ok: none is stuck halfway, and none has failed"]);
  });

  test("are asked for on the stack's own cluster alone", async () => {
    const context = (server: string) =>
      withTools({ kubectl: { "config view --minify --output jsonpath={.clusters[0].cluster.server}": server } }, () =>
        ownContext("aks-1.hcp.westeurope.azmk8s.io"),
      );
    expect(await context("https://aks-1.hcp.westeurope.azmk8s.io:443")).toEqual([]);
    expect(await context("https://127.0.0.1:6443")).toBeUndefined();
  });
});

test("'doctor --rights' prints the commands of an owner, and looks at nothing", async () => {
  const project = new TestProject({ "Pulumi.test.yaml": azureSettings });
  const args = ["--stack", "test", "--cwd", project.root, "--rights", "--principal", "me"];
  const { code, stdout } = await runCommand("cli/doctor.ts", args, { env: { PATH: "", ARM_SUBSCRIPTION_ID: "sub" } });
  expect(code).toBe(0);
  expect(stdout.split("\n").filter((line) => line.startsWith("az "))).toEqual([
    ...["ContainerService", "Compute", "Network", "ManagedIdentity"].map(
      (name) => `az provider register --namespace Microsoft.${name} --subscription sub`,
    ),
    "az group create --name rg-test --location westeurope --subscription sub",
    expect.stringMatching(
      /^az role assignment create --assignee-object-id me .*resourceGroups\/rg-test --role Contributor$/,
    ),
    expect.stringMatching(/ --role 'Role Based Access Control Administrator' --condition-version 2\.0 --condition '/),
  ]);
  const own = new TestProject({ "Pulumi.test.yaml": "config:\n  virtual-clusters:existingCluster: { name: kind }\n" });
  const refused = await runCommand("cli/doctor.ts", ["--stack", "test", "--cwd", own.root, "--rights"]);
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining("it needs no rights in Azure")]);
});
