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

/** What to say of plans that fail by what an interrupted run has left: a line for each stack. */
export function recoveryLines(stacks: readonly StackPlan[]): string[] {
  return stacks.flatMap(({ stack, failures }) => {
    const errors = failures.flatMap(({ problems }) => problems.map(({ message }) => message));
    return recoveryAdvice(errors, stack) ?? [];
  });
}
