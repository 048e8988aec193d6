import { beyond, type Effect } from "../../model/plan/beyond.ts";
import type { Step } from "../../model/plan/steps.ts";
import { formatProblem, Refusal } from "../../model/text/problems.ts";
import { checkOut } from "../gitTree.ts";
import { prepareBase } from "./baseProgram.ts";
import { rehearseStack } from "./compareStack.ts";

/**
 * What a deployment would do that no plan of the commits since the last one shows, as pull requests had them: because the
 * deployed stack is not what was merged.
 *
 * @param root the project's folder
 * @param since the commit that was deployed last; where there is none, whatever is created is as planned
 * @param real what the real engine would do
 * @throws Refusal where git does not have that commit, or the sandbox cannot plan what came after it.
 */
export async function beyondPlan(
  root: string,
  stack: string,
  since: string | undefined,
  real: readonly Step[],
): Promise<Effect[]> {
  if (since === undefined) return beyond(undefined, real);
  const tree = checkOut(root, since);
  try {
    const program = prepareBase(tree.root, root);
    // Loaded here, for the SDK takes a second to load.
    const { embeddedEngine } = await import("./embeddedEngine.ts");
    const trees = { base: tree.root, head: root, deleted: tree.deleted, sameProgram: program.files.length === 0 };
    const { failures, steps = [] } = await rehearseStack(trees, stack, embeddedEngine(program));
    const problems = failures.flatMap((failure) => failure.problems);
    if (problems.length === 0) return beyond(steps, real);
    const why = problems.map(({ location, message }) =>
      location === undefined ? message : formatProblem({ location, message }),
    );
    throw new Refusal(`what was merged since ${since} cannot be planned:\n${why.join("\n")}`);
  } finally {
    tree.remove();
  }
}
