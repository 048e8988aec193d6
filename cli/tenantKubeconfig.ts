import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { type TenantLogin, tenantKubeconfig } from "../model/access/kubeconfig.ts";
import { addressOf, dnsLabelAnnotation, hostOfLabel } from "../model/deploy/address.ts";
import type { AzureSettings } from "../model/settings/settingsSchema.ts";
import type { Tenant } from "../model/tenant/tenantSchema.ts";
import { Refusal } from "../model/text/problems.ts";
import { shellCommand } from "../model/text/shell.ts";
import { findTenant } from "./findTenant.ts";
import { clusterFlags, type KubectlTarget } from "./kubectl.ts";

export interface KubeconfigOptions {
  readonly stack: string;
  readonly cwd: string;
  readonly login: TenantLogin;
  /** The host's context in the caller's kubeconfig; the current one where it is left out. */
  readonly context?: string;
}

/**
 * Prints the kubeconfig of a tenant's virtual cluster. Where it is reached and its certificate authority are asked of
 * the host as the caller, with kubectl; no Secret is read.
 *
 * @throws Refusal where the tenant's people could not sign in, or the host does not know the cluster (yet).
 */
export async function printKubeconfig(name: string, { stack, cwd, login, context }: KubeconfigOptions): Promise<void> {
  const root = resolve(cwd);
  const { tenant, settings } = findTenant(root, stack, name);
  if (tenant.lifecycle !== "active")
    throw new Refusal(`tenant '${name}' is ${tenant.lifecycle}: its control plane is stopped`);
  if (settings.signIn === undefined) {
    throw new Refusal(
      `stack '${stack}' has no setting signIn, so nobody could sign in with it (docs/onboarding.md). Whoever may read Secrets of namespace '${tenant.namespace}': vcluster connect ${name} --namespace ${tenant.namespace}`,
    );
  }
  const host = new Host(root, tenant, settings.azure, {
    ...settings.existingCluster,
    ...(context !== undefined && { context }),
  });
  const address = { name: `${stack}-${name}`, server: host.server(), authority: host.authority(), ...settings.signIn };
  process.stdout.write(tenantKubeconfig(address, login));
  if (tenant.expose === "none") {
    console.error(
      `note: '${name}' has no address of its own. While you use it, keep this running: ${host.portForward()}`,
    );
  }
}

/** The port of this machine that leads to a tenant without an address. */
const localPort = 8443;

interface Listed {
  readonly items: readonly {
    readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
    readonly data?: Readonly<Record<string, string>>;
  }[];
}

interface Service {
  readonly metadata?: { readonly annotations?: Readonly<Record<string, string>> };
  readonly status?: {
    readonly loadBalancer?: { readonly ingress?: readonly { readonly ip?: string; readonly hostname?: string }[] };
  };
}

/** A tenant's namespace on the host, as the caller may see it. */
class Host {
  readonly #tenant: Tenant;
  readonly #azure: AzureSettings | undefined;
  readonly #cluster: readonly string[];

  constructor(root: string, tenant: Tenant, azure: AzureSettings | undefined, cluster: KubectlTarget) {
    this.#tenant = tenant;
    this.#azure = azure;
    this.#cluster = clusterFlags(root, cluster);
  }

  /** The API server's URL: by its name where it has one that stays, by port-forward where it is not exposed. */
  server(): string {
    const { name, expose } = this.#tenant;
    if (expose === "none") return `https://localhost:${localPort}`;
    const { status, metadata } = this.#get<Service>("service", name);
    const host = this.#name(metadata?.annotations);
    const [ingress] = status?.loadBalancer?.ingress ?? [];
    const address = ingress?.hostname ?? ingress?.ip;
    if (address === undefined)
      throw new Refusal(`Service '${name}' has no address yet; Azure gives it one within minutes`);
    return `https://${host ?? address}`;
  }

  /** The name that the certificate has, too. */
  #name(annotations: Readonly<Record<string, string>> = {}): string | undefined {
    if (this.#azure === undefined) return undefined;
    const label = annotations[dnsLabelAnnotation];
    if (label !== undefined) return hostOfLabel(label, this.#azure.location);
    return addressOf(this.#tenant, { settings: { azure: this.#azure }, subscriptionId: undefined })?.host;
  }

  /** What must run beside a kubeconfig of a tenant without an address; its certificate has the name localhost. */
  portForward(): string {
    const { name, namespace } = this.#tenant;
    const what = ["port-forward", "--namespace", namespace, `service/${name}`, `${localPort}:443`];
    return shellCommand(["kubectl", ...this.#cluster, ...what]);
  }

  /** The certificate authority: vCluster syncs it to the host, for the DNS that runs there. */
  authority(): string {
    const { name } = this.#tenant;
    const { items } = this.#get<Listed>("configmaps", "--selector", `vcluster.loft.sh/managed-by=${name}`);
    const certificate = items.find(
      ({ metadata: { annotations = {} } }) =>
        annotations["vcluster.loft.sh/object-name"] === "kube-root-ca.crt" &&
        annotations["vcluster.loft.sh/object-namespace"] === "kube-system",
    )?.data?.["ca.crt"];
    if (certificate === undefined) {
      throw new Refusal(
        `virtual cluster '${name}' has not published its certificate authority yet; it does within a minute of its first start`,
      );
    }
    return certificate;
  }

  #get<T>(...what: string[]): T {
    const args = [...this.#cluster, "--namespace", this.#tenant.namespace, "get", ...what, "--output", "json"];
    const { status, stdout, stderr, error } = spawnSync("kubectl", args, { encoding: "utf8" });
    if (error !== undefined)
      throw new Refusal(`kubectl could not be started (${error.message}); it is needed to ask the host`);
    // kubectl logs its attempts before it says what is wrong.
    if (status !== 0) throw new Refusal(`${shellCommand(["kubectl", ...args])}\n  ${stderr.trim().split("\n").at(-1)}`);
    return JSON.parse(stdout) as T;
  }
}
