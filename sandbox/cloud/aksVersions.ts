import { isOffered } from "../../model/facts/hostMinors.ts";
import { minorOf } from "../../model/facts/kubernetesVersions.ts";
import { today } from "../../model/text/today.ts";
import { CloudError } from "./cloud.ts";

/**
 * AKS makes new clusters, and upgrades to, what it offers on that day alone; what runs something else goes on.
 * Wording: AKS, K8sVersionNotSupported, as users report it.
 */
export function requireOffered(cluster: string, version: string): void {
  if (isOffered(minorOf(version), today())) return;
  throw new CloudError(
    400,
    "K8sVersionNotSupported",
    `Managed cluster ${cluster} is on version ${version} which is not supported in this region. Please use [az aks get-versions] command to get the supported version list in this region. For more information, please check https://aka.ms/supported-version-list`,
  );
}
