import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { errorsIn, progressIn } from "../../cli/eventLog.ts";
import { mendReleases } from "../../cli/mend.ts";
import { deletionArguments, mendArguments, pulumiEnvironment, upArguments } from "../../cli/pulumiCli.ts";
import { changedRunVariable } from "../../model/deploy/changedRun.ts";
import { compileCache } from "../../model/settings/compileCache.ts";
import { reachableSettings, repository, TestProject, tenantFile } from "../support/project.ts";

const event = (message: string, severity: string) => JSON.stringify({ diagnosticEvent: { severity, message } });
const refusal = "namespaces is forbidden: User does not have access to the resource in Azure.";

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

test("a signal between a deployment and what is put back after it ends it: nothing is asked any more", async () => {
  expect(await mendReleases("/nowhere", "dev", AbortSignal.abort())).toBe(false);
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

/**
 * Starts `npm run up` with a CLI that does as the script says; `calls` is a file to write to. Its preview has these steps, and
 * `before` is done before any answer.
 */
function start(
  script: string,
  {
    command = "up",
    args = [] as readonly string[],
    steps = [] as readonly object[],
    before = "",
    files = {} as Readonly<Record<string, string>>,
    stack = ["--stack", "dev"] as readonly string[],
    fromNpm = false,
  } = {},
) {
  const folder = mkdtempSync(join(tmpdir(), "pulumi-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const [temporary, calls] = [join(folder, "tmp"), join(folder, "calls")];
  const bin = join(folder, fromNpm ? "home/versions/1.2.3/bin" : "bin");
  for (const path of [bin, temporary]) mkdirSync(path, { recursive: true });
  const lines = [`#!${process.execPath}`, 'import { appendFileSync, readFileSync, writeFileSync } from "node:fs";'];
  const variables = [
    `const note = (text) => appendFileSync(${JSON.stringify(calls)}, text + "\\n");`,
    `const noted = () => readFileSync(${JSON.stringify(calls)}, "utf8").trim().split("\\n");`,
    "const log = process.argv.at(-1);",
    before,
    "const answer = (value) => { console.log(JSON.stringify(value)); process.exit(); };",
    'if (process.argv[2] === "stack") answer({ deployment: { resources: [] } });',
    `if (process.argv.includes("--json")) answer({ config: {}, steps: ${JSON.stringify(steps)} });`,
  ];
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  writeFileSync(join(bin, "pulumi"), [...lines, ...variables, script].join("\n"), { mode: 0o755 });
  const child = spawn(process.execPath, [join(repository, "cli/pulumi.ts"), command, ...stack, ...args], {
    cwd: folder,
    env: {
      PATH: join(folder, "bin"),
      PULUMI_HOME: join(folder, "home"),
      PULUMI_VERSION: "1.2.3",
      TMPDIR: temporary,
      NODE_COMPILE_CACHE: compileCache(repository),
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  return {
    child,
    calls: () => (existsSync(calls) ? readFileSync(calls, "utf8").trim().split("\n") : []),
    leftOver: () => readdirSync(temporary),
  };
}

/** What it has said once it has ended. */
async function output(child: ReturnType<typeof start>["child"]) {
  const said = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const)
    child[stream]?.on("data", (part: Buffer) => {
      said[stream] += part.toString();
    });
  const [code] = (await once(child, "close")) as [number | null];
  return { code, ...said };
}

const urn = "urn:pulumi:dev::virtual-clusters::azure-native:containerservice:ManagedCluster::platform-host-cluster";
const cluster = {
  urn,
  type: "azure-native:containerservice:ManagedCluster",
  protect: true,
  inputs: { location: "westeurope" },
};
const deletion = { op: "delete", urn, oldState: cluster };

test("what is for debugging is sent where --debug asks for it", async () => {
  const sent = async (...args: string[]) => {
    const { child } = start("console.log(process.env.VIRTUAL_CLUSTERS_SDK_DEBUG)", { command: "preview", args });
    return (await output(child)).stdout;
  };
  expect(await Promise.all([sent("-d"), sent("--debug=false"), sent()])).toEqual([
    "true\n",
    "undefined\n",
    "undefined\n",
  ]);
});

describe("the gates before a deployment", () => {
  test("refuse with 3 before anything is done, and say what would let it through", async () => {
    const { child, calls } = start('note("deployed")', { steps: [deletion] });
    const { code, stdout, stderr } = await output(child);
    expect([code, calls()]).toEqual([3, []]);
    expect(stdout).toContain("host-lost: ManagedCluster platform-host-cluster: it is deleted");
    expect(stdout).toContain("- rule: host-lost\n        target: ManagedCluster platform-host-cluster\n");
    expect(stderr).toContain("error: nothing was deployed: it needs a waiver (docs/gates.md)\n");
  });

  test("let through what has a waiver, and refuse with 2 where one holds no more", async () => {
    const waiver = (until: string) =>
      [
        "- rule: host-lost",
        "  target: ManagedCluster platform-host-cluster",
        "  who: platform@contoso.com",
        "  why: the region is given up",
        `  until: ${until}`,
      ].join("\n");
    const run = (until: string) =>
      start('note("deployed")', { steps: [deletion], files: { "waivers/dev.yaml": waiver(until) } });
    const [held, old] = [run("2099-12-31"), run("2020-12-31")];
    const [through, refused] = await Promise.all([output(held.child), output(old.child)]);
    expect([through.code, held.calls()]).toEqual([0, ["deployed"]]);
    expect([refused.code, old.calls()]).toEqual([2, []]);
    expect(refused.stdout).toContain("waivers/dev.yaml:5:10: 'until' is 2020-12-31");
  });
});

describe("npm run up", () => {
  test("does not deploy by itself what a refused preview kept anybody from confirming", async () => {
    const events = [event(refusal, "error"), event("preview failed", "error")].join("\n");
    const { child, calls, leftOver } = start(
      `note(process.argv.slice(2, 5).join(" ")); writeFileSync(log, ${JSON.stringify(events)}); process.exit(255);`,
    );
    expect(await once(child, "exit")).toEqual([1, null]);
    expect([calls(), leftOver()]).toEqual([["up --stack dev"], []]);
  });

  test.each([
    ["on PATH", false],
    ["of the npm package", true],
  ])(
    "passes on a signal that only it got, waits for the CLI %s to end its steps, and leaves no file behind",
    async (_, fromNpm) => {
      const { child, calls, leftOver } = start(
        'process.on("SIGINT", () => setTimeout(() => { note("ended its steps"); process.exit(255); }, 200)); note("running"); setInterval(() => {}, 1000);',
        { fromNpm },
      );
      while (!calls().includes("running")) await new Promise((resolve) => setTimeout(resolve, 20));
      child.kill("SIGTERM");
      expect(await once(child, "exit")).toEqual([130, null]);
      expect([calls(), leftOver()]).toEqual([["running", "ended its steps"], []]);
    },
  );

  test("begins nothing more after a signal that came while no CLI ran, or while one ended well", async () => {
    const of = (type: string, name: string, parent?: string) => {
      const resource = { urn: `urn:pulumi:dev::p::${type}::${name}`, type, ...(parent && { parent }) };
      return { op: "delete", urn: resource.urn, oldState: resource };
    };
    const tenant = of("virtual-clusters:index:Tenant", "ml");
    const steps = [tenant, of("azure-native:authorization:RoleAssignment", "ml-host-role-ada", tenant.urn)];
    const files = {
      "Pulumi.yaml": "name: p\nruntime: nodejs\n",
      "Pulumi.dev.yaml": "config: { p:vcluster: { chartRepository: https://charts.contoso.com } }\n",
    };
    const stop = 'process.kill(process.ppid, "SIGTERM");';
    const pass = 'process.on("SIGINT", () => {}); note("pass");';
    // The state is asked for by the gates, and again before the pass that withdraws access.
    const before = `if (process.argv[2] === "stack") { note("export"); if (noted().length === 2) ${stop} }`;
    const runs = [start(pass, { steps, files, before }), start(`${pass} ${stop}`, { steps, files })];
    const [between, atItsEnd] = await Promise.all(runs.map(({ child }) => output(child)));
    expect(runs.map(({ calls }) => calls())).toEqual([["export", "export"], ["pass"]]);
    for (const run of [between, atItsEnd]) {
      expect(run).toMatchObject({
        code: 130,
        stderr: expect.stringMatching(/^first, .*: 1 role\nstopped: what .*there\n$/),
      });
    }
  });
});

describe("a run of changed tenants", () => {
  const settings = `${reachableSettings}  virtual-clusters:vcluster: { chartRepository: https://charts.contoso.com }\n`;
  const files = { "Pulumi.test.yaml": settings, "tenants/test/a.yaml": tenantFile() };
  const project = new TestProject({ ...files, "tenants/test/b.yaml": tenantFile() }, "test", { keep: true });
  beforeAll(async () => {
    await project.up();
    const deployment = { manifest: { time: "2026-01-01" }, resources: project.checkpoint() };
    project.write("state.json", JSON.stringify({ deployment }));
    project.write("tenants/test/b.yaml", tenantFile("size: medium"));
  });
  afterAll(() => project.delete());
  const history = JSON.stringify([{ kind: "update", result: "succeeded", endTime: "2100-01-01" }]);
  const why = "Entra ID means somebody else by User a@x.com";
  const isFull = `writeFileSync(run + ".full", ${JSON.stringify(why)}); console.log("{}"); process.exit(1);`;
  /** Runs it with a CLI whose previews, and whose deployments, of changed tenants do as these say. */
  const begin = (command: string, args: readonly string[], { preview = "", up = "" }) =>
    start(`note(\`up\${about}\`); if (run !== undefined) { ${up} }`, {
      ...{ command, args: ["--cwd", project.root, ...args], stack: ["--stack", "test"] },
      before: [
        "const print = (text) => new Promise((done) => process.stdout.write(text, () => done(process.exit())));",
        'if (process.argv[3] === "export") await print(readFileSync("state.json", "utf8"));',
        `if (process.argv[3] === "history") await print(${JSON.stringify(history)});`,
        `const run = process.env.${changedRunVariable};`,
        'const about = process.argv.includes("--target") ? " of changed" : "";',
        'if (process.argv.includes("--json")) note("preview" + about);',
        `if (process.argv.includes("--json") && run !== undefined) { ${preview} }`,
      ].join("\n"),
    });

  test("is deployed once, in full, where the preview of its gates has found that it must be", async () => {
    const { child, calls } = begin("up", ["--changed", "--yes"], { preview: isFull });
    const { code, stdout, stderr } = await output(child);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toContain(`full run: ${why}\n`);
    expect(calls()).toEqual(["preview of changed", "preview", "up"]);
  });

  test("is judged once more, in full, where only the deployment has found that it must be", async () => {
    const { child, calls } = begin("up", ["--changed", "--yes"], { up: isFull });
    const { code, stdout, stderr } = await output(child);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toContain(`full run: ${why}\n`);
    expect(calls()).toEqual(["preview of changed", "up of changed", "preview", "up"]);
  });

  test.each([
    ["SIGINT", 130, "up", ["--changed"], "setTimeout(() => process.exit(255), 100);"],
    ["SIGTERM", 143, "preview", ["--report", "text", "--changed"], ""],
  ] as const)(
    "that is ended by %s ends with %i before it has done anything, and leaves no file: %s",
    async (...how) => {
      const [signal, expected, command, args, onItsOwn] = how;
      const ends = 'process.on("SIGINT", () => { note("ended"); process.exit(255); });';
      const told = `process.kill(process.ppid, "${signal}"); ${onItsOwn} await new Promise((end) => setTimeout(end, 60_000));`;
      const { child, calls, leftOver } = begin(command, args, { preview: `${ends} ${told}` });
      const { code, stdout, stderr } = await output(child);
      expect([code, stdout]).toEqual([expected, ""]);
      expect(stderr).not.toContain("error");
      expect(calls()).toEqual(["preview of changed", ...(onItsOwn === "" ? ["ended"] : [])]);
      expect(leftOver()).toEqual([]);
    },
  );
});

test("a pass that deletes names each resource, and is no deployment that went well", () => {
  const args = deletionArguments(["--stack", "dev"], "log", ["urn:a", "urn:b"], true);
  expect(args.join(" ")).toBe(
    "up --stack dev --yes --skip-preview --continue-on-error --target urn:a --target urn:b --message a part of a deployment --event-log log",
  );
});

test("a destroy is about one stack of one folder from its first question to its end: the selected one, with its organization", async () => {
  const { child, calls } = start("", {
    command: "destroy",
    stack: [],
    args: ["-yCother"],
    files: { "other/Pulumi.yaml": "name: p\nruntime: nodejs\n" },
    before:
      'note([process.cwd().split("/").at(-1), ...process.argv.slice(2)].join(" ")); if (process.argv.includes("--show-name")) { console.log("acme/p/dev"); process.exit(); }',
  });
  expect(await once(child, "exit")).toEqual([0, null]);
  const end = "--non-interactive --color never";
  expect(calls()).toEqual([
    `other stack --show-name --fully-qualify-stack-names ${end}`,
    `other stack export --stack acme/p/dev ${end}`,
    "other destroy -y --stack acme/p/dev",
  ]);
});

test("a destroy that is refused says how what is protected goes, and not how the engine would have it", async () => {
  const { child } = start("process.exitCode = 255;", { command: "destroy" });
  const said: Buffer[] = [];
  child.stderr?.on("data", (part: Buffer) => said.push(part));
  expect(await once(child, "close")).toEqual([255, null]);
  expect(Buffer.concat(said).toString()).toBe(
    "not destroyed, or not all of it. What is protected (and has 'delete hooks') goes once the stack's settings say virtual-clusters:protect: false and 'npm run up' has deployed that; --run-program and 'pulumi state unprotect' are not needed\n",
  );
});
