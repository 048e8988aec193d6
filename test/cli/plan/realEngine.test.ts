import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { planDocument } from "../../../cli/plan/json.ts";
import { planMarkdown } from "../../../cli/plan/markdown.ts";
import { readDrift, readPreview } from "../../../cli/plan/previewJson.ts";
import { previewOf } from "../../../cli/plan/realEngine.ts";
import { planText } from "../../../cli/plan/text.ts";
import { previewReport, readReportOptions } from "../../../cli/previewReport.ts";
import { takeOptions } from "../../../cli/pulumiOptions.ts";
import { askGates } from "../../../cli/upGates.ts";
import { runCommand } from "../../support/command.ts";
import { fakeTools, type Replies } from "../../support/fakeTools.ts";
import { repository, TestProject } from "../../support/project.ts";

/** What the real engine printed about stack 'dev': see test/fixtures/README.md. */
const recorded = (name: string) => readFileSync(join(repository, "test/fixtures/engine", name), "utf8");

const end = "--stack dev --non-interactive --color never";
const [exporting, previewing, refreshing] = [
  `stack export ${end}`,
  `preview --json --show-sames ${end}`,
  `refresh --preview-only --json ${end}`,
];
const replies: Replies = {
  [exporting]: recorded("export.json"),
  [previewing]: recorded("preview.json"),
  [refreshing]: recorded("refresh.jsonl"),
  "stack --show-name --fully-qualify-stack-names --non-interactive --color never": "organization/virtual-clusters/dev",
};
const refused = { fails: "", prints: recorded("refused.json") };

const headlineOfChange =
  "dev: 1 tenant changed (vcluster-1), 0 untouched; 1 new warning; 1 control plane restarts (vcluster-1)";

/** The fixture's project after a change of its tenant, with a CLI that answers as told. */
function changed(answers: Replies = {}) {
  const project = TestProject.ofFixture("dev");
  const file = "tenants/dev/vcluster-1.yaml";
  const text = readFileSync(join(project.root, file), "utf8");
  project.write(file, `${text.replace("hostRole: admin", "hostRole: writer")}size: medium\n`);
  const PATH = `${fakeTools(project.root, { pulumi: { ...replies, ...answers }, kubectl: {} })}:/bin:/usr/bin`;
  const preview = (options: { refresh?: boolean } = {}) =>
    previewOf("dev", { root: project.root, environment: { PATH }, ...options });
  return { project, PATH, preview };
}

/** A state without what this program leaves in it of the files, as an earlier release left it. */
function withoutFiles(): string {
  const state = JSON.parse(recorded("export.json")) as {
    deployment: { resources: { outputs?: Record<string, unknown> }[] };
  };
  for (const { outputs } of state.deployment.resources) {
    delete outputs?.file;
    delete outputs?.record;
  }
  return JSON.stringify(state);
}

const plain = { width: 80, paint: (_: string, text: string) => text };

