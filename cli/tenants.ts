import { existsSync, globSync, writeFileSync } from "node:fs";
import { basename, join, relative, resolve } from "node:path";
import { Command, Option } from "commander";
import { loadInputs } from "../model/inputs.ts";
import { formatProblem, InputError, isError, type Problem, sortProblems } from "../model/problems.ts";
import { readProject } from "../model/project.ts";
import { tenantJsonSchema, tenantSchemaFile } from "../model/tenantJsonSchema.ts";
import { runCommand } from "./runCommand.ts";

type Format = "text" | "json" | "github";

interface CheckOptions {
  readonly format: Format;
  readonly cwd: string;
}

/** Every stack that has settings and a folder of tenants. */
function stacksOf(root: string): string[] {
  const files = globSync("Pulumi.*.yaml", { cwd: root }).map((file) => file.slice("Pulumi.".length, -".yaml".length));
  return files.filter((stack) => existsSync(join(root, "tenants", stack))).sort();
}

/** Everything that is wrong with, or worth knowing of, a stack's settings and tenants. */
function problemsOf(root: string, stack: string): readonly Problem[] {
  try {
    const project = readProject(root, stack);
    return loadInputs({ root, project: project.name, stack, config: project.config }).warnings;
  } catch (error) {
    if (error instanceof InputError) return error.problems;
    throw error;
  }
}

/** Checks all stacks; with files, only what is said of those is printed, but they are checked among all the others. */
async function check(files: readonly string[], { format, cwd }: CheckOptions): Promise<void> {
  const root = resolve(cwd);
  const wanted = new Set(files.map((file) => relative(root, resolve(file))));
  const stacks = stacksOf(root);
  const problems = stacks
    .flatMap((stack) => problemsOf(root, stack))
    .filter(({ location }) => wanted.size === 0 || wanted.has(location.file));
  const sorted = sortProblems(problems);
  const errors = sorted.filter(isError).length;
  console.log(
    printers[format](sorted, `${stacks.length} stacks checked: ${errors} errors, ${sorted.length - errors} warnings`),
  );
  if (errors > 0) process.exitCode = 1;
}

/** How problems are printed, and what sums them up. */
const printers: Readonly<Record<Format, (problems: readonly Problem[], summary: string) => string>> = {
  text: (problems, summary) =>
    [
      ...problems.map((problem) => `${isError(problem) ? "error" : "warning"}: ${formatProblem(problem)}`),
      summary,
    ].join("\n"),
  json: (problems) =>
    JSON.stringify(
      problems.map(({ severity = "error", location, message }) => ({ severity, ...location, message })),
      undefined,
      2,
    ),
  github: (problems, summary) => [...problems.map(annotation), summary].join("\n"),
};

/** A line that GitHub shows at the place in the pull request. */
function annotation({ severity = "error", location, message }: Problem): string {
  const encode = (text: string) => text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
  const property = (text: string) => encode(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
  return `::${severity} file=${property(location.file)},line=${location.line},col=${location.column}::${encode(message)}`;
}

const program = new Command("npm run tenants --").description("Works with the tenant files.").showHelpAfterError();
program
  .command("check")
  .description("check settings and tenant files of every stack; exit code 1 on any error")
  .argument("[files...]", "print only what is said of these files")
  .addOption(
    new Option("--format <format>", "how problems are printed").choices(["text", "json", "github"]).default("text"),
  )
  .option("-C, --cwd <folder>", "the project's folder", ".")
  .action((files: string[], options: CheckOptions) => runCommand(() => check(files, options)));
program
  .command("schema")
  .description(`write ${basename(tenantSchemaFile)}, from which editors complete and check tenant files`)
  .action(() => runCommand(async () => writeFileSync(tenantSchemaFile, tenantJsonSchema())));
await program.parseAsync();
