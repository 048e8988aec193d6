import { isStopped, type Values } from "../../model/deploy/chartFacts.ts";
import { kindOf } from "../../model/plan/steps.ts";
import { ours } from "../../model/plan/words.ts";
import type { Standing, StateRule } from "../rule.ts";

/** A field of a managed cluster's inputs, such as ["sku", "tier"]. */
function field({ inputs }: Standing, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], inputs);
}

const isCluster = (resource: Standing) => kindOf(resource) === "ManagedCluster";

/** What must hold of the host cluster, and of what carries it. */
export const clusterRules: readonly StateRule[] = [
  {
    id: "local-accounts",
    guards: "Nobody gets into the host cluster but by Entra ID: its local accounts are off",
    level: () => "mandatory",
    broken: (resource) =>
      isCluster(resource) && field(resource, "disableLocalAccounts") !== true
        ? ours("local accounts are on: whoever gets their certificate is administrator for as long as it is valid")
        : undefined,
  },
  {
    id: "azure-rbac",
    guards: "Azure decides who may do what on the host cluster",
    level: () => "mandatory",
    broken: (resource) =>
      isCluster(resource) && field(resource, "aadProfile", "enableAzureRBAC") !== true
        ? ours("Azure RBAC is off: role assignments say nothing of what people may do on the cluster")
        : undefined,
  },
  {
    id: "open-api-server",
    guards: "The host's API server is not open to the whole internet",
    level: (environment) => (environment === "production" ? "mandatory" : "advisory"),
    broken: (resource) => {
      if (!isCluster(resource)) return undefined;
      const ranges = field(resource, "apiServerAccessProfile", "authorizedIPRanges");
      const isClosed = field(resource, "apiServerAccessProfile", "enablePrivateCluster") === true;
      return isClosed || (Array.isArray(ranges) && ranges.length > 0)
        ? undefined
        : ours("every address may reach the host's API server: set azure.authorizedIpRanges");
    },
  },
  {
    id: "free-tier",
    guards: "In production the host's API server has an SLA",
    level: () => "mandatory",
    broken: (resource, environment) =>
      environment === "production" && isCluster(resource) && field(resource, "sku", "tier") === "Free"
        ? ours("the tier is Free, which has no SLA and is not meant for many nodes")
        : undefined,
  },
  {
    id: "unprotected",
    guards:
      "In production the engine refuses to delete the host cluster, its resource group, and virtual clusters that run",
    level: () => "mandatory",
    broken: (resource, environment) =>
      environment === "production" && !resource.protect && mustBeProtected(resource)
        ? ours("it is not protected: whoever deploys could delete it by a mistake")
        : undefined,
  },
];

/** Stopped ones may be offboarding, which gives up their protection as it should. */
function mustBeProtected(resource: Standing): boolean {
  const kind = kindOf(resource);
  if (kind === "Release") return !isStopped((resource.inputs.values ?? {}) as Values);
  return kind === "ManagedCluster" || kind === "ResourceGroup";
}
