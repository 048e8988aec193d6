import { existsSync, globSync, statSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { paint } from "../console/terminal.ts";
import { notValidated } from "../model/chart/chartSchema.ts";
import { roomLeft } from "../model/rules/capacity.ts";
import { asDeployed } from "../model/rules/deployed.ts";
import { handoverProblems } from "../model/rules/handover.ts";
import { hostAsDeployed, hostProblems } from "../model/rules/hostChanges.ts";
import { restartProblems } from "../model/rules/restarts.ts";
import { forget, transitionProblems } from "../model/rules/transitions.ts";
import { stackFile } from "../model/settings/project.ts";
import { channelCharts } from "../model/settings/stackCharts.ts";
import { removalOf } from "../model/tenant/removal.ts";
import { tenantFile } from "../model/tenant/tenantFiles.ts";
import { oneLine, printable } from "../model/text/printable.ts";
import { formatProblem, isError, type Problem, Refusal, sortProblems } from "../model/text/problems.ts";
import { azureAnnotation, githubAnnotation } from "./ci/annotations.ts";
import { outdatedPipelines } from "./ci/write/outdated.ts";
import { folderInRepository, type GitTree, withTreeOf } from "./gitTree.ts";
import { harmless } from "./plan/harmless.ts";
import { retainedOf } from "./retained.ts";
import { schemaProblems } from "./schemas.ts";
import { isRead, projectStacks, readStack, type StackReading, stacksOf } from "./stacks.ts";
import { waiverProblems } from "./waivers.ts";

/** How problems are printed. */
export type Format = "text" | "json" | "github" | "azure";

export interface CheckOptions {
  readonly format: Format;
  readonly cwd: string;
  /** A git ref: tenants are compared with those of it as a deployment compares them with the last one. */
  readonly base?: string;
}

/**
 * Checks the settings and tenants of all stacks. With files, only what is said of those is printed, but they are
 * checked among all the others. Exit code 1 on any error.
 *
 * @throws Refusal where a named file or the git ref is not there.
 */
export async function check(files: readonly string[], { format, cwd, base }: CheckOptions): Promise<void> {
  const root = resolve(cwd);
  const stacks = base === undefined ? projectStacks(root) : stacksOf(root);
  const inputs = new Map(stacks.map((stack) => [stack, readStack(root, stack)]));
  const stray = strayFiles(root, stacks);
  const problems = [
    ...[...inputs.values()].flatMap(problemsOf),
    ...schemaProblems(root, [...inputs.values()]),
    ...waiverProblems(root, stacks),
    ...outdatedPipelines(root),
  ];
  const inLines = format === "github" || format === "azure";
  const { changes, known } =
    base === undefined
      ? { changes: [], known: new Set<string>() }
      : withTreeOf(root, base, (tree) => {
          const then = new Map(stacksOf(tree.root).map((stack) => [stack, readStack(tree.root, stack)]));
          const warnings = [...then.values()].flatMap(problemsOf).filter((problem) => !isError(problem));
          return {
            changes: changeProblems(root, { tree, ref: base, then, now: inputs }),
            // Ten of a kind are all that GitHub shows: what the change did not bring would hide what it did.
            known: new Set(inLines ? warnings.map((problem) => formatProblem(problem)) : []),
          };
        });
  const found = [...changes, ...stray, ...problems];
  const wanted = wantedFiles(root, files, found);
  const all = sortProblems([...new Map(found.map((problem) => [formatProblem(problem), problem])).values()]);
  const asked = all.filter(({ location }) => files.length === 0 || wanted.has(location.file));
  const sorted = asked.filter((problem) => isError(problem) || !known.has(formatProblem(problem)));
  const errors = sorted.filter(isError).length;
  const others = all.filter((problem) => !asked.includes(problem));
  const before = asked.filter((problem) => !sorted.includes(problem));
  const summary = [
    ...(files.length === 0 ? roomLines(inputs) : []),
    ...(others.length === 0 ? [] : [`said of other files, and not shown: ${counts(others)}`]),
    ...(before.length === 0 ? [] : [`said of ${oneLine(base ?? "")}, too, and not shown: ${counts(before)}`]),
    `${counted(stacks.length, "stack")} checked: ${counts(sorted)}`,
  ];
  const shown = inLines ? sorted.map(inRepository(root)) : sorted;
  console.log(printers[format](shown, summary.join("\n")));
  const note = notValidated(
    root,
    stacks.flatMap((stack) => channelCharts(root, stack)),
  );
  if (note !== undefined) console.error(paint("dim", `note: ${note}`, process.stderr));
  if (errors > 0) process.exitCode = 1;
}

function problemsOf(reading: StackReading): readonly Problem[] {
  return isRead(reading) ? reading.problems : reading;
}

/** What each stack that is right still has room for. */
function roomLines(inputs: ReadonlyMap<string, StackReading>): string[] {
  return [...inputs].flatMap(([stack, reading]) => {
    if (!isRead(reading) || reading.problems.some(isError)) return [];
    const room = roomLeft({ settings: reading.settings, tenants: reading.tenants });
    if (room.length === 0) return [];
    return [`room left in ${harmless({ value: stack })}`, ...room.map(({ whose, left }) => `  ${whose}: ${left}`)];
  });
}

/** Files that somebody may take for tenants, and that belong to no stack. */
function strayFiles(root: string, stacks: readonly string[]): Problem[] {
  return globSync("tenants/*.{yaml,yml}", { cwd: root })
    .filter((file) => statSync(join(root, file)).isFile())
    .map((file) => ({
      severity: "warning",
      location: { file, line: 1, column: 1 },
      message: `no tenant, for it is in no stack's folder: move it to ${stacks.map((stack) => `tenants/${oneLine(stack)}/`).join(" or ")}, or remove it`,
    }));
}

const counted = (count: number, what: string) => `${count} ${what}${count === 1 ? "" : "s"}`;

function counts(problems: readonly Problem[]): string {
  const errors = problems.filter(isError).length;
  return [counted(errors, "error"), counted(problems.length - errors, "warning")].join(", ");
}

/** The files to print problems of, as problems name them. One that is gone may be named where something is said of it. */
function wantedFiles(root: string, files: readonly string[], problems: readonly Problem[]): Set<string> {
  const named = files.map((file) => ({ file, path: relative(root, resolve(root, file)) }));
  const absent = named.filter(
    ({ path }) => !existsSync(join(root, path)) && !problems.some(({ location }) => location.file === path),
  );
  if (absent.length > 0) throw new Refusal(`no such file: ${absent.map(({ file }) => oneLine(file)).join(", ")}`);
  const other = named.filter(
    ({ path }) => !/^(tenants\/([^/]+\/[^/]+|[^/]+\.ya?ml)|(Pulumi\.|waivers\/)[^/]+\.yaml)$/.test(path),
  );
  if (other.length > 0) {
    const names = other.map(({ file }) => oneLine(file)).join(", ");
    throw new Refusal(`neither a tenant file nor a stack's settings or waivers, so nothing was checked: ${names}`);
  }
  return new Set(named.map(({ path }) => path));
}

/** The stacks of another tree, and those of now. */
interface Compared {
  readonly tree: GitTree;
  /** What git calls it. */
  readonly ref: string;
  readonly then: ReadonlyMap<string, StackReading>;
  readonly now: ReadonlyMap<string, StackReading>;
}

/** What deploying these stacks would lose or restart, were they deployed as they are in another tree. */
function changeProblems(root: string, { tree, ref, then, now }: Compared): Problem[] {
  return [...then].flatMap(([stack, before]): Problem[] => {
    const after = now.get(stack);
    const notCompared = (file: string): Problem => ({
      severity: "warning",
      location: { file, line: 1, column: 1 },
      message: `not compared with ${ref}: what is there could not be read`,
    });
    if (!isRead(before)) return [notCompared(stackFile(stack))];
    // Nothing can be told of tenants that cannot be read: what is wrong with them is told already.
    if (after !== undefined && !isRead(after)) return [];
    const unread = new Set(after?.unread);
    const deployed = {
      tenants: asDeployed(
        before.tenants.filter(({ name }) => !unread.has(name)),
        before.settings?.vcluster,
      ),
      retained: retainedOf(tree.deleted, stack, before.tenantDefaults),
    };
    const current = after ?? { ...before, settings: undefined, tenants: [] };
    const { settings, tenants, locate, locateSetting, exposure } = current;
    const last = forget(deployed, settings?.forgetRetained ?? []);
    const handover = settings?.handover ?? {};
    const transitions = transitionProblems(last, tenants, {
      stack,
      locate,
      handover,
      versions: settings?.vcluster,
      exposure,
      removalOf: (name) => removalOf(root, tenantFile(stack, name)),
    });
    const refused = new Set(transitions.filter(isError).map(({ location }) => location.file));
    return [
      ...before.unread.map((name) => notCompared(tenantFile(stack, name))),
      ...transitions,
      ...handoverProblems(last, tenants, handover, locateSetting, { certain: true }),
      ...(settings === undefined ? [] : hostProblems(hostAsDeployed(before.settings), settings, locateSetting)),
      ...(before.settings === undefined || settings === undefined
        ? []
        : restartProblems(
            { settings: before.settings, tenants: before.tenants },
            { settings, tenants: tenants.filter(({ name }) => !refused.has(tenantFile(stack, name))) },
            { locate, locateSetting },
          )),
    ];
  });
}

/** How problems are printed, and what sums them up. */
const printers: Readonly<Record<Format, (problems: readonly Problem[], summary: string) => string>> = {
  text: (problems, summary) =>
    [
      ...problems.map((problem) => {
        const word = isError(problem) ? paint("red", "error:") : paint("yellow", "warning:");
        return `${word} ${formatProblem(problem)}`;
      }),
      summary,
    ].join("\n"),
  json: (problems) => {
    const plain = problems.map(({ severity = "error", location, message }) => ({ severity, ...location, message }));
    return printable(JSON.stringify(plain, undefined, 2));
  },
  github: (problems, summary) => [...problems.map(githubAnnotation), summary].join("\n"),
  azure: (problems, summary) => [...problems.map(azureAnnotation), summary].join("\n"),
};

/** GitHub and Azure Pipelines name files from the repository's root, which may be above the project's folder. */
function inRepository(root: string): (problem: Problem) => Problem {
  const below = folderInRepository(root);
  return (problem) => ({ ...problem, location: { ...problem.location, file: `${below}${problem.location.file}` } });
}
