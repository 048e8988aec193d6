import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { changedRunVariable } from "../../model/deploy/changedRun.ts";
import { event, output, startCommand } from "../support/fakePulumi.ts";
import { reachableSettings, TestProject, tenantFile } from "../support/project.ts";

const refusal = "namespaces is forbidden: User does not have access to the resource in Azure.";

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
    const { child } = startCommand("console.log(process.env.VIRTUAL_CLUSTERS_SDK_DEBUG)", { command: "preview", args });
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
    const { child, calls } = startCommand('note("deployed")', { steps: [deletion] });
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
      startCommand('note("deployed")', { steps: [deletion], files: { "waivers/dev.yaml": waiver(until) } });
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
    const { child, calls, leftOver } = startCommand(
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
      const { child, calls, leftOver } = startCommand(
        'process.on("SIGINT", () => setTimeout(() => { note("ended its steps"); process.exit(255); }, 200)); note("running"); setInterval(() => {}, 1000);',
        { fromNpm },
      );
      while (!calls().includes("running")) await new Promise((resolve) => setTimeout(resolve, 20));
      child.kill("SIGTERM");
      expect(await once(child, "exit")).toEqual([130, null]);
      expect([calls(), leftOver()]).toEqual([["running", "ended its steps"], []]);
    },
  );

  describe("takes roles from people before all else, and", () => {
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
    const isPass = 'process.argv.includes("--target")';
    const withTheRest = "access is withdrawn with the rest, last and only where nothing fails\n";
    const run = async (script: string, all: readonly object[] = steps) => {
      const { child, calls } = startCommand(script, { steps: all, files });
      const { code, stderr } = await output(child);
      return { code, calls: calls(), stderr };
    };

    test("goes on where the engine refuses that", async () => {
      const refused = `writeFileSync(log, ${JSON.stringify(event("untargeted create", "error"))}); process.exit(255);`;
      expect(await run(`note(${isPass} ? "pass" : "all"); if (${isPass}) { ${refused} }`)).toEqual({
        code: 0,
        calls: ["pass", "all"],
        stderr: `first, access that is not given any more is withdrawn: 1 role\nthat could not begin: ${withTheRest}`,
      });
    });

    test("does not ask for that where another version of a provider has made what is there", async () => {
      const state = (version: string) => ({
        ...of("azure-native:resources:ResourceGroup", "group").oldState,
        provider: `urn:pulumi:dev::p::pulumi:providers:azure-native::default_${version}::id`,
      });
      const { urn } = state("");
      const same = { op: "same", urn, oldState: state("3_1_0"), newState: state("3_28_0") };
      expect(await run(`note(${isPass} ? "pass" : "all");`, [...steps, same])).toEqual({
        code: 0,
        calls: ["all"],
        stderr: `a provider has another version, and the engine takes no targets before that is deployed: ${withTheRest}`,
      });
    });

    test("says what was done where the rest is not confirmed", async () => {
      const done = JSON.stringify({ resOutputsEvent: { metadata: { op: "delete", urn: steps[1]?.urn } } });
      const { code, stderr } = await run(
        `if (${isPass}) writeFileSync(log, ${JSON.stringify(done)}); else process.exit(1);`,
      );
      expect([code, stderr.split("\n")[1]]).toEqual([
        1,
        "access stays withdrawn; what comes in its place, such as a lower role, is given by the next 'npm run up'",
      ]);
    });

    test("begins nothing more after a signal that came while no CLI ran, or while one ended well", async () => {
      const stop = 'process.kill(process.ppid, "SIGTERM");';
      const pass = 'process.on("SIGINT", () => {}); note("pass");';
      // The state is asked for by the gates, and again before the pass that withdraws access.
      const before = `if (process.argv[2] === "stack") { note("export"); if (noted().length === 2) ${stop} }`;
      const runs = [startCommand(pass, { steps, files, before }), startCommand(`${pass} ${stop}`, { steps, files })];
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
    startCommand(`note(\`up\${about}\`); if (run !== undefined) { ${up} }`, {
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

test("a destroy is about one stack of one folder from its first question to its end: the selected one, with its organization", async () => {
  const { child, calls } = startCommand("", {
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
  const { child } = startCommand("process.exitCode = 255;", { command: "destroy" });
  const said: Buffer[] = [];
  child.stderr?.on("data", (part: Buffer) => said.push(part));
  expect(await once(child, "close")).toEqual([255, null]);
  expect(Buffer.concat(said).toString()).toBe(
    "not destroyed, or not all of it. What is protected (and has 'delete hooks') goes once the stack's settings say virtual-clusters:protect: false and 'npm run up' has deployed that; --run-program and 'pulumi state unprotect' are not needed\n",
  );
});
