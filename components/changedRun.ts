import { readFileSync, writeFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import {
  type ChangedRun,
  changedRunSchema,
  changedRunVariable,
  fullRunFile,
  otherPeople,
  otherThanChosen,
  type ProgramInputs,
} from "../model/deploy/changedRun.ts";
import { digestsOf } from "../model/settings/deployedFiles.ts";
import { Refusal } from "../model/text/problems.ts";

/**
 * The changed tenants that this run registers; undefined in every run that no command has narrowed.
 *
 * @throws Refusal where the variable was set by somebody else: without an engine that leaves the rest, what is not registered
 * would be deleted.
 */
export function changedRun(): ChangedRun | undefined {
  const file = process.env[changedRunVariable];
  if (file === undefined) return undefined;
  try {
    const run = changedRunSchema.parse(JSON.parse(readFileSync(file, "utf8")));
    if (run.project === pulumi.getProject() && run.stack === pulumi.getStack()) return run;
  } catch {
    // Whatever is there, no command that runs has written it.
  }
  throw new Refusal(
    `the environment variable ${changedRunVariable} is set, and not by a command that runs: remove it. 'npm run preview -- --changed' sets it where it is needed`,
  );
}

/** What the program has found for itself. */
export interface Found {
  /** What this run is to leave in the state. */
  readonly record: ProgramInputs & Pick<ChangedRun, "people">;
  /** What each tenant's file holds, by name. */
  readonly files: ReadonlyMap<string, string>;
}

/**
 * Ends a run of changed tenants, before anything is registered, where more than those may differ: the command begins a full one.
 * What it leaves in the state is said of all tenants.
 */
export function requireAsChosen(run: ChangedRun, { record, files }: Found): void {
  const { program, settings, others, people } = record;
  const now = { program, settings, others, files: digestsOf(files) };
  const why = otherThanChosen(run, now) ?? otherPeople(run.people, people);
  const file = process.env[changedRunVariable];
  if (why === undefined || file === undefined) return;
  writeFileSync(fullRunFile(file), why);
  throw new Refusal(`not only the changed tenants may differ: ${why}`);
}
