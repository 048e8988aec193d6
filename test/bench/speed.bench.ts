import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runSandbox } from "../../sandbox/sandbox.ts";
import { repository } from "../support/project.ts";
import { clusterRows } from "./clusterTable.ts";
import { measure } from "./measure.ts";
import { openTofuVersion } from "./openTofu.ts";
import { bareRow, sandboxProject, sandboxRow } from "./sandboxTable.ts";
import { writeTable } from "./tables.ts";

/** A list of numbers in the environment. */
const numbers = (name: string, otherwise: readonly number[]) => process.env[name]?.split(",").map(Number) ?? otherwise;

const [rounds = 3] = numbers("BENCH_ROUNDS", [3]);
const [ups = 1] = numbers("BENCH_UPS", [1]);
const report = (what: string, seconds: number) => console.log(`${what.padEnd(60)} ${seconds.toFixed(2)} s`);

test("tenants check, 1,000 files, the whole command", async () => {
  const { root } = sandboxProject(1000);
  const args = [join(repository, "cli/tenants.ts"), "check", "--cwd", root, "--format", "json"];
  const { output, seconds } = await measure(process.execPath, args);
  expect(output).not.toContain('"severity":"error"');
  report("tenants check, 1,000 files (design: 1 s)", seconds);
});

test("the time to the first registration", async () => {
  const { root, stack } = sandboxProject(100);
  let first = Number.NaN;
  const began = performance.now();
  const onStep = () => {
    if (Number.isNaN(first)) first = (performance.now() - began) / 1000;
  };
  const result = await runSandbox({ command: "preview", root, stack, onStep, conditions: { vCpuQuota: 99_999 } });
  expect(result.ok).toBe(true);
  report("start to first registration, 100 tenants (design: 1 s)", first);
});

describe("docs/performance.md", () => {
  test("has what the sandbox takes", { timeout: 7_200_000 }, async () => {
    const rows: Readonly<Record<string, string | undefined>>[] = [];
    let before: Awaited<ReturnType<typeof sandboxRow>> | undefined;
    for (const count of numbers("BENCH_TENANTS", [1, 10, 100, 1000])) {
      before = await sandboxRow(count, rounds, before);
      rows.push(before.cells);
    }
    writeTable("sandbox", [...rows, await bareRow(rounds)]);
  });

  test.runIf(process.env.KUBECONFIG)(
    "has what the real engine takes (where KUBECONFIG names a cluster)",
    { timeout: 28_800_000 },
    async () => {
      const openTofu = openTofuVersion();
      const others = { against: process.env.BENCH_AGAINST, withOpenTofu: openTofu !== undefined };
      const rows: Readonly<Record<string, string | undefined>>[] = [];
      for (const count of numbers("BENCH_CLUSTER_TENANTS", [10, 50, 120, 300])) {
        rows.push(...(await clusterRows(count, { previews: rounds, ups }, others)));
        // After each, for they take long.
        writeTable("real engine", rows, openTofu ?? "OpenTofu is left out, for no `tofu` is on PATH.");
      }
    },
  );
});
