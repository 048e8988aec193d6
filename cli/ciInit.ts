import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { stackFile } from "../model/settings/project.ts";
import type { Settings } from "../model/settings/settingsSchema.ts";
import { oneLine } from "../model/text/printable.ts";
import { Refusal } from "../model/text/problems.ts";
import { headerOf } from "./ci/write/ciFile.ts";
import { ciFiles } from "./ci/write/ciFiles.ts";
import type { CiOptions } from "./ci/write/githubWorkflows.ts";
import { azureSetUp, githubSetUp } from "./ci/write/setUp.ts";
import { folderInRepository, wayUp } from "./gitTree.ts";
import { isRead, projectStacks, readStack, requireStackOf } from "./stacks.ts";

export interface CiInitOptions {
  readonly cwd: string;
  readonly github?: boolean;
  readonly azurePipelines?: boolean;
  /** The stacks to deploy, in their order; those on Azure, production last, where it is left out. */
  readonly stack?: readonly string[];
  readonly branch: string;
  /** Writes over files that somebody has changed. */
  readonly force?: boolean;
}

/**
 * Writes the pipelines of a repository, and prints what is to be set up by hand. A file that somebody has changed is left
 * alone, and then nothing is written at all.
 *
 * @throws Refusal where there is nothing to deploy, a name does not fit a pipeline, or a file was changed.
 */
export async function ciInit(options: CiInitOptions): Promise<void> {
  const root = resolve(options.cwd);
  const below = folderInRepository(root);
  const repository = resolve(root, wayUp(below));
  const { stacks, notes } = stacksToDeploy(root, options.stack);
  const ci: CiOptions = { stacks, branch: branchName(options.branch), below };
  const files = ciFiles(ci, options.azurePipelines === true ? "azure-pipelines" : "github");
  const changed = files.filter(({ path, text }) => isChanged(join(repository, path), text));
  if (changed.length > 0 && options.force !== true) {
    const names = changed.map(({ path }) => path).join(", ");
    throw new Refusal(
      `changed by somebody, or not written by this command, so nothing was written: ${names}. --force writes over them`,
    );
  }
  for (const { path, text } of files) {
    const file = join(repository, path);
    const before = existsSync(file) ? readFileSync(file, "utf8") : undefined;
    if (before !== text) {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
    console.log(`${before === undefined ? "written" : before === text ? "unchanged" : "updated"}: ${path}`);
  }
  const given =
    ci.branch === "main"
      ? []
      : [`'${ci.branch}' must be the repository's default branch: what runs at night and comments runs there alone`];
  for (const note of [...notes, ...given]) console.log(`note: ${note}`);
  console.log(`\nTo set up by hand:\n${(options.azurePipelines === true ? azureSetUp : githubSetUp)(ci)}`);
}

function isChanged(file: string, text: string): boolean {
  if (!existsSync(file)) return false;
  const there = readFileSync(file, "utf8");
  return there !== text && headerOf(there)?.untouched !== true;
}

/** The stacks of a pipeline, in their order, and what their settings need before it works. */
function stacksToDeploy(root: string, named: readonly string[] | undefined): { stacks: string[]; notes: string[] } {
  const all = projectStacks(root);
  for (const stack of named ?? []) requireStackOf(root, stack);
  const settings = new Map(all.map((stack) => [stack, settingsOf(root, stack)]));
  const onAzure = all.filter((stack) => settings.get(stack)?.azure !== undefined);
  // What `npm start` deploys in memory is an example, unless somebody names it.
  const usual = onAzure.filter((stack) => stack !== "sandbox");
  const isProduction = (stack: string) => settings.get(stack)?.environment === "production";
  const inOrder = [...usual.filter((stack) => !isProduction(stack)), ...usual.filter(isProduction)];
  const stacks = named === undefined ? inOrder : [...new Set(named)];
  if (stacks.length === 0)
    throw new Refusal(`no stack makes an Azure cluster that pipelines could deploy: ${list(all)}`);
  refuse(
    stacks,
    (stack) => !onAzure.includes(stack),
    "pipelines deploy stacks with an Azure cluster and settings without errors alone",
  );
  refuse(
    stacks,
    (stack) => !/^[a-z][a-z0-9_-]*$/i.test(stack),
    "pipelines take names of letters, digits, '-' and '_' alone",
  );
  const left = all.filter((stack) => !stacks.includes(stack));
  return {
    stacks,
    notes: [
      ...(left.length === 0 || named !== undefined
        ? []
        : [`not deployed by them: ${list(left)}; --stack names all that should be`]),
      ...stacks.flatMap((stack) => {
        const kubelogin = settings.get(stack)?.azure?.kubelogin;
        if (kubelogin === "workloadidentity") return [];
        return [
          `${stackFile(stack)} says azure.kubelogin: ${kubelogin}; pipelines need workloadidentity (docs/identity.md)`,
        ];
      }),
    ],
  };
}

function settingsOf(root: string, stack: string): Settings | undefined {
  const reading = readStack(root, stack);
  return isRead(reading) ? reading.settings : undefined;
}

function refuse(stacks: readonly string[], isWrong: (stack: string) => boolean, why: string): void {
  const wrong = stacks.filter(isWrong);
  if (wrong.length > 0) throw new Refusal(`${why}: not ${list(wrong)}`);
}

function list(stacks: readonly string[]): string {
  return stacks.map(oneLine).join(", ");
}

function branchName(branch: string): string {
  if (/^[\w][\w./-]*$/.test(branch)) return branch;
  throw new Refusal(`--branch is '${oneLine(branch)}': letters, digits, '.', '/', '-' and '_' alone`);
}
