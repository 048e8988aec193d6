import { spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, onTestFinished, test, vi } from "vitest";
import { repository } from "../support/project.ts";

/** Runs a module in a process of its own, as commands have the program run or with the SDK as it is, and gives what it prints. */
function printed(code: string, { lazy }: { readonly lazy: boolean }): unknown {
  const preload = lazy ? ["--import", pathToFileURL(join(repository, "components/lazySdk.ts")).href] : [];
  const args = ["--no-warnings", ...preload, "--input-type=module", "--eval", code];
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: repository, encoding: "utf8" });
  expect(stderr).toBe("");
  return JSON.parse(stdout);
}

const whatIsLoaded = `
import "@pulumi/pulumi";
import { createRequire } from "node:module";
const require = createRequire(import.meta.url);
// As its host does before it runs a program.
await require("@pulumi/pulumi/runtime/closure/v8Hooks").isInitializedAsync();
const files = Object.keys(require.cache);
const has = (part) => files.some((file) => file.includes(part));
console.log(JSON.stringify({
  arborist: has("arborist/lib/arborist"),
  compiler: has("vendor/typescript") || has("typescript/lib/typescript"),
  automation: has("automation/localWorkspace"),
  debugger: process.moduleLoadList.includes("NativeModule inspector"),
}));`;

test("the SDK is loaded without npm's Arborist, TypeScript's compiler, what runs the CLI and Node.js's debugger, which it loads otherwise", () => {
  const all = (loaded: boolean) => ({ arborist: loaded, compiler: loaded, automation: loaded, debugger: loaded });
  expect(printed(whatIsLoaded, { lazy: true })).toEqual(all(false));
  expect(printed(whatIsLoaded, { lazy: false })).toEqual(all(true));
});

const whatRunsTheCli = `
import * as pulumi from "@pulumi/pulumi";
console.log(JSON.stringify(await pulumi.automation.LocalWorkspace.create({}).catch((error) => error.name)));`;

const whatThereIs = `
import * as pulumi from "@pulumi/pulumi";
import { LocalWorkspace } from "@pulumi/pulumi/automation/index.js";
console.log(JSON.stringify([Object.keys(pulumi.automation).sort(), "LocalWorkspace" in pulumi.automation, typeof LocalWorkspace]));`;

test("what is put off looks as it does otherwise", () => {
  expect(printed(whatThereIs, { lazy: true })).toEqual(printed(whatThereIs, { lazy: false }));
});

test("a program can ask for the CLI all the same", () => {
  vi.stubEnv("PATH", "/nowhere");
  onTestFinished(() => void vi.unstubAllEnvs());
  const asked = printed(whatRunsTheCli, { lazy: true });
  expect(asked).toBe("CommandError");
  expect(asked).toEqual(printed(whatRunsTheCli, { lazy: false }));
});

const asText = `
import * as pulumi from "@pulumi/pulumi";
const greeting = "hello";
const { text } = await pulumi.runtime.serializeFunction(() => greeting);
const paths = await pulumi.runtime.computeCodePaths({ extraIncludePackages: ["ini"] });
console.log(JSON.stringify([text, [...paths.keys()]]));`;

test("a function can be written out as text all the same, with the packages that it needs", () => {
  const [text, paths] = printed(asText, { lazy: true }) as [string, string[]];
  expect(text).toContain("greeting");
  expect(paths).toContain("node_modules/ini");
  expect([text, paths]).toEqual(printed(asText, { lazy: false }));
});

test("where there is no SDK, nothing is put off and nothing fails", () => {
  const preload = pathToFileURL(join(repository, "components/lazySdk.ts")).href;
  const args = ["--no-warnings", "--import", preload, "--eval", "console.log('well')"];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: tmpdir(), encoding: "utf8" });
  expect([status, stdout, stderr]).toEqual([0, "well\n", ""]);
});
