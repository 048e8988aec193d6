import { type Deployed, deployInMemory, nothingDeployed, previewOver } from "../../sandbox/rehearsal.ts";
import type { BaseProgram } from "./baseProgram.ts";
import type { Rehearser } from "./compareStack.ts";

/*
 * The one door from the commands to the sandbox (docs/decisions/0014). It is opened when a plan is asked for: loading
 * Pulumi's SDK takes longer than most other commands.
 */

/** The sandbox's engine, with everything in memory. */
export function embeddedEngine({ node, problem }: BaseProgram): Rehearser<Deployed> {
  return {
    deploy: async (project, retained, reach) => {
      if (problem !== undefined) throw problem;
      return deployInMemory(project, retained, { reach, ...(node !== undefined && { node }) });
    },
    preview: (deployed, project, reach) => previewOver(deployed, project, { reach }),
    nothing: nothingDeployed,
  };
}
