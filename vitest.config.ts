import { defineConfig } from "vitest/config";
import { compileCache } from "./model/settings/compileCache.ts";

const setupFiles = "test/support/ownFiles.ts";

/** For what runs on any machine. */
const offline = {
  setupFiles,
  // A machine that is busy with something else makes a test slow, not wrong.
  testTimeout: 3_600_000,
  hookTimeout: 3_600_000,
  // A process for each file would load everything anew: what a file changes for its tests, it puts back.
  isolate: false,
  // A sixth of the processor's time goes to the collector of young objects otherwise: programs run in this process.
  execArgv: ["--max-semi-space-size=64"],
  // Node.js loads TypeScript itself: what Vite makes of a module is a fifth slower, and no test replaces one.
  experimental: { viteModuleRunner: false, nodeLoader: false },
};

/** Tests that measure, or need the real Pulumi CLI or a real cluster, are projects of their own: `npm test` runs the first alone. */
export default defineConfig({
  test: {
    // The tests wait for programs that they start: by default one core would stand idle.
    maxWorkers: "100%",
    env: { NODE_COMPILE_CACHE: compileCache(import.meta.dirname) },
    projects: [
      { test: { name: "offline", include: ["test/**/*.test.ts"], ...offline } },
      { test: { name: "golden", include: ["test/golden/*.test.ts"], ...offline, env: { GOLDEN: "write" } } },
      {
        test: {
          name: "bench",
          setupFiles,
          include: ["test/bench/*.bench.ts"],
          testTimeout: 600_000,
          disableConsoleIntercept: true,
        },
      },
      { test: { name: "long", setupFiles, include: ["test/**/*.long.ts"], testTimeout: 3_600_000 } },
      {
        test: {
          name: "page",
          setupFiles,
          include: ["test/page/*.browser.ts"],
          testTimeout: 600_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: "engine",
          setupFiles,
          include: ["test/engine/**/*.real.ts"],
          testTimeout: 600_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: "cluster",
          setupFiles,
          include: ["test/cluster/**/*.real.ts"],
          // On one cluster: what each stack guards would be in the other's way.
          fileParallelism: false,
          testTimeout: 1_200_000,
          hookTimeout: 1_200_000,
        },
      },
      {
        test: {
          name: "attacks",
          setupFiles,
          include: ["test/attacks/**/*.real.ts"],
          testTimeout: 1_200_000,
          hookTimeout: 1_200_000,
          disableConsoleIntercept: true,
        },
      },
    ],
  },
});
