import { expect } from "vitest";
import { comparable, copyOf, deploy, type Scenario } from "./scenario.ts";

/** Cuts a deployment off at every so many of its points, and finishes it by another. Gives how often it was cut off. */
export async function sweep(
  { name, before, after, program, project }: Scenario,
  stride: number,
  lost = false,
): Promise<{ readonly points: number; readonly cut: number }> {
  // A first run with nothing in the cloud has lost nothing.
  const course = (snapshot: Scenario["before"]["snapshot"]) => ({ lost: lost && snapshot.resources.length === 0 });
  const { passed } = await deploy(project, copyOf(before), program, course(before.snapshot));
  const wanted = comparable(after);
  let cut = 0;
  for (let at = 0; at < passed; at += stride) {
    const stopped = await deploy(project, copyOf(before), program, { ...course(before.snapshot), at });
    if (stopped.where !== "") cut++;
    const next = await deploy(project, stopped.world, program, course(stopped.world.snapshot));
    const about = `${name}, cut off ${stopped.where} (${at} of ${passed})`;
    expect(next.errors, about).toEqual([]);
    expect(comparable(next.world), about).toEqual(wanted);
  }
  console.log(`${name}: ${passed} points, cut off at ${cut}`);
  return { points: passed, cut };
}

/** A world whose state is lost, and the deployment that makes it anew. */
export function lostState(scenario: Scenario): Scenario {
  const before = { snapshot: { resources: [], pending: [] }, cloud: scenario.after.cloud };
  return { ...scenario, name: "making a lost state anew", before };
}
