import { lstatSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { GitHub, PullRequest } from "./github.ts";
import { commentKey, planComment, programFiles } from "./planComment.ts";

/** The files of the artifact that a run of `tenants` leaves. */
export const artifactFiles = { plan: "plan.md", number: "pull-request" };

/** Most bytes that are read of one of them; what is larger was not written by this program. */
const mostBytes = 300_000;

/** What GitHub says of the run that has ended: of all that is known of it, this alone is not in the hands of whoever changed it. */
export interface EndedRun {
  readonly html_url: string;
  readonly conclusion: string | null;
  readonly head_sha: string;
  readonly head_repository: { readonly id: number } | null;
}

export interface CommentOptions {
  readonly run: EndedRun;
  /** The branch that changes are merged into to be deployed. */
  readonly defaultBranch: string;
  /** Where the artifact was put. */
  readonly folder: string;
  /** The project's folder in the repository, with a "/" at its end. */
  readonly below: string;
}

/**
 * Writes the plan of a run that has ended into the comment of its pull request. The artifact may come from anybody: its number
 * is only taken where GitHub says that the pull request's newest commit is the run's, and its plan is only shown as it is where
 * the pull request changes data alone.
 *
 * @returns what was done, or why nothing was
 */
export async function comment(github: GitHub, { run, defaultBranch, folder, below }: CommentOptions): Promise<string> {
  const claimed = readSmall(join(folder, artifactFiles.number))?.trim() ?? "";
  if (!/^[1-9]\d{0,9}$/.test(claimed)) return "the run names no pull request: nothing is written";
  const number = Number(claimed);
  const pull = await github.pullRequest(number);
  if (!isOf(run, pull))
    return `pull request ${number} is closed, or its newest commit is not the run's: nothing is written`;
  // Of the run's own commit: what the pull request touches could be another one's by now, and this one's again.
  const { paths, complete } = await github.changedFiles(pull.base.sha, run.head_sha);
  const incomplete = complete ? [] : ["(more files than GitHub lists)"];
  const other = pull.base.ref === defaultBranch ? [] : [`(the branch ${pull.base.ref})`];
  const body = planComment({
    plan: readSmall(join(folder, artifactFiles.plan)),
    program: [...incomplete, ...other, ...programFiles(paths, below)],
    passed: run.conclusion === "success",
    url: run.html_url,
    commit: run.head_sha,
  });
  return `comment of pull request ${number}: ${await github.keepComment(number, commentKey, body)}`;
}

function isOf(run: EndedRun, { state, head }: PullRequest): boolean {
  return (
    state === "open" && head.sha === run.head_sha && head.repo !== null && head.repo.id === run.head_repository?.id
  );
}

/** A file's text; undefined for what is none, and for a link. */
export function readSmall(file: string): string | undefined {
  const stat = lstatSync(file, { throwIfNoEntry: false });
  return stat?.isFile() && stat.size <= mostBytes ? readFileSync(file, "utf8") : undefined;
}
