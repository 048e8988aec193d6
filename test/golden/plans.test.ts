import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { changedProgramFiles } from "../../cli/plan/baseProgram.ts";
import { compareStack, type Rehearser } from "../../cli/plan/compareStack.ts";
import { gatekeeper } from "../../cli/plan/gatekeeper.ts";
import { planDocument } from "../../cli/plan/json.ts";
import { planMarkdown } from "../../cli/plan/markdown.ts";
import { planJsonSchema, planSchema, planSchemaFile } from "../../cli/plan/planSchema.ts";
import { changedRuling } from "../../cli/plan/ruling.ts";
import { planText } from "../../cli/plan/text.ts";
import type { Plan } from "../../model/plan/plan.ts";
import { type Deployed, deployInMemory, nothingDeployed, previewOver } from "../../sandbox/rehearsal.ts";
import { expectGolden } from "../support/golden.ts";
import { runInProcess } from "../support/inProcess.ts";
import { repository } from "../support/project.ts";
import { pullRequests, treesOf } from "../support/pullRequests.ts";

/** A Tuesday. */
const today = "2026-12-01";

const options = { program: runInProcess };

/** Bases that are the fixtures as they are, in full: each is deployed once. */
const deployed = new Map<string, Promise<Deployed>>();

function engineFor(isPlain: boolean): Rehearser<Deployed> {
  return {
    deploy: (project, _, reach) => {
      const isWhole = isPlain && reach === undefined;
      const known = isWhole ? deployed.get(project.stack) : undefined;
      const run = known ?? deployInMemory(project, {}, { ...options, reach });
      if (isWhole) deployed.set(project.stack, run);
      return run;
    },
    preview: (base, project, reach) => previewOver(base, project, { ...options, reach }),
    nothing: nothingDeployed,
  };
}

const plainText = { width: 80, paint: (_: string, text: string) => text };

test("each pull request is told as it is committed, in every format", async () => {
  const printed = new Map<string, string>();
  for (const [name, pullRequest] of Object.entries(pullRequests)) {
    const { base, head } = treesOf(pullRequest);
    const trees = { base: base.root, head: head.root, sameProgram: pullRequest.program === undefined };
    const ruling = changedRuling(trees.base, trees.head);
    const stack = await compareStack(
      trees,
      pullRequest.stack,
      engineFor(pullRequest.base === undefined && pullRequest.program === undefined),
      await gatekeeper(trees.base, ruling, today),
    );
    const files = pullRequest.program === undefined ? [] : changedProgramFiles(trees.base, trees.head);
    const program = { files, ownPackages: false, ruling: ruling.files };
    const plan: Plan = { base: "origin/main", program, stacks: [stack] };
    expect(planSchema.parse(JSON.parse(JSON.stringify(planDocument(plan)))), name).toEqual(planDocument(plan));
    printed.set(`${name}.txt`, `${planText(plan, plainText)}\n`);
    printed.set(`${name}.md`, `${planMarkdown(plan)}\n`);
  }
  expect(printed.size / 2).toBeGreaterThan(20);
  expectGolden("plans", printed);
});

test("the JSON Schema of plans is as it is committed", () => {
  const file = join(repository, planSchemaFile);
  if (process.env.GOLDEN === "write") writeFileSync(file, planJsonSchema());
  expect(readFileSync(file, "utf8"), "npm run golden writes it").toBe(planJsonSchema());
});
