import { expect, test } from "vitest";
import { runInProcess } from "../support/inProcess.ts";
import { checkLives } from "./life.ts";

test("whatever is edited and whatever fails, no tenant is lost or given away, and nothing rightful is refused", {
  timeout: 1_200_000,
}, async () => {
  const statistics = await checkLives(Number(process.env.LIVES ?? 100), runInProcess);
  expect(statistics.deployments).toBeGreaterThanOrEqual(4 * 100);
  expect(statistics.faults * 3).toBeGreaterThan(statistics.deployments * 0.9);
  expect(statistics.unseen()).toEqual([]);
});
