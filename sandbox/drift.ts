import { type DriftStep, driftOf } from "../model/plan/drift.ts";
import type { Drift } from "../model/plan/plan.ts";
import { resourceOf } from "./engine/toldSteps.ts";
import { parseUrn } from "./engine/urn.ts";
import type { SandboxResult } from "./sandbox.ts";

/**
 * What a run has found in the simulated cloud that is otherwise than it was deployed, in the words of the plan.
 *
 * @param mend what puts it back
 */
export function driftIn({ drift, inside, resources }: SandboxResult, mend: string): Drift[] {
  const steps = drift.map(
    ({ before, after }): DriftStep =>
      after === undefined
        ? { op: "delete", before: resourceOf(before) }
        : { op: "update", before: resourceOf(before), after: resourceOf(after) },
  );
  const deployed = [...drift.map(({ before }) => before), ...resources].map(({ urn, type, parent }) => ({
    ...{ urn, type, name: parseUrn(urn).name },
    ...(parent !== undefined && { parent }),
  }));
  const byName = (one: DriftStep) => one.after?.name ?? one.before?.name ?? "";
  return driftOf({
    steps: [...steps, ...inside].sort((a, b) => byName(a).localeCompare(byName(b), "en")),
    deployed,
    mend,
  });
}
