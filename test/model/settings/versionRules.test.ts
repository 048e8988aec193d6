import { expect, test } from "vitest";
import { versionRuleProblems } from "../../../model/settings/versionRules.ts";
import { formatProblem } from "../../../model/text/problems.ts";

const digest = "a".repeat(64);
const builtIn = "0b356b35772470c741721a37d9160f029507d9443dc8ae7e755b2814696abdb6";
const azure = (kubernetesVersion: string) => ({ kubernetesVersion });

/** What is wrong with the setting `vcluster`, as "where: message". */
const said = (vcluster: unknown, host?: unknown) =>
  versionRuleProblems(vcluster, host, (path, key) => ({
    file: `${path.join(".")}${key ? " (key)" : ""}`,
    line: 1,
    column: 1,
  })).map((problem) => formatProblem(problem).replace(":1:1", ""));

test("a channel names a chart that is built in, or pinned", () => {
  expect(said(undefined)).toEqual([]);
  expect(said({ channels: { canary: "0.36.2" }, charts: { "0.36.2": { digest } } })).toEqual([]);
  expect(said({ channels: { canary: "0.36.2" } })).toEqual([
    "vcluster.channels.canary: 'vcluster.channels.canary' is '0.36.2': neither built in (0.36.1) nor pinned in vcluster.charts; 'npm run chart -- --pin 0.36.2' computes its digest and prints what to set",
  ]);
});

test("no chart of a line that this program does not know is pinned or named", () => {
  expect(said({ channels: { default: "0.37.0" }, charts: { "0.37.0": { digest } } })).toEqual([
    "vcluster.charts.0.37.0 (key): 'vcluster.charts' pins 0.37.0: this program knows charts of 0.36 only, and installs no other. A later release of it may",
    "vcluster.channels.default: 'vcluster.channels.default' is '0.37.0': this program knows charts of 0.36 only",
  ]);
});

test("a chart that is built in has one digest", () => {
  expect(said({ charts: { "0.36.1": { digest: builtIn } } })).toEqual([]);
  expect(said({ charts: { "0.36.1": { digest } } })).toEqual([
    `vcluster.charts.0.36.1.digest: 'vcluster.charts.0.36.1.digest' is '${"a".repeat(56)}…, but chart 0.36.1 is built in with ${builtIn}: remove the entry`,
  ]);
});

test("a host is one that the chart's authors name", () => {
  expect([said({}, azure("1.34")), said({}, azure("1.36")), said({}, {})]).toEqual([[], [], []]);
  expect(said({}, azure("1.37"))).toEqual([
    "azure.kubernetesVersion: 'azure.kubernetesVersion' is \"1.37\", but chart 0.36.1 is for hosts of 1.34, 1.35, 1.36, as its authors say; a host cannot go back. Wait until the stack's channels name a chart that is for it",
  ]);
});

test("a patch release is one of its minor, and the minor one that is known", () => {
  expect(said({ kubernetesPatches: { "1.34": "1.34.9", "1.36": "1.36.2" } })).toEqual([]);
  expect(said({ kubernetesPatches: { "1.3": "1.3.1", "1.35": "1.36.2" } })).toEqual([
    'vcluster.kubernetesPatches.1.3 (key): \'vcluster.kubernetesPatches\' has \'1.3\': expected one of "1.34", "1.35", "1.36", in quotes',
    "vcluster.kubernetesPatches.1.35: 'vcluster.kubernetesPatches.1.35' is '1.36.2': expected a patch release of 1.35, such as \"1.35.4\"",
  ]);
});
