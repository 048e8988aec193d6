import { describe, expect, test } from "vitest";
import { builtInVersions, type VersionSettings } from "../../../model/chart/versions.ts";
import { type Before, changeProblems } from "../../../model/rules/tenantChanges.ts";
import type { Tenant } from "../../../model/tenant/tenantSchema.ts";

const after = (kubernetes: string) => ({ name: "ml", kubernetes }) as Tenant;
const judgement = { stack: "dev", handover: {}, locate: () => ({ file: "ml.yaml", line: 3, column: 13 }) };
const messages = (before: string, kubernetes: string) =>
  changeProblems({ kubernetes: before }, after(kubernetes), judgement).map(({ message }) => message);

test.each([
  ["1.34", "1.35"],
  ["1.35", "1.35"],
  ["1.36", "1.37"],
])("a tenant of %s may run %s", (before, kubernetes) => {
  expect(messages(before, kubernetes)).toEqual([]);
});

test.each([
  ["1.35", "1.34", 'a Kubernetes version cannot go down. Write "1.35"'],
  ["1.37", "1.34", 'a Kubernetes version cannot go down. Write "1.37"'],
  ["1.37", "1.36", 'a Kubernetes version cannot go down. Write "1.37"'],
  ["2.0", "1.36", 'a Kubernetes version cannot go down. Write "2.0"'],
  ["1.34", "1.36", 'one minor at a time, "1.35" first'],
  ["1.30", "1.34", 'one minor at a time, "1.31" first, with an earlier release of this program, which knows it'],
  ["1.9", "1.34", 'one minor at a time, "1.10" first, with an earlier release of this program, which knows it'],
])("a tenant of %s may not run %s, whichever of the two this program knows", (before, kubernetes, message) => {
  expect(messages(before, kubernetes)).toEqual([expect.stringContaining(message)]);
});

describe("the exact versions of a tenant of 1.35", () => {
  const tenant = { name: "ml", kubernetes: "1.35", channel: "canary" } as Tenant;
  const said = (before: Before, versions: Partial<VersionSettings>, lastWell: Readonly<Record<string, string>> = {}) =>
    changeProblems(before, tenant, { ...judgement, lastWell, versions: { ...builtInVersions, ...versions } }).map(
      ({ severity = "error", message }) => `${severity}: ${message}`,
    );
  const patch = (kubernetesVersion: string) => ({ kubernetesPatches: { "1.35": kubernetesVersion } });
  const chart = (version: string) => ({ channels: { default: "0.36.1", canary: version } });

  test.each([
    ["1.35.0", "1.35.4"],
    ["1.35.4", "1.35.4"],
    ["1.34.9", "1.35.0"],
    ["1.35.9", "1.35.10"],
  ])("go from Kubernetes %s to %s", (before, next) => {
    expect(said({ kubernetesVersion: before }, patch(next))).toEqual([]);
  });

  test("do not go down within a Kubernetes minor, and the way is told", () => {
    const refused =
      'error: Kubernetes would go from 1.35.10, which runs or an upgrade to which has begun, down to 1.35.9: a Kubernetes version cannot go down. In the stack\'s settings write vcluster.kubernetesPatches: { "1.35": "1.35.10" }, or a later one';
    expect(said({ kubernetesVersion: "1.35.10" }, patch("1.35.9"))).toEqual([refused]);
    expect(said({ kubernetesVersion: "1.35.4" }, {})[0]).toContain("down to 1.35.0");
  });

  test("go back to what a deployment that ended well has left: one that failed may have named an image that there is not", () => {
    expect(said({ kubernetesVersion: "1.35.99" }, patch("1.35.4"), { ml: "1.35.4" })).toEqual([]);
    expect(said({ kubernetesVersion: "1.35.99" }, patch("1.35.3"), { ml: "1.35.4" })).toHaveLength(1);
    expect(said({ kubernetesVersion: "1.35.99" }, patch("1.35.4"), { web: "1.35.4" })).toHaveLength(1);
  });

  test.each([
    ["0.36.0", "0.36.1"],
    ["0.36.1", "0.36.1"],
    ["0.35.3", "0.36.0"],
  ])("go from chart %s to %s", (before, next) => {
    expect(said({ chart: before }, chart(next))).toEqual([]);
  });

  test.each([
    [
      "0.37.0",
      "0.36.9",
      "error: channel 'canary' (setting vcluster.channels.canary) is chart 0.36.9, but the tenant runs 0.37.0, or an upgrade to it has begun: a chart's line cannot go down. Name 0.37.0 or a later one for this tenant",
    ],
    [
      "0.35.3",
      "0.37.0",
      "error: channel 'canary' (setting vcluster.channels.canary) is chart 0.37.0, but the tenant runs 0.35.3, or an upgrade to it has begun: one line at a time, a chart of 0.36 first",
    ],
    [
      "0.36.2",
      "0.36.1",
      "warning: channel 'canary' (setting vcluster.channels.canary) is chart 0.36.1, but the tenant runs 0.36.2, or an upgrade to it has begun: going back, a store that the later one wrote may not be readable. Keep a copy of the disk (docs/upgrading.md)",
    ],
  ])("from chart %s to %s are told", (before, next, message) => {
    expect(said({ chart: before }, chart(next))).toEqual([message]);
  });

  test("are not judged where the settings are not right", () => {
    expect(changeProblems({ kubernetesVersion: "1.35.9", chart: "0.37.0" }, tenant, judgement)).toEqual([]);
  });
});
