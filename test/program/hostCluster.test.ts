import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readYaml, repository, TestProject } from "../support/project.ts";

/** A value as one line per field: `a.b[0].c` and what stands there; empty lists and mappings stand for themselves. */
function fields(value: unknown, path = ""): [string, unknown][] {
  if (typeof value !== "object" || value === null || Object.keys(value).length === 0) return [[path, value]];
  return Object.entries(value).flatMap(([key, child]) => {
    const step = Array.isArray(value) ? `[${key}]` : path === "" ? key : `.${key}`;
    return fields(child, `${path}${step}`);
  });
}

const azureCli = readYaml("test/data/az-aks-create.yaml") as Record<string, unknown>;
/** A file with the request that the Azure CLI sent, as it was recorded. */
const recorded = process.env.AZ_AKS_CREATE;
const whySkipped = recorded === undefined ? " (skipped: AZ_AKS_CREATE names no file with it)" : "";

/** The rows of the table in docs/host-cluster.md, without the reasons. */
function documented(): string[] {
  const lines = readFileSync(join(repository, "docs/host-cluster.md"), "utf8").split("\n");
  const rows = lines
    .filter((line) => line.startsWith("| "))
    .map((line) =>
      line
        .replace(/^\||\|$/g, "")
        .split(" | ")
        .map((cell) => cell.trim()),
    );
  return rows.slice(2).map(([field, cli, here, why]) => {
    expect(why, `the reason for ${field}`).toMatch(/\w{3}/);
    return `${field}: ${cli} -> ${here}`;
  });
}

describe("the managed cluster of stack 'dev'", () => {
  test("differs from the article's `az aks create` in just what docs/host-cluster.md lists", async () => {
    const { resources } = await TestProject.ofFixture("dev").up();
    const here = Object.fromEntries(fields(resources.find(({ type }) => type.endsWith(":ManagedCluster"))?.inputs));

    const show = (from: Record<string, unknown>, field: string) => (field in from ? JSON.stringify(from[field]) : "-");
    const differences = [...new Set([...Object.keys(here), ...Object.keys(azureCli)])]
      .filter((field) => show(here, field) !== show(azureCli, field))
      .map((field) => `${field}: ${show(azureCli, field)} -> ${show(here, field)}`);
    expect(documented().sort()).toEqual(differences.sort());
  });

  test.runIf(recorded)(`is compared with the request as it was recorded${whySkipped}`, () => {
    const { _source, properties, ...rest } = JSON.parse(readFileSync(recorded ?? "", "utf8")) as Record<string, object>;
    expect(Object.fromEntries(fields({ ...rest, ...properties }))).toEqual(azureCli);
  });
});
