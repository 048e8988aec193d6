import { signInSchema } from "../access/signIn.ts";
import type { ValuesChecks } from "../chart/chartSchema.ts";
import { refusedValues } from "../chart/protectedValues.ts";
import { nodeSizes } from "../facts/nodeSizes.ts";
import { builtInSizes } from "../tenant/sizes.ts";
import { isMapping } from "../text/mapping.ts";
import type { Problem } from "../text/problems.ts";
import { didYouMean, type Locate, rightFields } from "../text/validate.ts";
import type { Path } from "../text/yamlSource.ts";
import { networkProblems } from "./networkRules.ts";
import { internalReach } from "./reach.ts";
import { azureSchema, type Settings, settingsSchema } from "./settingsSchema.ts";
import { versionRuleProblems } from "./versionRules.ts";

/**
 * What is wrong between settings that are each right.
 *
 * @param raw every setting as it is written
 * @param right those that are right by themselves
 */
export function settingsRuleProblems(
  raw: Readonly<Record<string, unknown>>,
  right: Partial<Settings>,
  locate: Locate,
  checks: ValuesChecks,
): Problem[] {
  const { environment, protect, tenantDefaults } = right;
  const production = environment === "production";
  const problems = [
    ...helmValueProblems(raw.vcluster, checks, locate),
    ...versionRuleProblems(raw.vcluster, raw.azure, locate),
  ];
  if (production && protect === false) {
    problems.push({
      location: locate(["protect"]),
      message: "'protect' is false: a production stack cannot switch it off",
    });
  }
  const names = [...new Set([...builtInSizes, ...Object.keys((raw.sizes as object | undefined) ?? {})])];
  if (tenantDefaults !== undefined && !names.includes(tenantDefaults.size)) {
    problems.push({
      location: locate(["tenantDefaults", "size"]),
      message: `'tenantDefaults.size' is '${tenantDefaults.size}'${didYouMean(tenantDefaults.size, names) || ":"} expected one of ${names.join(", ")}`,
    });
  }
  if (tenantDefaults?.expose === "internal" && (right.azure ?? right.existingCluster) !== undefined) {
    const reach = internalReach(right);
    if (!reach.reachable) {
      problems.push({
        location: locate(["tenantDefaults", "expose"]),
        message: `'tenantDefaults.expose' is 'internal', and nobody could reach such a cluster: ${reach.why}. Write 'expose: none' (port-forward, or what a tenant's file says), or set ${reach.needs} (docs/host-cluster.md, "A network of your own")`,
      });
    }
  }
  if (!isMapping(raw.azure)) return problems;
  const { usernameClaim = "oid" } = rightFields(signInSchema, raw.signIn);
  if (raw.signIn !== undefined && usernameClaim !== "oid") {
    problems.push({
      location: locate(["signIn", "usernameClaim"]),
      message: `'signIn.usernameClaim' is '${usernameClaim}': on Azure people are known by their object ids, which is claim oid; nobody in 'access' would have a right inside`,
    });
  }
  const found = [
    ...networkProblems(raw.azure),
    ...nodePoolProblems(raw.azure),
    ...accessProblems(raw.azure, production),
  ];
  return [...problems, ...found.map(([path, message]) => ({ location: locate(["azure", ...path]), message }))];
}

/** Values for every tenant: those that may be set, as the charts of the stack take them. */
function helmValueProblems(raw: unknown, checks: ValuesChecks, locate: Locate): Problem[] {
  const { helmValues = {}, channels } = rightFields(settingsSchema.shape.vcluster.unwrap(), raw);
  if (Object.keys(helmValues).length === 0) return [];
  const at = (path: readonly string[]) => locate(["vcluster", "helmValues", ...path], true);
  const refused = refusedValues(helmValues).map(({ path, reason }) => ({
    path,
    location: at(path),
    message: `'${path.join(".")}' cannot be set for every tenant: ${reason}`,
  }));
  const isRefused = (name: string) => refused.some(({ path }) => `${name}.`.startsWith(`${path.join(".")}.`));
  const invalid = [...new Set(Object.values(channels ?? {}))].flatMap((version) =>
    (checks(version)?.(helmValues) ?? [])
      .filter(({ path }) => !isRefused(path.join(".")))
      .map(({ path, expected, unknown }) => ({
        location: at(path),
        message: unknown
          ? `'${path.join(".")}' is not a value of chart ${version}`
          : `'${path.join(".")}' is not what chart ${version} takes: expected ${expected}`,
      })),
  );
  return [...refused.map(({ location, message }) => ({ location, message })), ...invalid];
}

function* nodePoolProblems(azure: unknown): Generator<[Path, string]> {
  const { nodePool: raw } = azure as { nodePool?: Record<string, unknown> };
  const { vmSize } = rightFields(azureSchema.shape.nodePool.unwrap(), raw);
  if (vmSize === undefined || nodeSizes.has(vmSize) || raw?.capacity !== undefined) return;
  const guess = didYouMean(vmSize, [...nodeSizes.keys()]) || ":";
  yield [
    ["nodePool", "vmSize"],
    `'azure.nodePool.vmSize' is '${vmSize}'${guess} not a size known here (Standard_DS2_v2 to Standard_DS5_v2, and the D, E and F series such as Standard_D4s_v5). For another one give nodePool.capacity: { vCpus, memoryGiB, dataDisks }`,
  ];
}

function* accessProblems(azure: unknown, production: boolean): Generator<[Path, string]> {
  const { tier, privateCluster, authorizedIpRanges, network } = rightFields(azureSchema, azure);
  // Whatever leads to internal addresses leads to a private API server, which lies beside them.
  const reach = network === undefined ? undefined : internalReach({ azure: { network } });
  if (privateCluster && reach?.reachable === false) {
    yield [
      ["privateCluster"],
      `'azure.privateCluster' is true, and nothing could reach the API server, this deployment among it: ${reach.why}. It takes the setting ${reach.needs}`,
    ];
  }
  if (privateCluster && authorizedIpRanges && authorizedIpRanges.length > 0) {
    yield [
      ["authorizedIpRanges"],
      "'azure.authorizedIpRanges' has no meaning with privateCluster; remove one of the two",
    ];
  }
  if (!production) return;
  if (tier === "Free") yield [["tier"], "'azure.tier' is 'Free': production needs Standard, which has an SLA"];
  if (privateCluster === false && authorizedIpRanges?.length === 0) {
    yield [
      ["authorizedIpRanges"],
      "'azure.authorizedIpRanges' is empty: production needs ranges here, or for a cluster that is not made yet privateCluster: true (AKS sets that only while it creates a cluster)",
    ];
  }
}
