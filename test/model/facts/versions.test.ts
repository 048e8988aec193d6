import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { builtInCharts, chartLines, lineOf, newestChart } from "../../../model/facts/chartLines.ts";
import { hostMinorNames, hostMinors, isOffered } from "../../../model/facts/hostMinors.ts";
import { kubectlImage, kubectlMinor } from "../../../model/facts/kubectlImage.ts";
import { minorOf } from "../../../model/facts/kubernetesVersions.ts";
import { standingOn } from "../../../model/facts/support.ts";
import { tenantMinorNames, tenantMinors } from "../../../model/facts/tenantMinors.ts";
import { today } from "../../../model/text/today.ts";
import { repository } from "../../support/frame.ts";

const day = /^\d{4}-\d\d-\d\d$/;

describe("what is known of versions", () => {
  test("has days where days belong, and ends after it began", () => {
    for (const { available, endOfSupport, endOfLongTermSupport } of Object.values(hostMinors)) {
      expect([available, endOfSupport, endOfLongTermSupport]).toEqual([
        expect.stringMatching(/^\d{4}-\d\d$/),
        expect.stringMatching(day),
        expect.stringMatching(day),
      ]);
      expect(available < endOfSupport && endOfSupport < endOfLongTermSupport).toBe(true);
    }
    for (const { endOfLife } of Object.values(tenantMinors)) expect(endOfLife).toMatch(day);
    for (const { endOfSupport, endOfLife } of Object.values(chartLines)) {
      expect([endOfSupport, endOfLife]).toEqual([expect.stringMatching(day), expect.stringMatching(day)]);
      expect(endOfSupport < endOfLife).toBe(true);
    }
  });

  test.each(Object.entries(chartLines))(
    "of chart line %s fits together, and has its part of the schema",
    (name, line) => {
      for (const [minor, patch] of Object.entries(line.kubernetes)) {
        expect(tenantMinorNames).toContain(minor);
        expect(minorOf(patch)).toBe(minor);
      }
      expect(Object.keys(line.hosts).filter((host) => !(hostMinorNames as readonly string[]).includes(host))).toEqual(
        [],
      );
      for (const tenants of Object.values(line.hosts)) {
        expect(Object.keys(tenants)).toEqual(Object.keys(line.kubernetes));
      }
      for (const [version, digest] of Object.entries(line.charts)) {
        expect([minorOf(version), digest]).toEqual([name, expect.stringMatching(/^[0-9a-f]{64}$/)]);
      }
      expect(existsSync(join(repository, `test/data/chart-values.${name}.schema.yaml`))).toBe(true);
    },
  );

  test("has a default that is built in, of the newest line that has one", () => {
    expect(builtInCharts.at(-1)).toBe(newestChart);
    expect(lineOf("0.36.9")).toBe(chartLines["0.36"]);
    expect([lineOf("0.35.3"), lineOf("constructor")]).toEqual([undefined, undefined]);
  });
});

test.each([
  ["2026-08-31", "supported"],
  ["2026-09-01", "ending"],
  ["2026-10-31", "ending"],
  ["2026-11-01", "ended"],
])("on %s, what is supported until 2026-10-31 is %s", (on, standing) => {
  expect(standingOn(on, "2026-10-31")).toBe(standing);
});

test("AKS offers a minor from the month in which it came to the end of its support", () => {
  const days = ["2026-09-30", "2026-10-01", "2026-11-30", "2026-12-01"];
  const offered = (minor: string) => days.map((on) => isOffered(minor, on));
  expect(offered("1.37")).toEqual([false, true, true, true]);
  expect(offered("1.34")).toEqual([true, true, true, false]);
  expect(offered("1.99")).toEqual([false, false, false, false]);
});

test("the minor of a kubectl image is that of its tag", () => {
  expect(kubectlMinor(kubectlImage)).toBe("1.35");
  expect(kubectlMinor("acr.example.com:5000/tools/kubectl:1.36.2-alpine@sha256:0a1b")).toBe("1.36");
  expect([kubectlMinor("acr.example.com/kubectl:latest"), kubectlMinor("acr.example.com:5000/kubectl")]).toEqual([
    undefined,
    undefined,
  ]);
});

test("the day of a run is the clock's, or the one that the environment names", () => {
  expect(today({ VIRTUAL_CLUSTERS_TODAY: "2027-03-31" })).toBe("2027-03-31");
  for (const wrong of [undefined, "", "tomorrow", "2027-13-01"]) {
    const environment = wrong === undefined ? {} : { VIRTUAL_CLUSTERS_TODAY: wrong };
    expect(Math.abs(Date.parse(today(environment)) - Date.now())).toBeLessThan(2 * 86_400_000);
  }
});

describe("docs/upgrading.md", () => {
  const text = readFileSync(join(repository, "docs/upgrading.md"), "utf8");
  /** The rows of the table with this first heading, without the spaces that align them. */
  const rows = (heading: string) => {
    const lines = text.split("\n");
    const start = lines.findIndex((line) => line.startsWith(`| ${heading} `));
    const end = lines.findIndex((line, i) => i > start && !line.startsWith("|"));
    return lines.slice(start + 2, end).map((line) =>
      line
        .slice(2, -2)
        .split("|")
        .map((cell) => cell.trim()),
    );
  };

  test("has the days and versions that are known", () => {
    expect(rows("Host")).toEqual(
      Object.entries(hostMinors).map(([minor, { available, endOfSupport, endOfLongTermSupport }]) => [
        ...[minor, available, endOfSupport, endOfLongTermSupport],
      ]),
    );
    expect(rows("Line")).toEqual(
      Object.entries(chartLines).map(([name, { endOfSupport, endOfLife, charts }]) => [
        ...[name, endOfSupport, endOfLife, Object.keys(charts).join(", ")],
      ]),
    );
    expect(rows("Inside").map(([minor, end]) => [minor, end])).toEqual(
      Object.entries(tenantMinors).map(([minor, { endOfLife }]) => [minor, endOfLife]),
    );
  });
});
