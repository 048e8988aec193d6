import { expect, test } from "vitest";
import { scenarios } from "./scenario.ts";
import { lostState, sweep } from "./sweep.ts";

/** Every so many points here; all of them are for `npm run test:long`. */
const stride = 37;

test("a deployment that is cut off at a point is finished by the next one, as if nothing had been", async () => {
  const [first, changes] = await scenarios();
  if (first === undefined || changes === undefined) throw new Error("two scenarios");
  for (const { points, cut } of [
    await sweep(first, stride),
    await sweep(changes, stride),
    await sweep(lostState(first), stride, true),
  ]) {
    expect(points).toBeGreaterThan(100);
    expect(cut).toBe(Math.ceil(points / stride));
  }
});
