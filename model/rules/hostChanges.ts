import { isDeepStrictEqual } from "node:util";
import { type FixedSettings, fixedOf, fixedOfSettings, reasonOf } from "../deploy/fixedSettings.ts";
import { minorAfter, minorsBetween } from "../facts/kubernetesVersions.ts";
import type { AzureSettings, Settings } from "../settings/settingsSchema.ts";
import type { Problem } from "../text/problems.ts";
import { type Locate, show } from "../text/validate.ts";

/** What the stack's output `cluster` says of its host. */
export interface DeployedHost {
  readonly name: string;
  /** Azure's id of the cluster. */
  readonly id?: string | undefined;
  /** A command that only a cluster of the stack's own has. */
  readonly getCredentials?: string | undefined;
  /** The minor that it runs; not in what release 0.1.0 left. */
  readonly kubernetesVersion?: string | undefined;
  /** What the cluster was made with; not in what release 0.1.0 left. */
  readonly fixed?: FixedSettings | undefined;
}

type Hosts = Pick<Settings, "azure" | "existingCluster">;

/**
 * What of the settings cannot be, given the host that is deployed: another host, and of a cluster of the stack's own what
 * Azure never changes, or the engine would replace the cluster for, with every tenant on it. Said before anything is
 * registered, all at once.
 */
export function hostProblems(before: DeployedHost | undefined, now: Hosts, locate: Locate): Problem[] {
  if (before === undefined) return [];
  const own = before.id !== undefined || before.getCredentials !== undefined;
  const { azure, existingCluster } = now;
  if (own && azure !== undefined) return fixedProblems(knownOf(before), azure, locate);
  if (own) {
    const message = `the stack's tenants live in the cluster '${before.name}', which it made itself: without 'azure' that cluster would be deleted. Put 'azure' back; another host is another stack`;
    return [{ location: locate(["existingCluster"], true), message }];
  }
  const others = `the stack's tenants live in the cluster '${before.name}': on another host they would begin anew, without their data. Put it back; another host is another stack`;
  if (azure !== undefined) return [{ location: locate(["azure"], true), message: others }];
  if (existingCluster === undefined || existingCluster.name === before.name) return [];
  const message = `'existingCluster.name' is ${show(existingCluster.name)}, but ${others}`;
  return [{ location: locate(["existingCluster", "name"]), message }];
}

/** The host that would be deployed with these settings: what a pull request is compared with. */
export function hostAsDeployed(settings: Hosts | undefined): DeployedHost | undefined {
  if (settings?.azure === undefined) return settings?.existingCluster;
  const { clusterName, kubernetesVersion } = settings.azure;
  return { name: clusterName, getCredentials: "", kubernetesVersion, fixed: fixedOfSettings(settings.azure) };
}

/** The same for a cluster as the engine's own state has it, right before a step would change it. */
export function clusterUpdateProblems(oldInputs: unknown, azure: AzureSettings, locate: Locate): Problem[] {
  return fixedProblems(fixedOf(oldInputs), azure, locate);
}

/** Release 0.1.0 made every resource group itself, and said of the rest what stands in the cluster's id. */
function knownOf({ id, kubernetesVersion, fixed }: DeployedHost): FixedSettings {
  if (fixed !== undefined) return { ...fixed, kubernetesVersion };
  const [, resourceGroup, clusterName] =
    /\/resourceGroups\/([^/]+)\/.*\/managedClusters\/([^/]+)$/i.exec(id ?? "") ?? [];
  return {
    existingResourceGroup: false,
    ...(resourceGroup !== undefined && { resourceGroup }),
    ...(clusterName !== undefined && { clusterName }),
  };
}

function fixedProblems(before: FixedSettings, azure: AzureSettings, locate: Locate): Problem[] {
  const { kubernetesVersion: version, ...known } = before;
  const now = fixedOfSettings(azure);
  const changed = Object.entries(known).filter(([setting, value]) => !isSame(setting, value, now[setting]));
  const at = (setting: string) => locate(["azure", ...setting.split(".")]);
  const fixed = changed.flatMap(([setting, value]): Problem[] => {
    const reason = reasonOf(setting);
    // A later release of this program may keep more.
    if (reason === undefined) return [];
    const message = `'azure.${setting}' is ${show(now[setting])}, but the cluster was made with ${show(value)}: ${reason}`;
    return [{ location: at(setting), message }];
  });
  const step = typeof version === "string" ? versionProblem(version, azure.kubernetesVersion) : undefined;
  return step === undefined ? fixed : [...fixed, { location: at("kubernetesVersion"), message: step }];
}

/** Source: Azure, "Naming rules and restrictions": names of resource groups and clusters do not distinguish case. */
function isSame(setting: string, one: unknown, other: unknown): boolean {
  const caseless = setting === "resourceGroup" || setting === "clusterName";
  return caseless ? String(one).toLowerCase() === String(other).toLowerCase() : isDeepStrictEqual(one, other);
}

/** Source: AKS, "Supported Kubernetes versions": no downgrade, and no minor of the control plane is skipped. */
function versionProblem(before: string, after: string): string | undefined {
  const step = minorsBetween(before, after);
  const is = `'azure.kubernetesVersion' is "${after}", but the cluster runs "${before}"`;
  const [major, minor] = before.split(".");
  if (step < 0) return `${is}: AKS takes no cluster down. Write "${major}.${minor}"`;
  return step > 1 ? `${is}: AKS upgrades one minor at a time, "${minorAfter(before)}" first` : undefined;
}
