import { isDeepStrictEqual } from "node:util";
import { minorAfter, minorOf, minorsBetween } from "../../model/facts/kubernetesVersions.ts";
import { cidrContains } from "../../model/text/cidr.ts";
import type { Properties } from "../engine/values.ts";
import { type Cloud, CloudError, type CloudObject } from "./cloud.ts";
import { at, text } from "./kind.ts";

/*
 * What AKS never does to a cluster that is there, and where its API server is out of reach.
 */

/**
 * Properties that an update may not change. Source: AKS, "Resize node pools"; Azure/AKS#695 (subnet), #61, azurerm and
 * CAPZ for the rest: what their update validation refuses.
 */
const fixedOfCluster = ["enableRBAC", "aadProfile.managed"];
const fixedOfPool = [
  ...["vmSize", "osDiskSizeGB", "osDiskType", "osType", "availabilityZones", "maxPods", "vnetSubnetID", "podSubnetID"],
  ...["enableNodePublicIP", "type"],
];

/** Why AKS refuses to change a cluster into another: nothing where it does not. */
export function updateRefusals(before: Properties, after: Properties): CloudError[] {
  const refusal = updateRefusal(before, after);
  return refusal === undefined ? [] : [refusal];
}

function updateRefusal(before: Properties, after: Properties): CloudError | undefined {
  const isSame = (path: string) => isDeepStrictEqual(at(before, path) ?? null, at(after, path) ?? null);
  const isPrivate = (of: Properties) => at(of, "apiServerAccessProfile.enablePrivateCluster") === true;
  if (isPrivate(before) !== isPrivate(after)) {
    // Wording: AKS, azure-cli#12669; its code is assumed.
    const message = "Changing enablePrivateCluster is not allowed. It can only be set while creating the cluster.";
    return new CloudError(400, "BadRequest", message);
  }
  const names = (of: Properties) => poolsOf(of).map(({ name }) => name);
  if (!isDeepStrictEqual(names(before), names(after))) {
    // Wording: AKS, pulumi-azure-native#579; shortened.
    const message =
      "A new agent pool was introduced. Adding agent pools to an existing cluster is not allowed through managed cluster operations.";
    return new CloudError(400, "BadRequest", message);
  }
  const fixed = [
    ...fixedOfCluster.map((name) => ({ path: name, name })),
    ...names(before).flatMap((_, i) =>
      fixedOfPool.map((name) => ({ path: `agentPoolProfiles.${i}.${name}`, name: `properties.${name}` })),
    ),
  ];
  const changed = fixed.find(({ path }) => !isSame(path));
  // Wording: AKS, PropertyChangeNotAllowed (azure-cli#24764, Azure/AKS#409).
  if (changed !== undefined) {
    return new CloudError(400, "PropertyChangeNotAllowed", `Changing property '${changed.name}' is not allowed.`);
  }
  return upgradeRefusal(runningVersion(before), text(after, "kubernetesVersion"));
}

/** By a patch, too. Wording: AKS (rancher#33561 for a downgrade; for a skipped minor the same form is assumed). */
function upgradeRefusal(before: string, after: string): CloudError | undefined {
  if (before === "" || after === "") return undefined;
  const [[from, running], [to, patch]] = [splitVersion(before), splitVersion(after)];
  const step = minorsBetween(from, to);
  // A minor alone stands for the patch that runs.
  if (step === 1 || (step === 0 && (to === after || patch >= running))) return undefined;
  const what = `${step > 0 ? "Upgrading" : "Downgrading"} Kubernetes version ${before} to ${after} is not allowed`;
  const hint = `Available upgrades: ${minorAfter(from)}. Please see https://aka.ms/aks-supported-k8s-ver for version details.`;
  return new CloudError(400, "OperationNotAllowed", `${what}. ${hint}`);
}

/** A version's minor, and its patch: 0 where it names none. */
export function splitVersion(version: string): [minor: string, patch: number] {
  return [minorOf(version), Number(version.split(".")[2] ?? 0)];
}

/** The patch that a cluster runs. */
export function runningVersion(cluster: Properties): string {
  return text(cluster, "currentKubernetesVersion") || text(cluster, "kubernetesVersion");
}

/** The patch that it runs then. A minor that runs already is kept at its patch. Source: AKS's API, kubernetesVersion. */
export function versionAfter(inputs: Properties, before: Properties): string {
  const [[wanted, patch], [minor, running]] = [
    splitVersion(text(inputs, "kubernetesVersion")),
    splitVersion(runningVersion(before)),
  ];
  return `${wanted}.${minor === wanted ? Math.max(patch, running) : patch}`;
}

/** The node pools among a cluster's properties. */
export function poolsOf(cluster: Properties): Properties[] {
  const pools = at(cluster, "agentPoolProfiles");
  return Array.isArray(pools) ? (pools as Properties[]) : [];
}

/** Milliseconds that an upgrade takes: control plane and a few nodes. Assumed: AKS names no number. */
export const upgradeTakes = 600_000;

/** Wording: AKS, while an operation of a cluster runs (azure-workload-identity#417). */
export function requireIdle(cloud: Cloud, { busyUntil = 0 }: CloudObject): void {
  if (Math.max(busyUntil, cloud.upgradeEnds) <= cloud.now()) return;
  const message =
    "Operation is not allowed: Another operation (Upgrading) is in progress, please wait for it to finish before starting a new operation. See https://aka.ms/aks-pending-operation for more details";
  throw new CloudError(409, "OperationNotAllowed", message);
}

/** The name by which a cluster's API server is found. A private one's is known only inside its network. */
export function apiServerOf(cluster: Properties): string {
  return text(cluster, "privateFQDN") || text(cluster, "fqdn");
}

/** Ranges of addresses that lead nowhere outside. Source: RFC 1918, RFC 6598. */
const privateRanges = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"];

/**
 * Why whoever deploys does not reach the API server; undefined where they do. Where it is open to some only and nobody has said
 * where the deployment comes from, that is taken on trust.
 *
 * Wording: the Kubernetes provider and Go's net package, for a name that does not resolve and for packets that are dropped.
 */
export function whyUnreachable(cloud: Cloud, cluster: Properties): string | undefined {
  const isPrivate = at(cluster, "apiServerAccessProfile.enablePrivateCluster") === true;
  const ranges = at(cluster, "apiServerAccessProfile.authorizedIPRanges");
  const allowed = isPrivate ? privateRanges : Array.isArray(ranges) ? ranges.map(String) : [];
  if (allowed.length === 0) return undefined;
  const { deployer } = cloud.conditions;
  if (deployer === undefined) {
    cloud.reachedOnTrust.add(text(cluster, "name"));
    return undefined;
  }
  if (allowed.some((range) => cidrContains(range, deployer))) return undefined;
  const server = apiServerOf(cluster);
  const why =
    text(cluster, "privateFQDN") !== ""
      ? `dial tcp: lookup ${server}: no such host`
      : `dial tcp ${server}:443: i/o timeout`;
  return `unable to load schema information from the API server: Get "https://${server}:443/openapi/v2?timeout=32s": ${why}`;
}
