import { stringify } from "yaml";
import { z } from "zod";
import { bootstrapChartNames, bootstrapCharts } from "../facts/bootstrapCharts.ts";

/** One entry of a tenant file's `bootstrap` list. */
export const bootstrapSchema = z
  .strictObject({
    chart: z
      .enum(bootstrapChartNames)
      .describe(`a chart of the platform's list: ${bootstrapChartNames.join(", ")} (model/facts/bootstrapCharts.ts)`),
    values: z
      .record(z.string(), z.json({ error: "text, numbers, true, false, lists and mappings" }))
      .default({})
      .describe("values for the chart"),
  })
  .describe("a chart to install inside, such as { chart: kuberay-operator }");

/** A chart to install inside a virtual cluster. */
export type Bootstrap = z.output<typeof bootstrapSchema>;

/** Time that vCluster gives a chart's installation; its own default, 180 s, is short for an operator's images. */
const timeout = "600s";

/** The chart's values for what is installed inside. Source: chart 0.36.1, experimental.deploy.vcluster.helm. */
export function bootstrapValues(bootstrap: readonly Bootstrap[]) {
  return bootstrap.map(({ chart, values }) => {
    const { repository, version, namespace } = bootstrapCharts[chart];
    return {
      chart: { name: chart, repo: repository, version },
      release: { name: chart, namespace },
      // vCluster takes values as a text.
      values: Object.keys(values).length === 0 ? "" : stringify(values, { sortMapEntries: true }),
      timeout,
    };
  });
}
