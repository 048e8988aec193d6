import { expect, test } from "vitest";
import { check, faultsAtDeletions, faultsOf } from "./faultCases.ts";
import { firstOf, type Scenario, scenarios } from "./scenario.ts";
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

test("each kind of fault at deletions, in a network of one's own and on a cluster without Entra ID", async () => {
  const types = new Set<string>();
  const of = async (all: Promise<Scenario[]>, faults: (scenario: Scenario) => ReturnType<typeof faultsOf>) => {
    for (const scenario of await all)
      for (const fault of faults(scenario)) {
        await check(scenario, fault);
        types.add(fault.type.split(":").at(-1) ?? "");
      }
  };
  await of(scenarios(), faultsAtDeletions);
  const known = new Set(types);
  await of(firstOf("network"), (scenario) =>
    faultsOf(scenario).filter(({ type }) => /:(network|managedidentity):/.test(type)),
  );
  await of(firstOf("local"), (scenario) => faultsOf(scenario).filter(({ type }) => type.endsWith(":RoleBinding")));
  console.log([...types].join(", "));
  expect(known).toContain("Release");
  expect(types).toContain("RoleBinding");
  expect(types).toContain("VirtualNetwork");
});
