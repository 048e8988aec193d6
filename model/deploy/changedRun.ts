import { z } from "zod";
import type { PlatformRecord } from "../settings/deployedFiles.ts";

/**
 * Names the file in which a command tells the program that it registers changed tenants alone. Only commands set it, for what
 * they start, together with an engine that is told to leave everything else; the file is there as long as they run.
 */
export const changedRunVariable = "VIRTUAL_CLUSTERS_CHANGED_RUN";

const texts = z.record(z.string(), z.string());

const componentOutputs = z.record(z.string(), z.unknown());

/** What that file holds. */
export const changedRunSchema = z.strictObject({
  project: z.string(),
  stack: z.string(),
  /** The tenants that are registered; the outputs of the others are those of the last deployment. All where it is left out. */
  tenants: z.array(z.string()).optional(),
  /**
   * For a pass that only takes something away, what the state says of the platform and of each tenant, which stays. An engine writes
   * what the program says of them although they are no targets, and files and settings would read as deployed.
   */
  deletesOnly: z
    .strictObject({
      platform: componentOutputs,
      tenants: z.record(z.string(), componentOutputs),
      /** Roles of people, by their resources' names, that are not registered although the files ask for them: others come in their place. */
      withheld: z.array(z.string()),
      /** Roles of people, by their resources' names, that the state has: an engine that makes none waits for no other. */
      assigned: z.array(z.string()),
    })
    .optional(),
  /**
   * Of those who may fetch the kubeconfig because they work in some tenant's namespace, the ones that are registered, by
   * `lookUpKey`; all where it is left out. They can be more than there are tenants.
   */
  users: z.array(z.string()).optional(),
  /**
   * The stack's outputs, as the state has them: a preview need not ask the engine for them, which takes it the longer the more
   * tenants there are. Left out where nobody has looked.
   */
  outputs: z.strictObject({ tenants: z.unknown(), retained: z.unknown(), cluster: z.unknown() }).partial().optional(),
  /** By what the tenants were chosen: what the program must find, too. Left out where nothing was held against a state. */
  chosenBy: z
    .strictObject({
      program: z.string(),
      settings: texts,
      others: texts,
      /** A digest of each tenant's file, by name. */
      files: texts,
    })
    .optional(),
  /** Whom the names of people meant at the last deployment: object ids, as the state has them. */
  people: z.record(z.string(), z.string()),
});

/** A run in which changed tenants alone are registered. */
export type ChangedRun = z.output<typeof changedRunSchema>;

/** Where the program says why all tenants must be registered, beside the file that it was given. */
export const fullRunFile = (file: string) => `${file}.full`;

/** What decides what a program registers, beside tenants' files: as a deployment leaves it in the state. */
export interface ProgramInputs {
  /** {@link PlatformRecord.program}. */
  readonly program: string;
  /** {@link PlatformRecord.settings}. */
  readonly settings: PlatformRecord["settings"];
  /** {@link PlatformRecord.others}. */
  readonly others: NonNullable<PlatformRecord["others"]>;
}

/** Why not only tenants whose files differ may differ: another program, or other settings. Undefined where nothing of it is so. */
export function otherInputs(before: ProgramInputs, now: ProgramInputs): string | undefined {
  if (before.program !== now.program) return "the program changed";
  const other = [...differing(before.settings, now.settings), ...differing(before.others, now.others)];
  return other.length > 0 ? `settings changed: ${other.join(", ")}` : undefined;
}

/** Why what a run was chosen by is not what the program has found: somebody has edited it meanwhile, or a variable hides it. */
export function otherThanChosen(run: ChangedRun, now: NonNullable<ChangedRun["chosenBy"]>): string | undefined {
  if (run.chosenBy === undefined) return undefined;
  const files = differing(run.chosenBy.files, now.files);
  return otherInputs(run.chosenBy, now) ?? (files.length > 0 ? `edited meanwhile: ${files.join(", ")}` : undefined);
}

/** The names whose texts are not the same. */
function differing(before: Readonly<Record<string, string>>, now: Readonly<Record<string, string>>): string[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(now)])].sort();
  return names.filter((name) => before[name] !== now[name]);
}

/**
 * Why names of people are about more than the changed tenants: somebody else has a name now, or nobody is looked up any more,
 * so that the engine's own provider for that goes. Undefined where nothing of it is so.
 */
export function otherPeople(
  before: Readonly<Record<string, string>>,
  now: Readonly<Record<string, string>>,
): string | undefined {
  const other = Object.keys(now).filter((name) => before[name] !== undefined && before[name] !== now[name]);
  if (other.length > 0) return `Entra ID means somebody else by ${other.join(", ")}`;
  return Object.keys(before).length > 0 && Object.keys(now).length === 0
    ? "nobody is named by a name any more"
    : undefined;
}
