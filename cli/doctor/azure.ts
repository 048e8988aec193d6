import type { AzureSettings } from "../../model/settings/settingsSchema.ts";
import { ask, json } from "./ask.ts";
import { broken, type Finding, ok, unsure } from "./finding.ts";

/** Who is signed in with the Azure CLI, and where. */
export interface Account {
  /** The subscription. */
  readonly id: string;
  readonly name: string;
  /** The Entra ID tenant. */
  readonly tenantId: string;
  readonly user: { readonly name: string; readonly type: string };
  /** Such as "Enabled". */
  readonly state: string;
}

/** What the Azure CLI says of who is signed in; findings alone where nobody is. */
export async function checkSignIn(
  { kubelogin }: AzureSettings,
  subscriptionId: string | undefined,
): Promise<{ readonly account?: Account; readonly findings: Finding[] }> {
  const reply = await ask("az", ["account", "show", ...flag("--subscription", subscriptionId), "--output", "json"]);
  const account = json<Account>(reply);
  const clientId = process.env.ARM_CLIENT_ID;
  if (account?.id === undefined || account.user === undefined) {
    const found = reply.installed
      ? reply.reason || "the Azure CLI answered nothing"
      : "the Azure CLI (az) is not on PATH";
    const fix = "az login, with the identity that deploys (learn.microsoft.com/cli/azure/install-azure-cli)";
    const enough = clientId && kubelogin !== "azurecli";
    const finding = enough
      ? unsure("sign-in", "by ARM_CLIENT_ID; without the Azure CLI its rights, and the people, were not checked", fix)
      : broken("sign-in", found, fix);
    return { findings: [finding] };
  }
  const who = `${account.user.name}, subscription '${account.name}' (${account.id})`;
  if (account.state !== "Enabled") {
    const fix = "have it enabled, or name another one: pulumi config set azure-native:subscriptionId";
    return { account, findings: [broken("sign-in", `${who} is ${account.state}`, fix)] };
  }
  if (clientId && clientId !== account.user.name) {
    const found = `${who}, while Pulumi deploys as ARM_CLIENT_ID ${clientId}`;
    const fix = "run the doctor as that identity: what follows is about the Azure CLI's";
    return { account, findings: [unsure("sign-in", found, fix)] };
  }
  return { account, findings: [ok("sign-in", who)] };
}

const flag = (name: string, value: string | undefined) => (value ? [name, value] : []);

/** What the deploying identity must be able to do in the subscription, and a built-in role that holds it. */
const needed = [
  {
    subject: "right to create a cluster",
    actions: [
      "Microsoft.Resources/subscriptions/resourceGroups/write",
      "Microsoft.ContainerService/managedClusters/write",
    ],
    role: "Contributor",
  },
  {
    subject: "right to assign roles",
    actions: ["Microsoft.Authorization/roleAssignments/write"],
    role: "User Access Administrator",
  },
];

/** What the caller holds at a scope, from one role assignment or several. Source: Azure, "Permissions - List". */
interface Permission {
  readonly actions?: readonly string[];
  readonly notActions?: readonly string[];
  /** Where it stands, the right holds for some assignments only. */
  readonly condition?: string | null;
}

/** Whether the deploying identity may do what a deployment does in Azure. */
export async function checkRights({ id }: Account, principalId: string | undefined): Promise<Finding[]> {
  const scope = `/subscriptions/${id}`;
  const url = `${scope}/providers/Microsoft.Authorization/permissions?api-version=2022-04-01`;
  const reply = await ask("az", ["rest", "--method", "get", "--url", url]);
  const permissions = json<{ readonly value?: readonly Permission[] }>(reply)?.value;
  return needed.map(({ subject, actions, role }) => {
    const fix = `an Owner runs: az role assignment create --assignee-object-id ${principalId ?? "<object id>"} --role "${role}" --scope ${scope}`;
    if (permissions === undefined) return unsure(subject, `Azure did not say: ${reply.reason || "no answer"}`, fix);
    const whole = permissions.filter(({ condition }) => !condition);
    const lacksAmong = (some: readonly Permission[]) =>
      actions.filter((action) => !some.some((permission) => allows(permission, action)));
    const lacking = lacksAmong(whole);
    if (lacking.length > 0 && lacksAmong(permissions).length === 0) {
      return unsure(subject, "held under a condition, which was not looked at", fix);
    }
    return lacking.length === 0
      ? ok(subject, `${role} or the like`)
      : broken(subject, `lacks ${lacking.join(", ")}`, fix);
  });
}

/** Each permission stands for itself: what one takes away, another may give. */
function allows({ actions = [], notActions = [] }: Permission, action: string): boolean {
  const covers = (pattern: string) =>
    new RegExp(`^${pattern.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*")}$`, "i").test(action);
  return actions.some(covers) && !notActions.some(covers);
}

/** Whether the subscription has been told that it will have clusters. */
export async function checkRegistration({ id }: Account): Promise<Finding> {
  const namespace = "Microsoft.ContainerService";
  const query = ["--query", "registrationState", "--output", "tsv"];
  const reply = await ask("az", ["provider", "show", "--namespace", namespace, "--subscription", id, ...query]);
  const state = reply.stdout.trim();
  const fix = `az provider register --namespace ${namespace} --subscription ${id}`;
  if (!reply.ok) return unsure("resource provider", `${namespace}: ${reply.reason}`, fix);
  return state === "Registered"
    ? ok("resource provider", `${namespace} is registered`)
    : broken("resource provider", `${namespace} is '${state}'`, fix);
}
