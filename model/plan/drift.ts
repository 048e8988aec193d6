import { consequenceOf } from "./driftPhrases.ts";
import type { Drift, ResourceChange, ValueChange } from "./plan.ts";
import { kindOf, type Resource, type Step, tenantOf } from "./steps.ts";
import { resourceChanges } from "./tenantPlan.ts";
import { ours } from "./words.ts";

/** AKS upgrades patches by itself, which is as it should be (docs/decisions/0013). */
const patched = /^(agentPoolProfiles\.\d+\.orchestratorVersion|kubernetesVersion|orchestratorVersion)$/;

/** Something that the cloud has otherwise than it was deployed: from what was deployed to what is there. */
export interface DriftStep extends Step {
  /** Why it cannot be put back, in the words of whoever refuses that; left out where it can. */
  readonly refused?: string;
}

/** What somebody who looked has found. */
export interface FoundDrift {
  readonly steps: readonly DriftStep[];
  /** All that was deployed, by which it is known whose something is. */
  readonly deployed: readonly Pick<Resource, "urn" | "type" | "name" | "parent">[];
  /** The command that puts back what can be put back. */
  readonly mend: string;
}

/** What is otherwise in the cloud than it was deployed, and should not be: what all share first, then tenant by tenant. */
export function driftOf({ steps, deployed, mend }: FoundDrift): Drift[] {
  const known = new Map(deployed.map((one) => [one.urn, one]));
  const drift = steps.flatMap((step): Drift[] => {
    const one = step.after ?? step.before;
    if (one === undefined) return [];
    const tenant = tenantOf(one, known);
    const inside = kindOf(known.get(one.parent ?? "") ?? { type: "" }) === "Release";
    return resourceChanges([step]).flatMap((change) => {
      const values = change.values.filter((value) => !isPatchUpgrade(change, value));
      if (change.op === "update" && values.length === 0) return [];
      const consequence = consequenceOf({ ...change, values }, step, { ofTenant: tenant !== undefined, inside });
      return [
        {
          ...{ ...change, values, inside },
          ...(tenant !== undefined && { tenant }),
          ...(consequence !== undefined && { consequence: ours(consequence) }),
          mend: [{ value: step.refused ?? mend, whole: true }],
          mendable: step.refused === undefined,
        },
      ];
    });
  });
  return drift.sort((a, b) => (a.tenant ?? "").localeCompare(b.tenant ?? "", "en"));
}

function isPatchUpgrade({ kind }: ResourceChange, { path, from, to }: ValueChange): boolean {
  const minor = (version = "") => version.split(".").slice(0, 2).join(".");
  return kind === "ManagedCluster" && patched.test(path) && minor(from) === minor(to);
}
