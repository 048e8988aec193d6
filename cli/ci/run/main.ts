import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { azureIssue } from "../annotations.ts";
import { keepAzureComment } from "./azureDevOps.ts";
import { artifactFiles, comment, type EndedRun, readSmall } from "./comment.ts";
import { type DriftReport, driftIssues } from "./driftIssue.ts";
import { type ExpiringTenant, expiryIssues } from "./expiryIssues.ts";
import { githubOf } from "./github.ts";
import { issueActions, type WantedIssue } from "./issueUpkeep.ts";
import { commentKey, planComment, programFiles } from "./planComment.ts";
import { requireMergeOf, takeTenants } from "./takeTenants.ts";

/*
 * What the workflows that `tenants ci init` writes do with a token in their hands. It is started by Node.js alone, and imports
 * no package: a job that may write needs no `npm ci`. test/layout.test.ts holds that.
 */

/** The project's folder in the repository, with a "/" at its end; empty where it is the root. */
function below({ GITHUB_WORKSPACE: workspace = process.cwd() }: NodeJS.ProcessEnv): string {
  const path = relative(workspace, process.cwd());
  return path === "" ? "" : `${path}/`;
}

const json = (file: string): unknown => JSON.parse(readFileSync(file, "utf8"));

/** Brings the open issues of a kind to what they should be. */
async function keepIssues(kind: string, wanted: readonly WantedIssue[]): Promise<string> {
  const github = githubOf(process.env);
  const actions = issueActions(kind, wanted, await github.openIssues());
  await github.carryOut(actions);
  const count = (what: string) => actions.filter((action) => action.do === what).length;
  return `${wanted.length} wanted: ${count("open")} opened, ${count("edit")} edited, ${count("close")} closed`;
}

const commands: Readonly<Record<string, (...args: string[]) => Promise<string> | string>> = {
  comment: (folder = "") => {
    const event = json(process.env.GITHUB_EVENT_PATH ?? "") as {
      workflow_run: EndedRun;
      repository: { default_branch: string };
    };
    return comment(githubOf(process.env), {
      run: event.workflow_run,
      defaultBranch: event.repository.default_branch,
      folder,
      below: below(process.env),
    });
  },
  "azure-comment": async (folder = "") => {
    // The merge that the run is of: its first parent is the branch that it goes to.
    const names = execFileSync("git", ["diff", "--name-only", "--no-renames", "-z", "HEAD^1", "HEAD"], {
      encoding: "utf8",
    });
    const {
      SYSTEM_COLLECTIONURI: collection = "",
      SYSTEM_TEAMPROJECTID: project = "",
      BUILD_BUILDID: build = "",
    } = process.env;
    const body = planComment({
      plan: readSmall(join(folder, artifactFiles.plan)),
      program: programFiles(
        names.split("\0").filter(Boolean),
        execFileSync("git", ["rev-parse", "--show-prefix"], { encoding: "utf8" }).trim(),
      ),
      url: `${collection}${project}/_build/results?buildId=${build}`,
      commit: process.env.SYSTEM_PULLREQUEST_SOURCECOMMITID ?? "",
    });
    return `comment: ${await keepAzureComment(process.env, commentKey, body)}`;
  },
  expiry: (file = "") => {
    const folder = below(process.env);
    const root = process.env.GITHUB_WORKSPACE ?? process.cwd();
    const owners = [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"]
      .map((path) => join(root, path))
      .find(existsSync);
    const tenants = (json(file) as ExpiringTenant[]).map((tenant) => ({ ...tenant, file: `${folder}${tenant.file}` }));
    return keepIssues("expiry", expiryIssues(tenants, owners === undefined ? "" : readFileSync(owners, "utf8")));
  },
  drift: (stack = "", file = "") => keepIssues(`drift ${stack}`, driftIssues(stack, json(file) as DriftReport)),
  differs: (stack = "", file = "") => {
    const [issue] = driftIssues(stack, json(file) as DriftReport);
    if (issue === undefined) return `stack ${stack} is as the files say`;
    throw new Error(`${issue.title}\n${issue.body}`);
  },
  warn: (file = "") =>
    expiryIssues(json(file) as ExpiringTenant[])
      .map(({ title }) => azureIssue("warning", title))
      .join("\n"),
  "take-tenants": (from = "") => {
    const event = json(process.env.GITHUB_EVENT_PATH ?? "") as { pull_request: { head: { sha: string } } };
    requireMergeOf(event.pull_request.head.sha, from);
    return `${takeTenants(from, process.cwd()).length} tenant files taken from ${from}`;
  },
};

const [name = "", ...args] = process.argv.slice(2);
try {
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined) throw new Error(`no such command: ${Object.keys(commands).join(", ")}`);
  console.log(await command(...args));
} catch (error) {
  console.error(`error: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
