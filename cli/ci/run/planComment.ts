import { printable } from "../../../model/text/printable.ts";
import { code } from "../../plan/codeSpan.ts";
import { marked } from "./issueUpkeep.ts";

/** By which the one comment of a pull request is found again. */
export const commentKey = "plan";

/** Characters of a comment. Source: GitHub, "body is too long (maximum is 65536 characters)". */
const mostCharacters = 65_536;

/** Characters that a comment may take around a plan: below it alone, or with what changes the program, and the fold. */
const room = { footer: 500, warning: 8_000 };

/** What a comment is made of. */
export interface PlanRun {
  /** What the run wrote as its plan; undefined where it wrote none that can be read. */
  readonly plan: string | undefined;
  /** What the pull request changes beside data: whoever changes the program decides what a plan says. */
  readonly program: readonly string[];
  /** Whether the run found everything right, where that is known. */
  readonly passed?: boolean;
  /** The page of the run. */
  readonly url: string;
  /** The commit that the plan is of, as the service names it. */
  readonly commit: string;
}

/**
 * The files of a change that are more than data: with one of these, a run's own word is not taken for its result.
 *
 * @param files paths from the repository's root
 * @param below the project's folder in the repository, with a "/" at its end; empty where it is the root
 */
export function programFiles(files: readonly string[], below = ""): string[] {
  const isData = (file: string) =>
    file.endsWith(".md") ||
    (file.startsWith(below) &&
      /^(tenants\/([^/]+\/)?[^/]+\.ya?ml|waivers\/[^/]+\.yaml|Pulumi\.[^/]+\.yaml)$/.test(file.slice(below.length)));
  return [...new Set(files)].filter((file) => !isData(file)).sort();
}

/**
 * The comment of a pull request. The plan stands there as it is where base's own program and workflow made it, for that one
 * lets nothing through that has a meaning; else it is shown as plain text, below a warning.
 */
export function planComment({ plan, program, passed, url, commit }: PlanRun): string {
  // A changed program passes its own checks; that they failed is no praise.
  const told = program.length === 0 || passed === false ? passed : undefined;
  const parts = [
    ...(program.length === 0 ? [] : [programWarning(program)]),
    plan === undefined || plan.trim() === ""
      ? "**No plan was made.**"
      : program.length === 0
        ? whole(plan)
        : quoted(plan),
    `<sub>${verdict(told)}[the run](${url}) of ${code({ value: commit.slice(0, 8) })}.</sub>`,
  ];
  return marked(commentKey, parts.join("\n\n"));
}

function verdict(passed: boolean | undefined): string {
  if (passed === undefined) return "";
  return passed ? "The checks passed: " : "**The checks did not pass**: ";
}

function programWarning(files: readonly string[]): string {
  const shown = files.slice(0, 10).map((file) => code({ value: file }));
  const more = files.length > shown.length ? ` and ${files.length - shown.length} more` : "";
  return [
    "> [!CAUTION]",
    "> **This pull request changes more than tenants, settings and waivers**, and what follows was computed by the changed code:",
    `> it may say anything. Read the code first: ${shown.join(", ")}${more}.`,
  ].join("\n");
}

/** A plan that fits is given whole; one that does not was not made by this program. */
function whole(plan: string): string {
  return plan.length <= mostCharacters - room.footer ? plan.trimEnd() : quoted(plan);
}

/** Any text as it is, and nothing in it has a meaning. */
function quoted(text: string): string {
  const shown = printable(text.slice(0, mostCharacters - room.warning));
  const cut = text.length > mostCharacters - room.warning ? `\n… (${text.length} characters)` : "";
  const longest = Math.max(3, ...(shown.match(/`+/g) ?? []).map((run) => run.length));
  const fence = "`".repeat(longest + 1);
  if (fence.length > room.warning / 8) return "_What the run wrote cannot be shown: it is in the run._";
  return `<details><summary>What the run says</summary>\n\n${fence}text\n${shown.trimEnd()}${cut}\n${fence}\n\n</details>`;
}
