import type { ExistingClusterSettings } from "../../model/settings/settingsSchema.ts";
import { clusterFlags } from "../kubectl.ts";
import { ask } from "./ask.ts";
import { broken, type Finding, ok, unsure } from "./finding.ts";

const kubectlFix = "kubernetes.io/docs/tasks/tools; on Azure also: az aks install-cli";

/** The tools that talk to the host; who signs in with kubelogin needs it, and people's kubeconfigs need both. */
export async function checkTools(azure: boolean): Promise<Finding[]> {
  const [kubectl, kubelogin] = await Promise.all([
    ask("kubectl", ["version", "--client"]),
    ask("kubelogin", ["--version"]),
  ]);
  const found = kubectl.ok
    ? ok("kubectl", firstLine(kubectl.stdout))
    : unsure("kubectl", `${kubectl.reason}: 'tenants kubeconfig' needs it, a deployment does not`, kubectlFix);
  if (!azure) return [found];
  const login = kubelogin.ok
    ? ok("kubelogin", versionIn(kubelogin.stdout))
    : broken("kubelogin", kubelogin.reason, "az aks install-cli, or azure.github.io/kubelogin/install.html");
  return [found, login];
}

function firstLine(text: string): string {
  return text.trim().split("\n")[0] ?? "";
}

/** kubelogin prints a heading first. */
function versionIn(text: string): string {
  return /v?\d+\.\d+\.\d+/.exec(text)?.[0] ?? firstLine(text);
}

/** A cluster that is used as it is: whether it answers, and lets the caller make namespaces. */
export async function checkExistingCluster(root: string, cluster: ExistingClusterSettings): Promise<Finding[]> {
  const may = await ask("kubectl", [
    ...clusterFlags(root, cluster),
    "--request-timeout",
    "15s",
    "auth",
    "can-i",
    "create",
    "namespaces",
  ]);
  if (may.ok) return [ok("host", "answers, and lets you create namespaces")];
  if (!may.installed) return [unsure("host", "could not be asked without kubectl", kubectlFix)];
  if (/^no\b/.test(may.stdout.trim())) {
    return [
      broken("host", "you may not create namespaces", "deploy as an administrator of the cluster (cluster-admin)"),
    ];
  }
  const fix = "start the cluster, or name another one: existingCluster.kubeconfig, existingCluster.context";
  return [broken("host", `kubectl could not ask it: ${may.reason}`, fix)];
}
