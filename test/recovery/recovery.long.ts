import { expect, test } from "vitest";
import { check, faultsOf } from "./faultCases.ts";
import { scenarios } from "./scenario.ts";
import { lostState, sweep } from "./sweep.ts";

test("a deployment that is cut off at any of its points is finished by the next one, as if nothing had been", async () => {
  const [first, changes] = await scenarios();
  if (first === undefined || changes === undefined) throw new Error("two scenarios");
  for (const { points, cut } of [
    await sweep(first, 1),
    await sweep(changes, 1),
    await sweep(lostState(first), 1, true),
  ])
    expect(cut).toBe(points);
});

test("each kind of fault at each type of resource, once and twice", async () => {
  let cases = 0;
  for (const scenario of await scenarios()) {
    for (const fault of faultsOf(scenario)) {
      await check(scenario, fault);
      cases++;
    }
  }
  console.log(`${cases} faults`);
  expect(cases).toBeGreaterThan(100);
});
