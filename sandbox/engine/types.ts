import type { provider as pulumiProvider } from "@pulumi/pulumi";
import { Refusal } from "../../model/text/problems.ts";
import type { Snapshot } from "./checkpoint.ts";
import type { HookBindings, Hooks } from "./hooks.ts";
import type { Properties } from "./values.ts";

/** What a step does to a resource; the names are Pulumi's. */
export type Op = "same" | "create" | "update" | "replace" | "delete";

/** A step that is about to run, or has run. */
export interface StepEvent {
  readonly kind: "begin" | "end";
  readonly op: Op;
  readonly urn: string;
  /** The changed property paths of an update or replacement. */
  readonly changed: readonly string[];
  /** True for a deletion from the state alone: the cloud keeps it. */
  readonly retained?: boolean;
  /** What the state called it, where that was another name. */
  readonly oldUrn?: string;
}

/** What a program asks for when it registers a resource. */
export interface Goal {
  readonly type: string;
  readonly name: string;
  readonly custom: boolean;
  readonly parent: string;
  readonly inputs: Properties;
  readonly dependencies: readonly string[];
  readonly propertyDependencies: Readonly<Record<string, readonly string[]>>;
  readonly protect: boolean;
  readonly retainOnDelete: boolean;
  readonly provider: string;
  readonly version: string;
  readonly ignoreChanges: readonly string[];
  readonly replaceOnChanges: readonly string[];
  readonly deleteBeforeReplace: boolean | undefined;
  readonly additionalSecretOutputs: readonly string[];
  /** URNs under which the resource may be in the state, besides its own. */
  readonly aliases: readonly string[];
  readonly hooks: HookBindings;
}

/** What a registration is answered with. In a preview, an empty id and a missing output are unknown to the program. */
export interface Registered {
  readonly urn: string;
  readonly id: string;
  readonly outputs: Properties;
  /** True for what is neither there nor made by this run: nothing of it is known to the program. */
  readonly unknown?: boolean;
}

/** A step that failed, or a request that this engine refuses. The message is for the person who runs it. */
export class StepError extends Refusal {
  override readonly name = "StepError";
}

/** How a provider says that it has made or changed a resource that does not work yet: Pulumi's contract. */
export interface PartialFailure extends Error {
  readonly id: string;
  readonly properties: Properties;
  readonly reasons: readonly string[];
  /** What it was made of, where that was read. */
  readonly inputs?: Properties;
}

export function partialFailure(message: string, what: Omit<PartialFailure, keyof Error>): PartialFailure {
  const { id, properties, reasons, inputs } = what;
  return Object.assign(new Error(message), { id, properties, reasons, ...(inputs && { inputs }) });
}

export function isPartialFailure(error: unknown): error is PartialFailure {
  return error instanceof Error && "id" in error && "reasons" in error;
}

/** True where an error says how a call ended: with nothing done, or with what it made. Any other leaves that open. */
export function isAnswer(error: unknown): boolean {
  return error instanceof Refusal || isPartialFailure(error);
}

/** What is looked for in the cloud has the name of something else there. */
export class NotOurs extends Refusal {
  override readonly name = "NotOurs";
}

/** A resource was not deployed, and the cause has been reported; what does not depend on it goes on. */
export class NotDeployed extends Error {
  override readonly name = "NotDeployed";
}

/** Ends a program quietly after the cause has been reported. */
export class Terminated extends Error {
  override readonly name = "Terminated";
}

export interface DeploymentOptions {
  readonly stack: string;
  readonly project: string;
  readonly dryRun: boolean;
  readonly old: Snapshot;
  readonly providers: Readonly<Record<string, pulumiProvider.Provider>>;
  readonly hooks: Hooks;
  /** Whether what does not depend on a resource that failed is deployed all the same, as with Pulumi's `--continue-on-error`. */
  readonly goOn?: boolean;
  /** The URNs of what the run is about, as with Pulumi's `--target`: all else stays as it was. Everything where it is left out. */
  readonly targets?: ReadonlySet<string> | undefined;
  /** Writes the state; it is asked for when the write begins, so that steps that end together share one. */
  readonly save: (current: () => Snapshot) => Promise<void>;
  readonly onStep: (event: StepEvent) => void;
  readonly onError: (message: string, urn: string) => void;
  /** Something of the state's past that its reader must know. */
  readonly onWarning: (message: string, urn: string) => void;
}
