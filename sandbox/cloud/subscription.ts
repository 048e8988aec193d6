import { publicRegions } from "../../model/facts/azureRegions.ts";
import { minorOf } from "../../model/facts/kubernetesVersions.ts";
import { nodeSizes } from "../../model/facts/nodeSizes.ts";
import { type Properties, unknown } from "../engine/values.ts";
import { poolsOf } from "./aks.ts";
import { type Cloud, CloudError } from "./cloud.ts";
import { at, type Failure, type Kind, text } from "./kind.ts";

/*
 * What a subscription of Azure has and lacks, and what its owner's policies ask for: the reasons why a first deployment
 * fails. A preview of Azure's tells none of it; the sandbox's does.
 */

/** Regions that opened lately, in which the simulated subscription has nodes of the newer series only. Made up. */
const lateRegions = [
  "austriaeast",
  "belgiumcentral",
  "chilecentral",
  "denmarkeast",
  "indonesiacentral",
  "malaysiawest",
];
const olderSeries = /^Standard_(DS\d+_v2|[DEF]\d+a?s_v[1-4])$/;

/** Wording: Azure Resource Manager (azure-cli#7602); that of another type than resource groups is assumed. */
function regionRefusal(location: string, resourceType: string | undefined): CloudError | undefined {
  if (publicRegions.includes(location)) return undefined;
  const [code, what] =
    resourceType === undefined
      ? ["LocationNotAvailableForResourceGroup", "resource group"]
      : ["LocationNotAvailableForResourceType", `resource type '${resourceType}'`];
  const list = `List of available regions is '${publicRegions.join(",")}'.`;
  return new CloudError(400, code, `The provided location '${location}' is not available for ${what}. ${list}`);
}

/** What a node of a size takes of the quota; a size that this program does not know has the number in its name. */
function vCpusOf(size: string): number {
  return nodeSizes.get(size)?.vCpus ?? Number(/^Standard_[A-Z]+(\d+)/i.exec(size)?.[1] ?? 1);
}

function vCpus(cluster: Properties): number {
  return poolsOf(cluster).reduce((sum, { vmSize, count }) => sum + vCpusOf(String(vmSize)) * Number(count ?? 1), 0);
}

/** Nodes that are there twice while the others are upgraded. Source: AKS, `maxSurge` of 10 %, rounded up. */
function surge(cluster: Properties): number {
  return poolsOf(cluster).reduce(
    (sum, { vmSize, count }) => sum + vCpusOf(String(vmSize)) * Math.ceil(Number(count ?? 1) / 10),
    0,
  );
}

/** Why a subscription cannot have the nodes of a cluster: nothing where it can. */
export function nodesRefusals(
  cloud: Cloud,
  clusterType: string,
  inputs: Properties,
  before: Properties | undefined,
): CloudError[] {
  const [location, name] = [text(inputs, "location"), text(inputs, "resourceName")];
  for (const { vmSize } of poolsOf(inputs)) {
    if (!lateRegions.includes(location) || !olderSeries.test(String(vmSize))) continue;
    // Wording: AKS (learn-terraform-provision-aks-cluster#15), which goes on with the sizes that there are.
    const message = `The VM size of ${String(vmSize)} is not allowed in your subscription in location '${location}'. For more details, please visit https://aka.ms/aks/quotas-skus-regions`;
    return [new CloudError(400, "BadRequest", message)];
  }
  const others = cloud
    .ofType(clusterType)
    .map(({ properties }) => properties)
    .filter((other) => text(other, "location") === location && text(other, "resourceName") !== name);
  const own = before === undefined ? 0 : vCpus(before);
  const upgrades =
    before !== undefined && minorOf(text(before, "kubernetesVersion")) !== minorOf(text(inputs, "kubernetesVersion"));
  const requested = Math.max(0, vCpus(inputs) - own) + (upgrades ? surge(inputs) : 0);
  const left = cloud.conditions.vCpuQuota - own - others.reduce((sum, other) => sum + vCpus(other), 0);
  if (requested <= left || requested === 0) return [];
  // Wording: AKS, of which only the form for a family of sizes was seen (ErrCode_InsufficientVCPUQuota); this one is assumed.
  const message = `Insufficient regional vcpu quota left for location ${location}. left regional vcpu quota ${left}, requested quota ${requested}. Surge nodes would also consume vcpu quota.`;
  return [new CloudError(400, "ErrCode_InsufficientVCPUQuota", message)];
}

/**
 * Wording: Azure Policy, RequestDisallowedByPolicy (azure-cli#27562); the reason is the policy's own, here that of the
 * built-in definitions "Require a tag on resources" and "… on resource groups".
 */
function policyRefusal(cloud: Cloud, name: string, inputs: Properties): CloudError | undefined {
  const tags = inputs.tags;
  if (tags === unknown) return undefined;
  const names = Object.keys((tags as Properties | undefined) ?? {}).map((tag) => tag.toLowerCase());
  const missing = cloud.conditions.requiredTags.find((tag) => !names.includes(tag.toLowerCase()));
  if (missing === undefined) return undefined;
  const message = `Resource '${name}' was disallowed by policy. Reasons: 'Tag '${missing}' is required.'. See error details for policy resource IDs.`;
  return new CloudError(403, "RequestDisallowedByPolicy", message);
}

/**
 * A kind of resource with a region and tags, as the subscription's owner lets it be made and changed.
 *
 * @param nameInput the input that has its name
 * @param resourceType Azure's name of its type; left out for a resource group
 */
export function governed(kind: Kind, nameInput: string, resourceType?: string): Kind {
  const refusals = (cloud: Cloud, inputs: Properties) =>
    [regionOf(inputs, resourceType), policyRefusal(cloud, text(inputs, nameInput), inputs)].filter(
      (one) => one !== undefined,
    );
  const { update } = kind;
  return {
    ...kind,
    check: (inputs, before, cloud) => [
      ...(kind.check?.(inputs, before, cloud) ?? []),
      ...refusals(cloud, inputs).map(({ message }): Failure => ({ property: "", reason: message })),
    ],
    async create(cloud, inputs) {
      for (const refusal of refusals(cloud, inputs)) throw refusal;
      return kind.create(cloud, inputs);
    },
    ...(update !== undefined && {
      async update(cloud, id, inputs) {
        for (const refusal of refusals(cloud, inputs)) throw refusal;
        return update(cloud, id, inputs);
      },
    }),
  };
}

function regionOf(inputs: Properties, resourceType: string | undefined): CloudError | undefined {
  const location = at(inputs, "location");
  return typeof location === "string" && location !== unknown ? regionRefusal(location, resourceType) : undefined;
}
