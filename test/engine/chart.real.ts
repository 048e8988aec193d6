import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, globSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { provideChart } from "../../cli/chartStore.ts";
import { localChart, publishedChart } from "../../model/chart/chart.ts";
import { newestChart } from "../../model/facts/chartLines.ts";
import { builtInChart } from "../../model/settings/stackCharts.ts";
import { readYaml, repository } from "../support/project.ts";
import { keepChart } from "../support/storedChart.ts";

/** What the fixture stacks register of their tenants' releases. */
const expected = globSync("test/expected/*/*-vcluster.Release.yaml", { cwd: repository }).sort();

const hasHelm = spawnSync("helm", ["version"]).status === 0;
const why = hasHelm ? "" : " (skipped: no helm on PATH)";

/** What Helm makes of a release with an archive. */
function render(archive: string, file: string, folder: string): string {
  const { inputs } = readYaml(file) as { inputs: { name: string; namespace?: string; values: object } };
  const values = join(folder, "values.json");
  writeFileSync(values, JSON.stringify(inputs.values));
  const args = ["template", inputs.name, archive, "--namespace", "a-tenant", "--values", values];
  return execFileSync("helm", args, { encoding: "utf8", maxBuffer: 64 << 20 });
}

test.runIf(hasHelm)(
  `Helm renders byte for byte the same with the copy that releases install, for every fixture tenant${why}`,
  async () => {
    await keepChart();
    const root = mkdtempSync(join(tmpdir(), "chart-"));
    onTestFinished(() => rmSync(root, { recursive: true, force: true }));
    const published = join(root, publishedChart(newestChart));
    mkdirSync(dirname(published), { recursive: true });
    copyFileSync(join(repository, publishedChart(newestChart)), published);
    const chart = builtInChart(newestChart);
    if (chart === undefined) throw new Error(`chart ${newestChart} is not built in`);
    await provideChart(root, chart, (text) => expect.fail(text));

    expect(expected.length).toBeGreaterThan(8);
    for (const file of expected) {
      const text = render(published, file, root);
      expect(text).toContain("kind: Service");
      expect(render(join(root, localChart(newestChart)), file, root) === text, file).toBe(true);
    }
  },
);
