import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Ungated, withGates } from "../../model/plan/gates.ts";
import type { Finding, StackPlan, Waiver } from "../../model/plan/plan.ts";
import type { Side } from "../../model/plan/stackPlan.ts";
import type { Step } from "../../model/plan/steps.ts";
import { counted, list, ours, say, type Words } from "../../model/plan/words.ts";
import type { GateLimits } from "../../model/settings/gates.ts";
import { messageOf, type Problem } from "../../model/text/problems.ts";
import { judge, programRule, ruleIds, stackRule } from "../../policy/judge.ts";
import { type StackChange, wholeStack } from "../../policy/rule.ts";
import { applyWaivers, readWaivers, waiverFile } from "../../policy/waivers.ts";
import { type Ruling, rulingFindings } from "./ruling.ts";

/** A set of rules: `policy/judge.ts` of this program, or of another state of it. */
interface Rules {
  readonly judge: (change: StackChange) => Finding[];
  readonly ids: readonly string[];
}

const ownRules: Rules = { judge, ids: ruleIds };

/** Who judges a change. */
export interface Gatekeeper {
  readonly rules: Rules;
  /** The rules of the base, where they are others. */
  readonly baseRules?: Rules;
  /** Why the base's rules cannot be asked, though they are others. */
  readonly missing?: Words;
  /** What the change of the program itself needs a waiver for. */
  readonly program: readonly Finding[];
  /** As 2027-03-31. */
  readonly today: string;
}

/** A judge by this program's own rules alone. */
export function ownGatekeeper(today: string): Gatekeeper {
  return { rules: ownRules, program: [], today };
}

/**
 * Judges by the rules of both sides: the stricter answer holds, so that a change which takes a rule away is still judged by it.
 *
 * @param tree the base's tree, with packages to run it
 */
export async function gatekeeper(tree: string, ruling: Ruling, today: string): Promise<Gatekeeper> {
  const keeper = { ...ownGatekeeper(today), program: rulingFindings(ruling) };
  const file = join(tree, "policy", "judge.ts");
  // Rules are made of the model's facts, too.
  if (!ruling.files.some((name) => /^(policy|model)\//.test(name)) || !existsSync(file)) return keeper;
  try {
    const base = (await import(pathToFileURL(file).href)) as typeof import("../../policy/judge.ts");
    return { ...keeper, baseRules: { judge: base.judge, ids: base.ruleIds } };
  } catch (error) {
    return { ...keeper, missing: notAsked(error) };
  }
}

function notAsked(error: unknown): Words {
  return say`The base's own rules cannot be run, and were not asked: ${messageOf(error)}.`;
}

/** A change of a stack, as far as an engine could tell it. */
export interface Gated {
  readonly before?: Side | undefined;
  readonly after?: Side | undefined;
  /** Left out where it cannot be told: then nothing can be judged but the program's own change. */
  readonly steps?: readonly Step[] | undefined;
  readonly limits: GateLimits;
  /** The stack's file of waivers, as it counts and as it is written now; left out where there is none. */
  readonly waivers: {
    readonly counting: Uint8Array | undefined;
    readonly written: Uint8Array | undefined;
    /** Files that are named after the stack, and waive nothing: there is no such stack, or it has another file. */
    readonly stray?: { readonly before: readonly Problem[]; readonly after: readonly Problem[] };
    /** Those of the other stacks, as they count: a change of the program is about all of them, and needs one waiver. */
    readonly elsewhere?: readonly (Uint8Array | undefined)[];
  };
}

/** A plan with what its gates say. */
export function gate(keeper: Gatekeeper, plan: Ungated, { before, after, steps, limits, waivers }: Gated): StackPlan {
  const { rules, baseRules, program, today } = keeper;
  const judged =
    steps === undefined
      ? { findings: [], notes: [] }
      : judgeByBoth(keeper, {
          environment: [before, after].some((side) => side?.settings?.environment === "production")
            ? "production"
            : "development",
          steps,
          limits,
          today,
          plan,
        });
  const isDropped = after === undefined && steps === undefined && plan.failures.length === 0;
  const known = { today, rules: [...new Set([...rules.ids, ...(baseRules?.ids ?? [])])] };
  const read = (bytes: Uint8Array | undefined) => readWaivers(waiverFile(plan.stack), bytes, known);
  const { stray = { before: [], after: [] } } = waivers;
  const side = (bytes: Uint8Array | undefined, more: readonly Problem[]) => {
    const { problems, ...reading } = read(bytes);
    return { ...reading, problems: [...problems, ...more] };
  };
  return withGates(
    plan,
    applyWaivers({
      stack: plan.stack,
      findings: [...program, ...(isDropped ? droppedFindings(before) : []), ...judged.findings],
      base: side(waivers.counting, stray.before),
      head: side(waivers.written, stray.after),
      elsewhere: (waivers.elsewhere ?? []).flatMap((bytes) => ofProgram(read(bytes).waivers)),
      notes: judged.notes,
      today,
    }),
  );
}

/** Those of a change of the program that is named: one of every change is for its own stack alone. */
const ofProgram = (waivers: readonly Waiver[]) =>
  waivers.filter(({ rule, target }) => rule === programRule.id && target !== "*");

/** A stack that is deployed by nobody any more needs a waiver, for nothing else says that it was destroyed before. */
function droppedFindings(before: Side | undefined): Finding[] {
  if (before === undefined) return [];
  const left = counted(before.tenants.length, "tenant");
  const why = ours(`its settings are gone: its cluster and ${left} stay, and nothing deploys or watches them any more`);
  return [{ rule: stackRule.id, target: wholeStack, why }];
}

function judgeByBoth(
  { rules, baseRules, missing }: Gatekeeper,
  change: StackChange,
): { findings: Finding[]; notes: Words[] } {
  const own = rules.judge(change);
  if (baseRules === undefined) return { findings: own, notes: missing === undefined ? [] : [missing] };
  const key = ({ rule, target }: Finding) => JSON.stringify([rule, target]);
  try {
    const known = new Set(own.map(key));
    const more = baseRules.judge(change).filter((finding) => !known.has(key(finding)));
    const names = more.map(({ rule, target }) => `${rule} (${target})`);
    const note = say`By the base's rules alone, which this change takes away or weakens: ${list(names)}.`;
    return { findings: [...own, ...more], notes: more.length === 0 ? [] : [note] };
  } catch (error) {
    return { findings: own, notes: [notAsked(error)] };
  }
}
