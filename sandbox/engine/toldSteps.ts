import { knownLater, type Resource, type Step } from "../../model/plan/steps.ts";
import type { ResourceState } from "./checkpoint.ts";
import type { StepEvent } from "./types.ts";
import { parseUrn, stackReferenceType } from "./urn.ts";
import { isSecret, mapChildren, type Properties, unknown, type Value } from "./values.ts";

/** The steps of a run as plans and rules see them: every resource before and after. */
export function toldSteps(
  steps: readonly StepEvent[],
  old: readonly ResourceState[],
  resources: readonly ResourceState[],
): Step[] {
  const [before, after] = [byUrn(old), byUrn(resources)];
  return steps.map(({ op, urn, oldUrn = urn }): Step => {
    const [was, is] = [before.get(oldUrn), op === "delete" ? undefined : after.get(urn)];
    return { op, ...(was && { before: was }), ...(is && { after: is }) };
  });
}

function byUrn(resources: readonly ResourceState[]): Map<string, Resource> {
  const told = resources.filter(({ type, delete: old }) => type !== stackReferenceType && !old);
  return new Map(told.map((state) => [state.urn, resourceOf(state)]));
}

/** A resource of a state as plans and rules see it. */
export function resourceOf({ urn, type, parent, protect, retainOnDelete, inputs = {} }: ResourceState): Resource {
  return {
    urn,
    type,
    name: parseUrn(urn).name,
    ...(parent !== undefined && { parent }),
    protect: protect ?? false,
    retain: retainOnDelete ?? false,
    inputs: shown(inputs) as Properties,
  };
}

/** A value as a plan may show it. */
function shown(value: Value): Value {
  if (isSecret(value)) return "(secret)";
  return value === unknown ? knownLater : mapChildren(value, shown);
}
