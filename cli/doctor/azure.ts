import { resourceProviders, rolesOutside } from "../../model/access/deployer.ts";
import { missingForKubelogin } from "../../model/access/kubelogin.ts";
import type { AzureSettings } from "../../model/settings/settingsSchema.ts";
import { shellCommand } from "../../model/text/shell.ts";
import { ask, json, type Reply } from "./ask.ts";
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

/** Whether kubelogin finds in the environment what the stack's way to sign in needs. Values are never told. */
export function checkKubelogin({ kubelogin }: AzureSettings, environment: NodeJS.ProcessEnv): Finding[] {
  const missing = missingForKubelogin(kubelogin, environment);
  const subject = "identity for kubelogin";
  if (missing.length === 0) return kubelogin === "azurecli" ? [] : [ok(subject, `kubelogin ${kubelogin}: all is set`)];
  const names = missing.map(({ name, source }) => `${name} (or ${source})`).join(", ");
  const github = "on GitHub: permissions: { id-token: write }, and no file is needed";
  const fix = `set it where the deployment runs${kubelogin === "workloadidentity" ? `; ${github}` : ""}`;
  const found = `kubelogin ${kubelogin} lacks ${names} here`;
  // Somebody at a desk may look at what a pipeline will deploy.
  return [environment.CI || environment.ARM_CLIENT_ID ? broken(subject, found, fix) : unsure(subject, found, fix)];
}

/** What the deploying identity must be able to do, and a built-in role that holds it. */
const needed = [
  {
    subject: "right to create a cluster",
    actions: ["Microsoft.ContainerService/managedClusters/write"],
    ofGroup: "Microsoft.Resources/subscriptions/resourceGroups/write",
    role: "Contributor",
  },
  {
    subject: "right to assign roles",
    actions: ["Microsoft.Authorization/roleAssignments/write", "Microsoft.Authorization/roleAssignments/delete"],
    ofGroup: undefined,
    role: "Role Based Access Control Administrator",
  },
];

/** What the caller holds at a scope, from one role assignment or several. Source: Azure, "Permissions - List". */
interface Permission {
  readonly actions?: readonly string[];
  readonly notActions?: readonly string[];
  /** Where it stands, the right holds for some assignments only. */
  readonly condition?: string | null;
}

/**
 * Whether the deploying identity may do what a deployment does in Azure. Rights in the stack's resource group are enough where
 * the group is there: the stack's settings say so, or the stack has made it.
 */
export async function checkRights({ id }: Account, azure: AzureSettings, stack: string): Promise<Finding[]> {
  const subscription = `/subscriptions/${id}`;
  const group = `${subscription}/resourceGroups/${azure.resourceGroup}`;
  const ofGroup = await permissionsAt(group);
  // Of a group that is not there, Azure says nothing.
  const inGroup = azure.existingResourceGroup || ofGroup.permissions !== undefined;
  const { permissions, reply } = inGroup ? ofGroup : await permissionsAt(subscription);
  const fix = `an Owner runs what this prints: npm run doctor -- --rights --stack ${stack}`;
  const where = inGroup ? "in the resource group" : "in the subscription";
  return needed.map(({ subject, actions, ofGroup: make, role }) => {
    if (permissions === undefined) return unsure(subject, `Azure did not say: ${reply.reason || "no answer"}`, fix);
    const wanted = inGroup || make === undefined ? actions : [...actions, make];
    const lacking = (some: readonly Permission[]) =>
      wanted.filter((action) => !some.some((permission) => allows(permission, action)));
    const whole = permissions.filter(({ condition }) => !condition);
    if (lacking(whole).length === 0) return ok(subject, `${role} or the like, ${where}`);
    if (lacking(permissions).length > 0) {
      return broken(subject, `lacks ${lacking(permissions).join(", ")} ${where}`, fix);
    }
    if (make !== undefined) return unsure(subject, "held under a condition, which was not looked at", fix);
    const limits = permissions
      .filter(({ condition }) => condition)
      .map(({ condition }) => rolesOutside(condition ?? ""));
    if (limits.some((outside) => outside?.length === 0)) {
      return ok(subject, `of this program's roles alone, ${where}`);
    }
    const outside = limits.find((roles) => roles !== undefined);
    return outside === undefined
      ? unsure(subject, "held under a condition of another form than this program's", fix)
      : broken(subject, `the condition on it leaves out ${outside.join(", ")}`, fix);
  });
}

async function permissionsAt(
  scope: string,
): Promise<{ readonly permissions: readonly Permission[] | undefined; readonly reply: Reply }> {
  const url = `${scope}/providers/Microsoft.Authorization/permissions?api-version=2022-04-01`;
  const reply = await ask("az", ["rest", "--method", "get", "--url", url]);
  return { permissions: json<{ readonly value?: readonly Permission[] }>(reply)?.value, reply };
}

/** Each permission stands for itself: what one takes away, another may give. */
function allows({ actions = [], notActions = [] }: Permission, action: string): boolean {
  const covers = (pattern: string) =>
    new RegExp(`^${pattern.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*")}$`, "i").test(action);
  return actions.some(covers) && !notActions.some(covers);
}

/** Whether the subscription has been told of everything that a stack makes there. */
export async function checkRegistration({ id }: Account): Promise<Finding> {
  const subject = "resource providers";
  const own = ["--subscription", id];
  const query = ["--query", "[?registrationState=='Registered'].namespace", "--output", "json"];
  const reply = await ask("az", ["provider", "list", ...own, ...query]);
  const registered = json<readonly string[]>(reply);
  const missing = resourceProviders.filter((namespace) => !registered?.includes(namespace));
  const fix = missing
    .map((namespace) => shellCommand(["az", "provider", "register", "--namespace", namespace, ...own]))
    .join(" && ");
  if (registered === undefined) return unsure(subject, reply.reason || "no answer", fix);
  return missing.length === 0
    ? ok(subject, `${resourceProviders.join(", ")}: registered`)
    : broken(subject, `${missing.join(", ")}: not registered`, fix);
}