describe("the preview of the real engine", () => {
  test("is told like a plan, from the files as they were deployed", async () => {
    const { plan, steps } = await changed().preview();
    const { headline, engine, base, stacks } = planDocument(plan);
    expect([engine, base]).toEqual(["pulumi", "the last deployment"]);
    expect(headline).toBe(headlineOfChange);
    const [stack] = stacks;
    expect(stack?.settings).toEqual([]);
    expect(stack?.notes).toEqual([]);
    expect(stack?.warnings.map(({ file, message }) => [file, message.split(":")[0]])).toEqual([
      ["Pulumi.dev.yaml", "CPU that tenants may request at most"],
    ]);
    expect(stack?.tenants[0]?.fields.map(({ path, from, to }) => [path, from, to])).toEqual([
      ["size", "small", "medium"],
      ["hostRole", "admin", "writer"],
    ]);
    expect(stack?.tenants[0]?.resources.map(({ op, kind, meaning }) => [op, kind, meaning])).toEqual([
      ["update", "Release", undefined],
      ["replace", "RoleAssignment", "Azure Kubernetes Service RBAC Admin"],
    ]);
    expect(steps.filter(({ op }) => op !== "same").map(({ op, after }) => `${op} ${after?.name}`)).toEqual([
      "update vcluster-1-vcluster",
      "replace vcluster-1-host-role-2b6d8c1f-3f63-4b0f-8f0a-7c0e2a9d1c02",
      "update vcluster-1-vcluster",
    ]);
    expect(planText(plan, plain).split("\n\n").at(-1)).toBe(
      "Compared with the last deployment, as the state has it, by Pulumi's own engine.\n  The cloud was not asked for drift; --refresh does. Costs are not known: the\n  stack sets no prices.",
    );
  });

  test("tells drift by itself, and not as a change", async () => {
    const { plan } = await changed().preview({ refresh: true });
    const [stack] = planDocument(plan).stacks;
    expect(stack?.shared).toEqual([]);
    expect(stack?.drift).toEqual([
      {
        op: "update",
        kind: "ManagedCluster",
        name: "platform-host-cluster",
        // The cluster's versions differ, too: 1.35 is 1.35.1 by now, as AKS's channel has it.
        values: [{ path: "agentPoolProfiles.0.count", from: "2", to: "3" }],
        inside: false,
        consequence: "there is other room for tenants than the settings say",
        mendable: true,
        mend: "npm run up -- --stack dev --mend",
      },
    ]);
    // That is never taken for "nothing differs".
    expect(stack?.notes).toEqual([
      expect.stringMatching(/^What is inside releases was not compared: kubectl get secrets: kubectl does not know/),
    ]);
    expect(stack?.headline).toContain("; drift in 1 resource; ");
    expect(planText(plan, plain)).toContain(
      [
        "  drift: changed in the cloud since the last deployment, not by this change",
        "    ~ ManagedCluster platform-host-cluster",
        "      agentPoolProfiles.0.count: 2 -> 3",
        "      there is other room for tenants than the settings say",
        "    put back by: npm run up -- --stack dev --mend",
      ].join("\n"),
    );
    expect(planMarkdown(plan)).toContain(
      "#### Drift: changed in the cloud since the last deployment, not by this change\n\n- \\~ ManagedCluster `platform-host-cluster`: there is other room for tenants than the settings say\n",
    );
  });

  test("says why a program refuses, in its own words and with their place, and gives no steps", async () => {
    const { plan, steps } = await changed({ [previewing]: refused }).preview();
    expect(steps).toEqual([]);
    const [stack] = planDocument(plan).stacks;
    expect(stack?.failures).toEqual([
      {
        side: "head",
        problems: [
          {
            file: "tenants/dev/vcluster-1.yaml",
            line: 10,
            column: 1,
            message: "not valid YAML: the key 'namespace' stands twice; remove one",
          },
        ],
      },
    ]);
    expect(stack?.rehearsed).toBe(false);
  });

  test("says what of a deployment by an earlier release it does not know, and takes the rest from its outputs", async () => {
    const { plan } = await changed({ [exporting]: withoutFiles() }).preview();
    const [stack] = planDocument(plan).stacks;
    expect(stack?.notes).toEqual([
      "The state does not say which settings were deployed: those of now are taken to be, and differences of settings are not told.",
      "The state does not say what the files of vcluster-1 held: of them only the fields that the stack's output has are compared.",
    ]);
    expect(stack?.tenants[0]?.fields.map(({ path, from, to }) => [path, from, to])).toEqual([
      ["size", "small", "medium"],
      ["hostRole", "admin", "writer"],
    ]);
  });

  test("of a stack that nobody has deployed is one of a new stack", async () => {
    const { plan } = await changed({ [exporting]: { version: 3, deployment: {} } }).preview();
    expect(planDocument(plan).headline).toContain("a new stack; 1 tenant created (vcluster-1)");
  });

  test.each([
    [
      "a stack that the CLI does not know",
      { [exporting]: { fails: "error: no stack named 'dev' found" } },
      "'pulumi stack export --stack dev' ended with 1: error: no stack named 'dev' found",
    ],
    [
      "a state that is none",
      { [exporting]: "[]" },
      "what 'pulumi stack export --stack dev' printed cannot be read (at its beginning: Invalid input: expected object, received array); is it a Pulumi CLI that this program does not know?",
    ],
    [
      "a preview that fails before it begins",
      { [previewing]: { fails: "error: getting secrets manager: passphrase must be set" } },
      "'pulumi preview --json --show-sames --stack dev' ended with 1: error: getting secrets manager: passphrase must be set",
    ],
    [
      "a preview that is cut off",
      { [previewing]: '{"steps": [' },
      "what 'pulumi preview --json --show-sames --stack dev' printed cannot be read (it is no JSON); is it a Pulumi CLI that this program does not know?",
    ],
    [
      "a step of a kind that is not known",
      { [previewing]: { steps: [{ op: "melt", urn: "urn:pulumi:dev::p::t::n" }] } },
      /^what 'pulumi preview --json --show-sames --stack dev' printed cannot be read \(at steps\.0\.op: Invalid option: expected one of "same"\|"create"/,
    ],
  ])("refuses %s by name", async (_, answers, message) => {
    await expect(changed(answers).preview()).rejects.toThrow(message);
  });

  test("puts several steps of a replacement together, leaves out what the engine makes itself, and shows no secret", () => {
    const urn = (type: string, name: string) => `urn:pulumi:dev::p::${type}::${name}`;
    const state = (inputs: object) => ({ urn: urn("a:b:C", "c"), type: "a:b:C", protect: true, inputs });
    const step = (op: string, old: object | undefined, now: object | undefined) => ({
      op,
      urn: urn("a:b:C", "c"),
      ...(old && { oldState: state(old) }),
      ...(now && { newState: state(now) }),
    });
    const ciphertext = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", ciphertext: "v1:abc" };
    const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
    const { steps, said } = readPreview(
      JSON.stringify({
        steps: [
          { op: "create", urn: urn("pulumi:providers:azuread", "default_6_9_1") },
          { op: "read", urn: urn("pulumi:pulumi:StackReference", "r") },
          step("create-replacement", { key: "[secret]" }, { key: ciphertext, list: [unknown] }),
          step("replace", { key: "[secret]" }, { key: ciphertext, list: [unknown] }),
          step("delete-replaced", { key: "[secret]" }, undefined),
        ],
        diagnostics: [
          { severity: "error", urn: urn("a:b:C", "c"), message: "<{%reset%}>error: no<{%reset%}>\n" },
          { severity: "error", message: "error: preview failed\n" },
          { severity: "info", message: "fine" },
        ],
      }),
      "pulumi preview",
    );
    const c = { urn: urn("a:b:C", "c"), type: "a:b:C", name: "c", protect: true, retain: false };
    expect(steps).toEqual([
      {
        op: "replace",
        before: { ...c, inputs: { key: "(secret)" } },
        after: { ...c, inputs: { key: "(secret)", list: ["(known once it is deployed)"] } },
      },
    ]);
    expect(said).toEqual([{ severity: "error", message: "no", about: "C c" }]);
  });
});

test("what is gone from the cloud is drift, and what a provider found beside what was asked for", () => {
  const state = (name: string, outputs: object = {}) => ({
    urn: `urn:pulumi:dev::p::a:b:C::${name}`,
    type: "a:b:C",
    outputs,
  });
  const event = (op: string, old: ReturnType<typeof state>, now?: object) =>
    JSON.stringify({ resOutputsEvent: { metadata: { op, urn: old.urn, old, new: now ?? null } } });
  const lines = [
    "warning: a line that is no event",
    event("delete", state("gone")),
    event("same", state("as it was"), state("as it was")),
    event("update", state("moved", { ip: "10.0.0.1" }), state("moved", { ip: "10.0.0.2" })),
  ];
  expect(
    readDrift(lines.join("\n"), "pulumi refresh").map(({ op, before, after }) => [op, before?.name, after?.inputs]),
  ).toEqual([
    ["delete", "gone", undefined],
    ["update", "moved", { ip: "10.0.0.2" }],
  ]);
  expect(() => readDrift("", "pulumi refresh")).toThrow("what 'pulumi refresh' printed cannot be read (it is no JSON)");
});

test("of a release's values in the cloud those are told that the stack has, and others by their names: they may be secrets", () => {
  const state = (values: object) => ({
    urn: "urn:pulumi:dev::p::kubernetes:helm.sh/v3:Release::ml-vcluster",
    type: "kubernetes:helm.sh/v3:Release",
    inputs: { values: { replicas: 1 } },
    outputs: { values, version: "0.36.1" },
  });
  // What an accepted refresh has taken over before is no more known.
  const old = state({ replicas: 1, key: "hush" });
  const metadata = { op: "update", urn: old.urn, old, new: state({ replicas: 2, key: "louder" }) };
  const [step] = readDrift(JSON.stringify({ resOutputsEvent: { metadata } }), "pulumi refresh");
  expect([step?.before?.inputs, step?.after?.inputs]).toEqual([
    { values: { replicas: 1, key: "set by hand" }, version: "0.36.1" },
    { values: { replicas: 2, key: "set by hand" }, version: "0.36.1" },
  ]);
});

/** What a command prints that is run in this process, with this on PATH, and its exit code. */
async function printedBy(PATH: string, command: () => Promise<void>) {
  const before = { path: process.env.PATH, code: process.exitCode };
  const silence = (name: "log" | "error") => vi.spyOn(console, name).mockImplementation(() => undefined);
  const [log, error] = [silence("log"), silence("error")];
  try {
    Object.assign(process.env, { PATH });
    process.exitCode = 0;
    await command();
    const [stdout, stderr] = [log, error].map(({ mock }) => mock.calls.flat().join("\n"));
    return { code: process.exitCode, stdout: stdout ?? "", stderr: stderr ?? "" };
  } finally {
    process.env.PATH = before.path;
    process.exitCode = before.code;
    log.mockRestore();
    error.mockRestore();
  }
}

test("a preview that fails by what an interrupted run has left names the command that mends it", async () => {
  const already = { severity: "error", message: "error: cannot create already existing resource: namespaces 'ml'\n" };
  const failed = JSON.stringify({ config: {}, steps: [], diagnostics: [already] });
  const { PATH, project } = changed({ [previewing]: { fails: "", prints: failed } });
  const advice = "'npm run up' alone does not mend that: npm run recover -- --stack dev";
  const reported = await printedBy(PATH, () =>
    previewReport(readReportOptions(["--stack", "dev", "--report", "json"]), project.root),
  );
  expect([reported.code, reported.stderr]).toEqual([2, advice]);
  const gated = await printedBy(PATH, async () => {
    process.exitCode = (await askGates(["--stack", "dev", "--yes"], project.root, { asPlanned: false })).refused;
  });
  expect([gated.code, gated.stderr]).toEqual([
    2,
    `error: nothing was deployed: there is something to mend first\n${advice}`,
  ]);
});

test.each(["acme/dev", "acme/virtual-clusters/dev"])(
  "stack %s is asked about and told of by that name, also where it is the selected one; its files are those of dev",
  async (name) => {
    const other = { fails: "the stack of another organization" };
    const asked = Object.entries(replies).map(([args, reply]) => [args.replace("stack dev", `stack ${name}`), reply]);
    const { PATH, project } = changed({
      ...{ [exporting]: other, [previewing]: other, [refreshing]: other },
      ...Object.fromEntries(asked),
      "stack --show-name --fully-qualify-stack-names --non-interactive --color never": name,
    });
    for (const args of [[], ["-s", name]]) {
      const options = readReportOptions([...args, "--report", "json", "--refresh"]);
      const { code, stdout } = await printedBy(PATH, () => previewReport(options, project.root));
      const { stacks } = JSON.parse(stdout) as ReturnType<typeof planDocument>;
      expect([code, stacks[0]?.stack, stacks[0]?.gates.file]).toEqual([0, "dev", "waivers/dev.yaml"]);
      expect(stacks[0]?.settings).toEqual([]);
      expect(stdout).toContain(`npm run up -- --stack ${name} --mend`);
      const gated = await printedBy(PATH, async () => {
        expect(await askGates(args, project.root, { asPlanned: false })).toMatchObject({ stack: name });
      });
      expect([gated.stdout, gated.stderr]).toEqual([headlineOfChange, ""]);
    }
  },
);

describe("npm run preview -- --report", () => {
  const report = (PATH: string, root: string, ...args: string[]) =>
    printedBy(PATH, () => previewReport(readReportOptions(args), root));

  test("prints the report of the stack that the CLI has selected, and ends with 0", async () => {
    const { PATH, project } = changed();
    const { code, stdout } = await report(PATH, project.root, "--report", "json");
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ version: 2, engine: "pulumi", stacks: [{ stack: "dev" }] });
  });

  test("writes it into a file, prints its first line, and ends with 2 where it cannot be deployed", async () => {
    const { PATH, project } = changed({ [previewing]: refused });
    const args = ["--stack=dev", "--report=markdown", "--out", "preview.md"];
    const { code, stdout } = await report(PATH, project.root, ...args);
    expect(code).toBe(2);
    expect(stdout.split("\n")).toEqual([
      "dev: CANNOT BE DEPLOYED: 1 problem to mend; by the files alone; 1 tenant changed (vcluster-1), 0 untouched; 1 new warning",
      "The report is in preview.md.",
    ]);
    expect(readFileSync(join(project.root, "preview.md"), "utf8")).toContain("> **This change cannot be deployed**");
  });

  test.each([
    [["--report"], "--report needs a format: text, markdown, json"],
    [["--report", "--stack", "dev"], "--report needs a format: text, markdown, json"],
    [["--report", "pdf"], "no format 'pdf': text, markdown, json"],
    [["--report", "text", "--out"], "--out needs a file, such as --out preview.md"],
  ])("refuses %j before anything is asked", (args, message) => {
    expect(() => readReportOptions(args)).toThrow(message);
  });

  test("is asked of the command that shows previews", async () => {
    const { code, stderr } = await runCommand("cli/pulumi.ts", ["preview", "--stack", "dev", "--report", "pdf"]);
    expect([code, stderr]).toEqual([1, "error: no format 'pdf': text, markdown, json\n"]);
  });

  test("keeps for itself what is its own, and passes the rest on", () => {
    const { options, rest } = takeOptions(
      ["-s", "dev", "--config", "a=b", "--report=text", "--refresh", "--target", "urn::x"],
      ["--stack", "--report", "--refresh"],
    );
    expect(Object.fromEntries(options)).toEqual({ "--stack": "dev", "--report": "text", "--refresh": "true" });
    expect(rest).toEqual(["--config", "a=b", "--target", "urn::x"]);
  });
});
