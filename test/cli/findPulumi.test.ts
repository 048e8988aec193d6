import { chmodSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { checkPulumi } from "../../cli/doctor/project.ts";
import { findPulumi, pulumiEnvironment } from "../../cli/pulumiCli.ts";
import { repository, TestProject } from "../support/project.ts";

afterEach(() => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
});

/** A home of Pulumi's in which the npm package has put a CLI. */
function homeWithCli(): string {
  const { root } = new TestProject({ "versions/1.2.3/bin/pulumi": "#!/bin/sh\n" });
  chmodSync(join(root, "versions/1.2.3/bin/pulumi"), 0o755);
  vi.stubEnv("PULUMI_HOME", root);
  vi.stubEnv("PULUMI_VERSION", "1.2.3");
  return root;
}

test("the Pulumi CLI on PATH comes before the one of the npm package", async () => {
  homeWithCli();
  const { root } = new TestProject({ pulumi: "" });
  expect(await findPulumi(`/nowhere:${root}`)).toEqual({ command: join(root, "pulumi") });
});

test("the CLI of the npm package is started itself, and finds what belongs to it behind this project's Node.js", async () => {
  const folder = join(homeWithCli(), "versions/1.2.3/bin");
  const wrapper = join(repository, "node_modules/.bin");
  const cli = await findPulumi(wrapper);
  expect(cli).toEqual({ command: join(folder, "pulumi"), folder });
  expect(pulumiEnvironment({ PATH: "/bin" }, cli).PATH).toBe(`${wrapper}:${folder}:/bin`);
});

test("without a CLI and without the network, it is said what to do", async () => {
  vi.stubEnv("PULUMI_HOME", new TestProject({}).root);
  vi.stubEnv("PATH", "/nowhere");
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("fetch failed", { cause: new Error("ENOTFOUND") })));
  vi.spyOn(process.stderr, "write").mockReturnValue(true);
  const why =
    "the Pulumi CLI is not on PATH, and cannot be downloaded: fetch failed: ENOTFOUND. Install it (pulumi.com/docs/install), and put it on PATH";
  // Both ask at once, as a deployment does.
  const asked = await Promise.allSettled([findPulumi(), findPulumi()]);
  expect(asked).toMatchObject([{ reason: { message: why } }, { reason: { message: why } }]);
  expect(await checkPulumi("/nowhere", "dev")).toMatchObject([{ state: "fix", subject: "Pulumi CLI", found: why }]);
});
