import type { Finding, StackPlan } from "../model/plan/plan.ts";
import type { Resource, Step } from "../model/plan/steps.ts";
import type { Words } from "../model/plan/words.ts";
import type { GateLimits } from "../model/settings/gates.ts";
import type { Settings } from "../model/settings/settingsSchema.ts";

/** What a stack is for (setting `environment`). */
export type Environment = Settings["environment"];

interface Rule {
  /** What waivers name, for ever: "free-tier". */
  readonly id: string;
  /** What it keeps from happening, as a sentence without its full stop. */
  readonly guards: string;
}

/** A resource as it is registered, as far as a state rule sees it: any engine tells a policy pack as much. */
export type Standing = Pick<Resource, "type" | "name" | "protect" | "inputs">;

/** What must hold of a single resource as it stands after a deployment. It knows nothing of what was before. */
export interface StateRule extends Rule {
  /**
   * Advisory where a stack may begin like that, and is only told. What comes to be like that later needs a waiver all the
   * same.
   */
  readonly level: (environment: Environment) => "mandatory" | "advisory";
  /** What is wrong with it; undefined where nothing is. */
  readonly broken: (resource: Standing, environment: Environment) => Words | undefined;
}

/** What a deployment does to a stack, as an engine tells it before. */
export interface StackChange {
  /** Production where either side says so: a change does not choose the rules that it is judged by. */
  readonly environment: Environment;
  readonly steps: readonly Step[];
  /** The limits of the base. */
  readonly limits: GateLimits;
  /** As 2027-03-31. */
  readonly today: string;
  readonly plan: Pick<StackPlan, "tenants" | "cost">;
}

/** What a deployment may not do. It needs the old states, which no policy pack is given. */
export interface StepRule extends Rule {
  readonly findings: (change: StackChange) => readonly Omit<Finding, "rule">[];
}

/** The target of what is about no single resource. */
export const wholeStack = "stack";

/** A resource as waivers name it: "ManagedCluster platform-host-cluster". */
export const targetOf = (kind: string, name: string) => `${kind} ${name}`;
