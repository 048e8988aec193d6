import type { ResourceChange, ValueChange } from "./plan.ts";
import type { Step } from "./steps.ts";
import { resourceChanges } from "./tenantPlan.ts";

/** AKS upgrades patches by itself, which is as it should be (docs/decisions/0013). */
const patched = /^(agentPoolProfiles\.\d+\.orchestratorVersion|kubernetesVersion|orchestratorVersion)$/;

/**
 * What is otherwise in the cloud than it was deployed, and should not be.
 *
 * @param steps from what was deployed to what is there
 */
export function driftOf(steps: readonly Step[]): ResourceChange[] {
  return resourceChanges(steps).flatMap((change) => {
    const values = change.values.filter((value) => !isPatchUpgrade(change, value));
    return change.op === "update" && values.length === 0 ? [] : [{ ...change, values }];
  });
}

function isPatchUpgrade({ kind }: ResourceChange, { path, from, to }: ValueChange): boolean {
  const minor = (version = "") => version.split(".").slice(0, 2).join(".");
  return kind === "ManagedCluster" && patched.test(path) && minor(from) === minor(to);
}
