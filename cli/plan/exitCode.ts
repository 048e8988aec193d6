import type { StackPlan } from "../../model/plan/plan.ts";
import { recoveryAdvice } from "../../model/recovery/errors.ts";

/** How a command ends that makes a plan. */
export const planExitCodes = {
  ok: 0,
  /** A stack cannot be deployed, before or after the change, or its waivers are wrong. */
  notDeployable: 2,
  /** It could be deployed, were there a waiver. */
  needsWaiver: 3,
} as const;

/** The exit code for plans of some stacks. */
export function planExitCode(stacks: readonly StackPlan[]): number {
  if (stacks.some(({ failures, gates }) => failures.length + gates.problems.length > 0))
    return planExitCodes.notDeployable;
  return stacks.some(({ gates }) => gates.needed.length > 0) ? planExitCodes.needsWaiver : planExitCodes.ok;
}

/**
 * What to say of a stack's plan that fails by what an interrupted run has left.
 *
 * @param stack the stack, as the CLI knows it
 */
export function recoveryLines(plans: readonly StackPlan[], stack: string): string[] {
  const problems = plans.flatMap(({ failures }) => failures.flatMap((failure) => failure.problems));
  const errors = problems.map(({ message }) => message);
  return [recoveryAdvice(errors, stack) ?? []].flat();
}
