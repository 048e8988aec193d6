import { parse, stringify } from "yaml";

/** The application id of AKS's Entra ID server, the same for every cluster. Source: AKS, "Use kubelogin". */
const aksServerId = "6dae42f8-4368-4678-94ff-3960e28e3630";

interface AzureKubeconfig {
  readonly clusters: readonly { readonly name: string; readonly cluster: Record<string, unknown> }[];
}

/**
 * Rewrites the kubeconfig that Azure hands out so that it signs in without a person at the keyboard: only the
 * cluster's address and certificate authority are kept, and `kubelogin` gets a token by the given method. What Azure
 * sends uses a device code, which would hang a pipeline; and nothing in the result is a secret.
 *
 * @param encoded the kubeconfig as Azure returns it, base64
 * @param login kubelogin's `--login`, such as "azurecli"
 */
export function kubeloginKubeconfig(encoded: string, login: string): string {
  const source = parse(Buffer.from(encoded, "base64").toString("utf8")) as AzureKubeconfig;
  const [entry] = source.clusters;
  if (entry === undefined) throw new Error("the kubeconfig that Azure returned names no cluster");
  const { server, "certificate-authority-data": authority } = entry.cluster;
  const exec = {
    apiVersion: "client.authentication.k8s.io/v1",
    command: "kubelogin",
    args: ["get-token", "--login", login, "--server-id", aksServerId],
    interactiveMode: "Never",
    provideClusterInfo: false,
    installHint: "kubelogin is needed: https://azure.github.io/kubelogin/install.html",
  };
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: entry.name, cluster: { server, "certificate-authority-data": authority } }],
    users: [{ name: "kubelogin", user: { exec } }],
    contexts: [{ name: entry.name, context: { cluster: entry.name, user: "kubelogin" } }],
    "current-context": entry.name,
  });
}
