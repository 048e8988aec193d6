import type { Gates, StackPlan, Waiver } from "./plan.ts";
import { counted, join, list, ours, say, type Words } from "./words.ts";

/** A plan before its gates are known. */
export type Ungated = Omit<StackPlan, "gates">;

/** A plan with what its gates say: its first line begins with what is in the way. */
export function withGates(plan: Ungated, gates: Gates): StackPlan {
  const rules = [...new Set(gates.needed.map(({ rule }) => rule))];
  const parts: Words[] = [
    ...(gates.problems.length === 0 ? [] : [ours("WAIVERS TO MEND")]),
    ...(rules.length === 0 ? [] : [say`NEEDS A WAIVER (${list(rules)})`]),
    ...waiverWords(gates.waivers),
  ];
  const says = parts.length + gates.waived.length + gates.notes.length > 0;
  return {
    ...plan,
    gates,
    changes: plan.changes || says,
    headline: join([...parts, plan.headline], "; "),
  };
}

/** "lets data-lost (*) pass from now on". */
function waiverWords({ added, removed, mended }: Gates["waivers"]): Words[] {
  const named = (some: readonly Waiver[]) => list(some.map(({ rule, target }) => `${rule}: ${target}`));
  return [
    ...(added.length === 0 ? [] : [say`A WAIVER FOR LATER CHANGES (${named(added)})`]),
    ...(removed.length === 0 ? [] : [say`${ours(counted(removed.length, "waiver"))} removed (${named(removed)})`]),
    ...(mended.length === 0 ? [] : [ours(`${counted(mended.length, "problem")} of waivers gone`)]),
  ];
}
