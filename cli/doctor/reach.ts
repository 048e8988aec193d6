import { devNull } from "node:os";
import type { AzureSettings } from "../../model/settings/settingsSchema.ts";
import { cidrContains, isIpv4 } from "../../model/text/cidr.ts";
import { shellCommand } from "../../model/text/shell.ts";
import { ask, json } from "./ask.ts";
import type { Account } from "./azure.ts";
import { broken, type Finding, ok, unsure } from "./finding.ts";

/** A cluster as Azure has it. */
interface Deployed {
  readonly fqdn?: string | null;
  readonly privateFqdn?: string | null;
}

const subject = "API server in reach";

/** The stack's cluster in Azure; undefined where it is not there, or Azure did not say. */
export async function deployedCluster({ id }: Account, azure: AzureSettings): Promise<Deployed | undefined> {
  const named = ["--resource-group", azure.resourceGroup, "--name", azure.clusterName, "--subscription", id];
  return json<Deployed>(await ask("az", ["aks", "show", ...named, "--output", "json"]));
}

/**
 * Whether this machine reaches the cluster's API server: a cluster that is there is asked, without a credential. Of one that
 * is not there yet, the settings say whom it will let in.
 */
export async function checkReach(azure: AzureSettings, cluster: Deployed | undefined): Promise<Finding[]> {
  const server = cluster?.privateFqdn || cluster?.fqdn;
  if (server) return [await asked(azure, server)];
  if (azure.privateCluster) {
    const found = "it will have a private address: deploy from a machine inside that network, or linked to it";
    const fix = "a runner in the network, a VPN or a peering, and a DNS that resolves its private name";
    return [unsure(subject, found, fix)];
  }
  return azure.authorizedIpRanges.length === 0 ? [] : [await ownAddress(azure.authorizedIpRanges)];
}

async function asked({ privateCluster, authorizedIpRanges }: AzureSettings, server: string): Promise<Finding> {
  // Without a token kubectl would ask for a name and a password; this one is nobody's.
  const target = ["--kubeconfig", devNull, "--server", `https://${server}:443`, "--insecure-skip-tls-verify"];
  const anonymous = [...target, "--token", "none"];
  const reply = await ask("kubectl", [...anonymous, "--request-timeout", "10s", "get", "--raw", "/version"]);
  if (!reply.installed) return unsure(subject, "not asked without kubectl", "az aks install-cli");
  // Whoever is refused has been answered.
  const silent = /no such host|i\/o timeout|deadline exceeded|no route to host|was refused|Client\.Timeout/i;
  if (reply.ok || !silent.test(reply.reason)) return ok(subject, server);
  if (/no such host/i.test(reply.reason)) {
    const fix = privateCluster
      ? "deploy from inside its network, or link the cluster's private DNS zone to yours"
      : "ask your DNS, or whoever runs it, why it does not know that name";
    return broken(subject, `this machine's DNS does not know ${server}`, fix);
  }
  const fix = privateCluster
    ? "deploy from a machine with a way into its network"
    : authorizedIpRanges.length > 0
      ? "add this machine's public address to azure.authorizedIpRanges, from a machine that is in there (or: az aks update --api-server-authorized-ip-ranges)"
      : "look for a firewall between this machine and Azure";
  return broken(subject, `${server} does not answer this machine: ${reply.reason}`, fix);
}

/** A service that says which public address a request comes from, and is told nothing else. */
const echo = "https://api.ipify.org";

async function ownAddress(ranges: readonly string[]): Promise<Finding> {
  const question = ["--silent", "--max-time", "10", echo];
  const { stdout } = await ask("curl", question);
  const address = stdout.trim();
  const add = "add it to azure.authorizedIpRanges, or the deployment that makes the cluster could not get into it";
  if (!isIpv4(address)) {
    return unsure(
      subject,
      "this machine's public address could not be told",
      `${shellCommand(["curl", ...question])}; ${add}`,
    );
  }
  return ranges.some((range) => cidrContains(range, address))
    ? ok(subject, `${address} is in azure.authorizedIpRanges`)
    : broken(
        subject,
        `this machine comes from ${address}, which azure.authorizedIpRanges does not have`,
        `${add}: ${address}/32`,
      );
}
