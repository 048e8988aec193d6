import { expect, test } from "vitest";
import { readSide } from "../../cli/plan/readSide.ts";
import { type Reach, reachOf } from "../../model/plan/reach.ts";
import type { Step } from "../../model/plan/steps.ts";
import { readProject } from "../../model/settings/project.ts";
import { deployInMemory, previewOver } from "../../sandbox/rehearsal.ts";
import { runInProcess } from "../support/inProcess.ts";
import { Files, pullRequests, treesOf } from "../support/pullRequests.ts";

type Trees = ReturnType<typeof treesOf>;

function reachIn({ base, head }: Trees, stack: string): Reach | undefined {
  const [before, after] = [readSide(base.root, stack), readSide(head.root, stack)];
  if (before === undefined || after === undefined) throw new Error(`there is no stack ${stack}`);
  return reachOf(before, after);
}

/** What deploying the head over the base would do: all but what stays. */
async function stepsIn({ base, head }: Trees, stack: string, reach?: Reach): Promise<Step[]> {
  const options = { program: runInProcess, reach };
  const deployed = await deployInMemory(readProject(base.root, stack), {}, options);
  const { steps } = await previewOver(deployed, readProject(head.root, stack), options);
  const nameOf = ({ before, after }: Step) => (after ?? before)?.urn ?? "";
  return steps.filter(({ op }) => op !== "same").toSorted((a, b) => nameOf(a).localeCompare(nameOf(b)));
}

/** The fixtures name a person by object id in one file and by name in others; `oneName` has names alone. */
function pullRequest(name: string, { oneName = false } = {}) {
  const found = pullRequests[name];
  if (found === undefined) throw new Error(`there is no pull request ${name}`);
  const trees = treesOf(found);
  for (const tree of oneName ? Object.values(trees) : [])
    new Files(tree).edit("tenants/sandbox/web.yaml", "2b6d8c1f-3f63-4b0f-8f0a-7c0e2a9d1c02", "dev@contoso.com");
  return { trees, stack: found.stack };
}

test.each([
  ["new-tenant", "payments", undefined, 4],
  ["access-added-and-removed", "ml", undefined, 7],
  ["host-role-raised", "ml", undefined, 3],
  ["removed-with-data-kept", "legacy", undefined, 5],
  ["access-added-and-removed", "ml", ["ada", "alice", "bob", "dev"], 7],
  ["removed-with-data-kept", "legacy", [], 5],
])("what is rehearsed of the tenants that differ is what is rehearsed of all: %s, %s, users %j", async (...row) => {
  const [name, tenant, users, count] = row;
  const { trees, stack } = pullRequest(name, { oneName: users !== undefined });
  const reach = reachIn(trees, stack);
  expect(reach?.tenants).toEqual([tenant]);
  const named = reach?.users?.filter((key) => key.startsWith("User ")).sort();
  expect(named).toEqual(users?.map((user) => `User ${user}@contoso.com`));
  const steps = await stepsIn(trees, stack, reach);
  expect(steps).toHaveLength(count);
  expect(steps).toEqual(await stepsIn(trees, stack));
});

test("a change of settings can be about every tenant", () => {
  const { trees, stack } = pullRequest("default-size-raised");
  expect(reachIn(trees, stack)).toBeUndefined();
});
