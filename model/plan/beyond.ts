import type { ResourceChange } from "./plan.ts";
import { isGrouping, type Step, stepsByTenant } from "./steps.ts";
import { resourceChanges } from "./tenantPlan.ts";

/** Something that a deployment does to a resource. */
export interface Effect {
  /** The tenant that the resource belongs to; left out where it is shared. */
  readonly tenant?: string;
  readonly change: ResourceChange;
}

/**
 * What a deployment does that a plan of it does not show: a step that the plan does not have, or another value that changes. A
 * deployment may do less, for an earlier one may have done a part.
 *
 * @param planned the steps of the plan; where there is none, whatever is created is as planned
 * @param real the steps of the deployment
 */
export function beyond(planned: readonly Step[] | undefined, real: readonly Step[]): Effect[] {
  const known = new Map((planned ?? []).map((step) => [urnOf(step), step]));
  return [...stepsByTenant(real)].flatMap(([tenant, steps]) =>
    steps.flatMap((step): Effect[] => {
      const [change] = isGrouping(step.after ?? step.before ?? { type: "" }) ? [] : resourceChanges([step]);
      if (change === undefined) return [];
      const isPlanned = planned === undefined ? change.op === "create" : shows(known.get(urnOf(step)), change);
      return isPlanned ? [] : [{ ...(tenant !== undefined && { tenant }), change }];
    }),
  );
}

function urnOf({ before, after }: Step): string {
  return (after ?? before)?.urn ?? "";
}

function shows(planned: Step | undefined, { op, values }: ResourceChange): boolean {
  const [change] = planned === undefined ? [] : resourceChanges([planned]);
  if (change === undefined) return false;
  if (change.op === "replace" && op === "update") return true;
  const paths = new Set(change.values.map(({ path }) => path));
  return change.op === op && values.every(({ path }) => paths.has(path));
}
