import { expect, test } from "vitest";
import { toldValues } from "../../../model/plan/releaseByHand.ts";

test("of Helm's values those are told that the stack has, and others by their names alone: they may be secrets", () => {
  const deployed = { size: { cpu: 1, memory: "1Gi" }, on: false, ranges: ["10.0.0.0/8"], env: [] };
  const now = {
    size: { cpu: 2, memory: "1Gi", token: "hush" },
    on: true,
    ranges: ["10.0.0.0/8"],
    env: [{ name: "TOKEN", value: "hush" }],
    external: { platform: { apiKey: "hush" } },
  };
  expect(toldValues(deployed, now)).toEqual({
    size: { cpu: 2, memory: "1Gi", token: "set by hand" },
    on: true,
    ranges: ["10.0.0.0/8"],
    env: "set by hand",
    external: { platform: { apiKey: "set by hand" } },
  });
});
