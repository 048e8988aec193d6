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
    : unsure("kubectl", `${kubectl.reason}: needed by 'tenants kubeconfig', recover, drift and --mend`, kubectlFix);
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

/** A cluster that is used as it is: whether it answers, lets the caller make namespaces, and takes the guard of the host. */
export async function checkExistingCluster(root: string, cluster: ExistingClusterSettings): Promise<Finding[]> {
  const flags = [...clusterFlags(root, cluster), "--request-timeout", "15s"];
  const may = await ask("kubectl", [...flags, "auth", "can-i", "create", "namespaces"]);
  if (may.ok) {
    const answers = ok("host", "answers, and lets you create namespaces");
    return [answers, await checkGuard(flags)];
  }
  if (!may.installed) return [unsure("host", "could not be asked without kubectl", kubectlFix)];
  if (/^no\b/.test(may.stdout.trim())) {
    return [
      broken("host", "you may not create namespaces", "deploy as an administrator of the cluster (cluster-admin)"),
    ];
  }
  const fix = "start the cluster, or name another one: existingCluster.kubeconfig, existingCluster.context";
  return [broken("host", `kubectl could not ask it: ${may.reason}`, fix)];
}

/** The first minor of Kubernetes 1 that has ValidatingAdmissionPolicy in v1. Source: Kubernetes 1.30, release notes. */
const guardMinor = 30;

/** The guard of the host are admission policies, which old clusters do not know and not everybody may make. */
async function checkGuard(flags: readonly string[]): Promise<Finding> {
  const [version, may] = await Promise.all([
    ask("kubectl", [...flags, "get", "--raw", "/version"]),
    ask("kubectl", [...flags, "auth", "can-i", "create", "validatingadmissionpolicies.admissionregistration.k8s.io"]),
  ]);
  const minor = Number(/"minor":\s*"(\d+)/.exec(version.stdout)?.[1]);
  if (minor < guardMinor) {
    const fix = `upgrade it to 1.${guardMinor} or newer: without the guard a tenant's administrators could reach other tenants`;
    return broken("guard of the host", `Kubernetes 1.${minor} has no ValidatingAdmissionPolicy in v1`, fix);
  }
  if (!may.ok) {
    const fix = "deploy as an administrator of the cluster (cluster-admin)";
    return broken("guard of the host", "you may not create admission policies", fix);
  }
  return Number.isNaN(minor)
    ? unsure(
        "guard of the host",
        `its version could not be read: ${version.reason}`,
        `it must be 1.${guardMinor} or newer`,
      )
    : ok("guard of the host", `Kubernetes 1.${minor} has what it needs, and lets you create it`);
}
