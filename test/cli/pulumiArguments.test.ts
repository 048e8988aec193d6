import { availableParallelism } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import { errorsIn, progressIn } from "../../cli/eventLog.ts";
import { deletionArguments, mendArguments, pulumiEnvironment, upArguments } from "../../cli/pulumiCli.ts";
import { event } from "../support/fakePulumi.ts";
import { repository } from "../support/project.ts";

describe("the event log of a run", () => {
  test("gives its errors without the engine's last word, also where it is cut off", () => {
    const lines = [
      event("fine", "info"),
      JSON.stringify({ preludeEvent: {} }),
      event("<{%reset%}>namespaces is forbidden<{%reset%}>\n", "error"),
      event("<{%reset%}>update failed<{%reset%}>\n", "error"),
      '{"diagnosticEvent":{',
    ];
    expect(errorsIn(lines.join("\n"))).toEqual(["namespaces is forbidden"]);
    expect(errorsIn("")).toEqual([]);
  });

  test("gives the cause alone, and not what the program says of what depends on it", () => {
    const echo = event('error serializing property "outputs": resource ml [Namespace] failed to register', "error");
    expect(errorsIn([event("namespaces is forbidden", "error"), echo].join("\n"))).toEqual(["namespaces is forbidden"]);
    expect(errorsIn(echo)).toHaveLength(1);
  });

  test("tells what was done, without what was only previewed or left as it was", () => {
    const step = (op: string, urn: string, planning = false) =>
      JSON.stringify({ resOutputsEvent: { metadata: { op, urn }, ...(planning && { planning }) } });
    const lines = [step("delete", "urn:a", true), step("same", "urn:b"), step("update", "urn:c")];
    expect(progressIn(lines.join("\n"))).toEqual({ began: true, done: ["urn:c"] });
    expect(progressIn(step("delete", "urn:a", true))).toEqual({ began: false, done: [] });
  });
});

test("a deployment that goes on, or was confirmed with its command, is not confirmed again, and not previewed", () => {
  const args = ["--stack", "dev"];
  expect(upArguments(args, "log", false)).toEqual([
    "up",
    "--stack",
    "dev",
    "--continue-on-error",
    "--event-log",
    "log",
  ]);
  expect(upArguments(args, "log", true)).toEqual([
    ...["up", "--stack", "dev", "--yes", "--skip-preview", "--continue-on-error", "--event-log", "log"],
  ]);
  expect(upArguments(["-s", "dev", "-y"], "log", false).join(" ")).toBe(
    "up -s dev -y --yes --skip-preview --continue-on-error --event-log log",
  );
});

test.each([
  [["--target", "urn:a"], "a part of a deployment"],
  [["-yt", "urn:a"], "a part of a deployment"],
  [["--exclude=urn:a", "--message", "only ml"], "a part of a deployment: only ml"],
  [["-m=only ml", "--target-replace", "urn:a"], "a part of a deployment: only ml"],
])("a deployment that was given %j leaves word in the history that it was a part", (args, message) => {
  const all = upArguments(args, "log", false);
  expect(all.slice(0, args.length + 1)).toEqual(["up", ...args]);
  expect(all.slice(-4)).toEqual(["--message", message, "--event-log", "log"]);
});

test("a deployment of all, of what may differ, or that replaces something beside is no part", () => {
  expect(upArguments(["-s", "test", "--replace", "urn:a"], "log", false, ["urn:b"]).join(" ")).toBe(
    "up -s test --replace urn:a --continue-on-error --target urn:b --event-log log",
  );
});

test("what is put back is all of a stack, and no part of it", () => {
  expect(mendArguments(["-s", "dev", "--refresh=false", "--yes"])).toEqual(["-s", "dev", "--yes", "--refresh"]);
  const parts = ["--target", "-t", "--target-replace", "--exclude", "-x", "--replace"];
  for (const option of parts) {
    const refusal = `--mend is about all of a stack, and ${option} about a part. All is put back by: npm run up -- --stack dev --mend`;
    expect(() => mendArguments(["--stack=dev", option, "urn:a"])).toThrow(refusal);
  }
  expect(() => mendArguments(["--target=urn:a"])).toThrow(
    "and --target about a part. All is put back by: npm run up -- --mend",
  );
});

test("the CLI gets what kubelogin reads, from what Pulumi's providers read", () => {
  const { PATH: _, ...environment } = pulumiEnvironment({
    ARM_CLIENT_ID: "client",
    ARM_TENANT_ID: "tenant",
    CI: "true",
  });
  expect(environment).toMatchObject({ CI: "true", AZURE_CLIENT_ID: "client", AZURE_TENANT_ID: "tenant" });
  expect(pulumiEnvironment({ ARM_CLIENT_ID: "client", AZURE_CLIENT_ID: "own" }).AZURE_CLIENT_ID).toBe("own");
});

test("the CLI and its providers get what makes them fast, where the caller says nothing else", () => {
  expect(pulumiEnvironment({})).toMatchObject({
    GOGC: "400",
    PULUMI_OPTION_SKIP_PLUGIN_PRE_INSTALL: "true",
    PULUMI_PARALLEL_DIFF: "true",
    PULUMI_PARALLEL: String(Math.max(16, 4 * availableParallelism())),
  });
  expect(pulumiEnvironment({ GOGC: "100", PULUMI_PARALLEL_DIFF: "false" })).toMatchObject({
    GOGC: "100",
    PULUMI_PARALLEL_DIFF: "false",
  });
  const lazily = `--import=${pathToFileURL(join(repository, "components/lazySdk.ts")).href}`;
  expect(pulumiEnvironment({}).NODE_OPTIONS).toBe(lazily);
  expect(pulumiEnvironment({ NODE_OPTIONS: "--trace-warnings" }).NODE_OPTIONS).toBe(`--trace-warnings ${lazily}`);
});

test("a pass that deletes names each resource, and is no deployment that went well", () => {
  const args = deletionArguments(["--stack", "dev"], "log", ["urn:a", "urn:b"], true);
  expect(args.join(" ")).toBe(
    "up --stack dev --yes --skip-preview --continue-on-error --target urn:a --target urn:b --message a part of a deployment --event-log log",
  );
});
