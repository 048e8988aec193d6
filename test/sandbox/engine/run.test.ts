import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { provider as pulumiProvider } from "@pulumi/pulumi";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { readProject } from "../../../model/settings/project.ts";
import { Checkpoint } from "../../../sandbox/engine/checkpoint.ts";
import { type ProgramRunner, runAsChild, startAhead } from "../../../sandbox/engine/program.ts";
import { type Command, type RunResult, run } from "../../../sandbox/engine/run.ts";
import { parseUrn } from "../../../sandbox/engine/urn.ts";
import { fakeProvider } from "../../support/deployment.ts";
import { runInProcess } from "../../support/inProcess.ts";
import { errorsOf, repository } from "../../support/project.ts";

const prelude = `import * as pulumi from "@pulumi/pulumi";
class Thing extends pulumi.CustomResource {
  declare readonly computed: pulumi.Output<string>;
  constructor(name: string, args: Record<string, unknown> = {}, opts?: pulumi.CustomResourceOptions) {
    super("fake:index:Thing", name, { ...args, computed: undefined }, { version: "1.0.0", ...opts });
  }
}
`;

/** A project of one small program, run with a fake provider: in this process, where the engine's own way is not needed. */
function tinyProject(program: string) {
  const root = mkdtempSync(join(tmpdir(), "tiny-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  symlinkSync(join(repository, "node_modules"), join(root, "node_modules"));
  writeFileSync(join(root, "package.json"), '{ "type": "module" }');
  writeFileSync(
    join(root, "Pulumi.yaml"),
    "name: tiny\nmain: index.ts\nconfig: { greeting: { type: string, default: hello } }\n",
  );
  writeFileSync(join(root, "Pulumi.test.yaml"), "config: { tiny:list: [1, 2] }\n");
  const stateFile = join(root, "state.json");
  const edit = (text: string) => writeFileSync(join(root, "index.ts"), prelude + text);
  edit(program);
  return {
    edit,
    root,
    read: () => readProject(root, "test"),
    state: () => readFileSync(stateFile, "utf8"),
    writeState: (text: string) => writeFileSync(stateFile, text),
    run: (
      command: Command = "up",
      provider: pulumiProvider.Provider = fakeProvider(),
      { signal, program: runner = runInProcess }: { signal?: AbortSignal; program?: ProgramRunner } = {},
    ) =>
      run({
        command,
        project: readProject(root, "test"),
        state: new Checkpoint(stateFile, ""),
        providers: { fake: provider },
        program: runner,
        ...(signal && { signal }),
      }),
  };
}

const ops = ({ steps }: RunResult) => steps.map(({ op, urn }) => `${op} ${parseUrn(urn).name}`);

describe("a program on the embedded engine", () => {
  test("gets its settings with the project's defaults, sees outputs, and gives the stack its own", async () => {
    const project = tinyProject(
      `
const config = new pulumi.Config();
const a = new Thing("a", { text: config.require("greeting") });
export const list = config.requireObject("list");
export const computed = a.computed;`,
    );
    const { outputs, ok } = await project.run("up", fakeProvider(), { program: runAsChild });
    expect(ok).toBe(true);
    expect(outputs).toEqual({ list: [1, 2], computed: "of a" });
  });

  test("that is started ahead of its run is loaded by then, and registers in the run", async () => {
    const project = tinyProject(`
import { writeFileSync } from "node:fs";
writeFileSync(new URL("loaded", import.meta.url), "");
export const computed = new Thing("a").computed;`);
    const provider = fakeProvider();
    const { program } = startAhead((monitor) => runAsChild(project.read(), monitor, false, () => undefined));
    await vi.waitFor(() => expect(existsSync(join(project.root, "loaded"))).toBe(true), {
      timeout: 30_000,
      interval: 20,
    });
    expect(provider.calls).toEqual([]);
    const result = await project.run("up", provider, { program });
    expect([result.ok, ops(result), result.outputs]).toEqual([
      true,
      ["create tiny-test", "create a"],
      { computed: "of a" },
    ]);
  });

  test("that is started ahead of a run which never comes ends", async () => {
    const project = tinyProject('new Thing("a");');
    let code: number | undefined;
    const { leave } = startAhead(async (monitor) => {
      code = await runAsChild(project.read(), monitor, false, () => undefined);
      return code;
    });
    await leave();
    expect(code).toEqual(expect.any(Number));
    expect(code).not.toBe(0);
  });

  test("that is ended while it is loaded leaves all that was deployed, and reads nothing", async () => {
    const project = tinyProject('new pulumi.StackReference("organization/tiny/test"); new Thing("a");');
    expect((await project.run()).ok).toBe(true);
    const resources = () =>
      (JSON.parse(project.state()) as { deployment: { resources: unknown[] } }).deployment.resources;
    const before = resources();
    const ended = await project.run("up", fakeProvider(), { program: runAsChild, signal: AbortSignal.abort() });
    expect([ended.ok, ended.steps]).toEqual([false, []]);
    expect(resources()).toEqual(before);
  });

  test("sees what is not known yet as unknown in a preview", async () => {
    const project = tinyProject(`
const a = new Thing("a");
export const computed = a.computed.apply((text) => { throw new Error("must not run in a preview: " + text); });`);
    const { ok, outputs } = await project.run("preview");
    expect(ok).toBe(true);
    expect(outputs).toEqual({ computed: "04da6b54-80e4-46f7-96ec-b56ff0331ba9" });
  });

  test("keeps a secret out of the state and the messages, as an input and as an output", async () => {
    const project = tinyProject(`
const a = new Thing("a", { token: pulumi.secret("planted-token") });
export const token = pulumi.secret("planted-output");`);
    const first = await project.run();
    expect(first.ok).toBe(true);
    expect(project.state()).not.toContain("planted");
    expect(JSON.stringify(first.messages)).not.toContain("planted");
    expect(ops(await project.run())).toEqual(["same tiny-test", "same a"]);
  });

  test.each([
    ["throws", 'throw new Error("boom");', /failed with an unhandled exception:[\s\S]*boom/],
    ["throws a RunError", 'throw new pulumi.RunError("just this text");', /^just this text$/],
    ["exits early", "process.exit(3);", /^the program ended with code 3$/],
  ])("that %s has nothing deleted, and the reason is shown", async (_, ending, reason) => {
    const project = tinyProject('new Thing("a"); new Thing("b");');
    await project.run();
    project.edit(`new Thing("a"); ${ending}`);
    const provider = fakeProvider();
    const result = await project.run("up", provider, { program: runAsChild });
    expect(result.ok).toBe(false);
    expect(errorsOf(result)).toEqual([expect.stringMatching(reason)]);
    expect(provider.calls).toEqual([]);
    expect(project.state()).toContain("fake:index:Thing::b");
  });

  test.each([
    ["customTimeouts: { create: '5m' }", "customTimeouts"],
    ['import: "x"', "import"],
    [
      "hooks: { beforeCreate: [new pulumi.ResourceHook('h', () => {})] }",
      "other hooks than beforeUpdate and beforeDelete",
    ],
  ])("that asks for %s is refused by name", async (option, name) => {
    const project = tinyProject(`new Thing("a", {}, { ${option} });`);
    const result = await project.run();
    expect(result.ok).toBe(false);
    expect(errorsOf(result).join("\n")).toContain(name);
  });

  test("that is interrupted lets the running step end, begins no other, and goes on where it stopped", async () => {
    const project = tinyProject(
      'const a = new Thing("a"); const b = new Thing("b", { text: a.computed }); new Thing("c", { text: b.computed });',
    );
    const interrupt = new AbortController();
    const provider = fakeProvider();
    const slow = fakeProvider({
      create: async (urn, inputs) => {
        interrupt.abort();
        return (await provider.create?.(urn, inputs)) ?? { id: "" };
      },
    });
    const stopped = await project.run("up", slow, { signal: interrupt.signal });
    expect(stopped.ok).toBe(false);
    expect(provider.calls).toEqual(["create a"]);
    expect(project.state()).not.toContain("pending_operations");
    expect(ops(await project.run())).toEqual(["same tiny-test", "same a", "create b", "create c"]);
  });

  test("whose last run was cut off in the middle of a step says so and goes on", async () => {
    const project = tinyProject('new Thing("a");');
    await project.run();
    const file = JSON.parse(project.state()) as { deployment: { resources: { urn: string }[] } };
    const resource = file.deployment.resources.find(({ urn }) => urn.endsWith("::a"));
    const pending_operations = [{ resource, type: "updating" }];
    project.writeState(JSON.stringify({ ...file, deployment: { ...file.deployment, pending_operations } }));

    const { ok, messages } = await project.run();
    expect(ok).toBe(true);
    expect(messages).toEqual([
      {
        severity: "warning",
        urn: resource?.urn,
        message:
          "the last run did not come to know whether it was updated. The cloud has it as it was: still to be done (Pulumi itself takes: npm run recover)",
      },
    ]);
    expect(project.state()).not.toContain("pending_operations");
  });
});

describe("hooks of a program", () => {
  const hooked = (
    text: string,
    things = 'new Thing("a", { text }, { hooks: { beforeUpdate: [update], beforeDelete: [removal] } });',
  ) => `
const text = "${text}";
const update = new pulumi.ResourceHook("update", ({ name, oldInputs, oldOutputs, newInputs }) => {
  if (newInputs?.text === "wrong") throw new Error(name + ": " + oldInputs?.text + " (" + oldOutputs?.computed + ") -> " + newInputs?.text);
}, { onDryRun: true });
const removal = new pulumi.ResourceHook("removal", ({ name, oldInputs }) => {
  throw new Error(name + " with " + oldInputs?.text + " stays");
}, { onDryRun: true });
${things}`;

  test.each(["preview", "up"] as const)(
    "refuse an update in a %s, from what the state says of before",
    async (command) => {
      const project = tinyProject(hooked("right"));
      await project.run();
      expect(ops(await project.run())).toEqual(["same tiny-test", "same a"]);
      project.edit(hooked("wrong"));
      const provider = fakeProvider();
      const result = await project.run(command, provider);
      expect(errorsOf(result)).toEqual(['before hook "update" failed: a: right (of a) -> wrong']);
      expect([result.ok, provider.calls]).toEqual([false, []]);
      project.edit(hooked("other"));
      expect(ops(await project.run())).toEqual(["same tiny-test", "update a"]);
    },
  );

  test.each(["preview", "up"] as const)(
    "refuse a deletion in a %s, by the names that the state has",
    async (command) => {
      const project = tinyProject(hooked("right"));
      await project.run();
      project.edit(hooked("right", ""));
      expect(errorsOf(await project.run(command))).toEqual(['before hook "removal" failed: a with right stays']);
      // A program that does not know the name, such as an older one, deletes nothing.
      project.edit("");
      expect(errorsOf(await project.run(command))).toEqual(['hook "removal" was not registered']);
      // Without its hooks, the resource can go.
      project.edit(hooked("right", 'new Thing("a", { text });'));
      await project.run();
      project.edit("");
      expect(ops(await project.run("up"))).toEqual(["same tiny-test", "delete a", "delete default_1_0_0"]);
    },
  );

  test("are kept in the state under Pulumi's names", async () => {
    const project = tinyProject(hooked("right"));
    await project.run();
    const { deployment } = JSON.parse(project.state()) as { deployment: { resources: { resourceHooks?: object }[] } };
    expect(deployment.resources.map(({ resourceHooks }) => resourceHooks).filter(Boolean)).toEqual([
      { BeforeUpdate: ["update"], BeforeDelete: ["removal"] },
    ]);
  });
});
