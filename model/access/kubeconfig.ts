import { parse, stringify } from "yaml";
import { Refusal } from "../text/problems.ts";

/**
 * The application that tokens for AKS's own API servers are issued for, the same in every directory.
 * Source: AKS, "Use kubelogin to authenticate users", `--server-id`.
 */
export const aksServerId = "6dae42f8-4368-4678-94ff-3960e28e3630";

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
  const cluster = { server, "certificate-authority-data": authority };
  return kubeconfig(entry.name, cluster, kubelogin(["--login", login, "--server-id", aksServerId], "Never"));
}

/** How a person or a pipeline gets a token for a virtual cluster: kubelogin's `--login`. */
export const tenantLogins = ["azurecli", "devicecode", "workloadidentity"] as const;
/** One of {@link tenantLogins}. */
export type TenantLogin = (typeof tenantLogins)[number];

/** A virtual cluster, as somebody outside reaches it and signs in to it. */
export interface TenantAddress {
  readonly name: string;
  /** The API server's URL. */
  readonly server: string;
  /** The certificate authority, PEM. */
  readonly authority: string;
  readonly issuer: string;
  readonly clientId: string;
}

/**
 * The kubeconfig of a virtual cluster for its people. It holds no secret: kubelogin gets a token of whoever uses it.
 *
 * @throws Refusal where the issuer is not Entra ID, which is all that kubelogin knows.
 */
export function tenantKubeconfig(
  { name, server, authority, issuer, clientId }: TenantAddress,
  login: TenantLogin,
): string {
  const [, directory] = /^https:\/\/login\.microsoftonline\.com\/([^/]+)\/v2\.0$/.exec(issuer) ?? [];
  if (directory === undefined) {
    throw new Refusal(
      `signIn.issuer is '${issuer}', which is not Entra ID (https://login.microsoftonline.com/<Entra ID tenant>/v2.0): use your issuer's own sign-in for kubectl`,
    );
  }
  const cluster = { server, "certificate-authority-data": Buffer.from(authority).toString("base64") };
  // A device code is asked for by an application: the same one, as nothing else is registered for virtual clusters.
  const application = login === "devicecode" ? ["--client-id", clientId] : [];
  // Who is signed in to several Entra ID tenants would get a token of another one, which the API server does not trust.
  const args = ["--login", login, "--server-id", clientId, "--tenant-id", directory, ...application];
  return kubeconfig(name, cluster, kubelogin(args, "IfAvailable"));
}

/** kubectl's way to run kubelogin for a token. Source: Kubernetes, "client-go credential plugins". */
function kubelogin(args: readonly string[], interactiveMode: "Never" | "IfAvailable") {
  return {
    apiVersion: "client.authentication.k8s.io/v1",
    command: "kubelogin",
    args: ["get-token", ...args],
    interactiveMode,
    provideClusterInfo: false,
    installHint: "kubelogin is needed: https://azure.github.io/kubelogin/install.html",
  };
}

function kubeconfig(name: string, cluster: Record<string, unknown>, exec: object): string {
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name, cluster }],
    users: [{ name: "kubelogin", user: { exec } }],
    contexts: [{ name, context: { cluster: name, user: "kubelogin" } }],
    "current-context": name,
  });
}
