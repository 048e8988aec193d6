import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { create } from "tar";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { parse } from "yaml";
import { type ChartFiles, digestOf, readArchive } from "../../cli/chartArchive.ts";
import { makeCopy } from "../../cli/chartCopy.ts";
import { ownSchema } from "../support/chartSchemas.ts";
import { runCommand, spawnCommand } from "../support/command.ts";
import { TestProject } from "../support/project.ts";

/** The files of a chart, by path, as an archive has them. */
type Files = Readonly<Record<string, string>>;

/** A chart that has as much as is looked at; `extra` is laid over it. */
function chart(version: string, extra: Files = {}): Files {
  return {
    "vcluster/Chart.yaml": `name: vcluster\nversion: ${version}\n`,
    "vcluster/values.yaml": "telemetry: { enabled: true }\n",
    "vcluster/values.schema.json": JSON.stringify(ownSchema),
    "vcluster/templates/statefulset.yaml": "kind: StatefulSet\n",
    ...extra,
  };
}

const digestOfChart = (files: Files) =>
  digestOf(new Map(Object.entries(files).map(([path, text]) => [path, Buffer.from(text)])));

function packed(files: Files): Buffer {
  const folder = mkdtempSync(join(tmpdir(), "chart-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  create({ file: join(folder, "chart.tgz"), cwd: folder, gzip: true, sync: true }, ["vcluster"]);
  return readFileSync(join(folder, "chart.tgz"));
}

/** A site of archives; what it has under a name can change. */
async function site() {
  const archives = new Map<string, Buffer>();
  const server = createServer((request, response) => {
    const found = archives.get(request.url ?? "");
    response.writeHead(found === undefined ? 404 : 200).end(found);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const put = (version: string, files: Files) => archives.set(`/charts/vcluster-${version}.tgz`, packed(files));
  return { url: `http://127.0.0.1:${port}/charts`, put };
}

const settings = (vcluster: string) =>
  `config:\n  virtual-clusters:existingCluster: { name: host }\n  virtual-clusters:vcluster: ${vcluster}\n`;

function project(vcluster = "{}"): TestProject {
  return new TestProject({ "Pulumi.test.yaml": settings(vcluster) });
}

const run = ({ root }: TestProject, ...args: string[]) => runCommand("cli/chart.ts", args, { cwd: root });
const stored = ({ root }: TestProject) => (existsSync(join(root, ".charts")) ? readdirSync(join(root, ".charts")) : []);

describe("npm run chart -- --pin", () => {
  test("keeps a chart, and prints its digest and just what to write; with that, the stack is right", async () => {
    const [from, stack] = [await site(), project()];
    const files = chart("0.36.2");
    from.put("0.36.2", files);
    const { code, stdout, stderr } = await run(stack, "--pin", "0.36.2", "--repository", from.url);
    const digest = digestOfChart(files);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout.split("\n").slice(0, 2)).toEqual([
      "chart 0.36.2: ./.charts/vcluster-0.36.2.tgz",
      `digest ${digest}, of what ${from.url}/vcluster-0.36.2.tgz holds`,
    ]);
    expect(stored(stack)).toEqual(["published", "vcluster-0.36.2.tgz"]);
    const lines = stdout.split("\n").filter((line) => line.startsWith("  "));
    expect(parse(lines.join("\n"))).toEqual({
      "virtual-clusters:vcluster": { charts: { "0.36.2": { digest } }, channels: { canary: "0.36.2" } },
    });
    stack.write(
      "Pulumi.test.yaml",
      `config:\n  virtual-clusters:existingCluster: { name: host }\n${lines.join("\n")}\n`,
    );
    const check = await runCommand("cli/tenants.ts", ["check"], { cwd: stack.root });
    expect([check.code, check.stdout]).toEqual([0, "1 stack checked: 0 errors, 0 warnings\n"]);
    const again = await run(stack, "--pin", "0.36.2", "--repository", from.url);
    expect(again.stdout).toContain("It is the pinned one (Pulumi.test.yaml, vcluster.charts).\n");
  });

  test("refuses a second download that is not what was pinned, and keeps what it had", async () => {
    const from = await site();
    const right = chart("0.36.2");
    const digest = digestOfChart(right);
    const stack = project(
      `{ channels: { default: 0.36.2, canary: 0.36.2 }, charts: { 0.36.2: { digest: ${digest} } } }`,
    );
    const file = join(stack.root, ".charts/published/vcluster-0.36.2.tgz");
    from.put("0.36.2", right);
    expect((await run(stack, "--repository", from.url)).stdout).toBe("chart 0.36.2: ./.charts/vcluster-0.36.2.tgz\n");
    const kept = readFileSync(file);
    const wrong = chart("0.36.2", { "vcluster/templates/extra.yaml": "kind: ClusterRoleBinding\n" });
    from.put("0.36.2", wrong);
    for (const args of [[], ["--pin", "0.36.2"]]) {
      const { code, stdout, stderr } = await run(stack, ...args, "--repository", from.url);
      expect([code, stdout, stderr]).toEqual([
        1,
        "",
        `error: chart 0.36.2 is not the pinned one: its files have digest ${digestOfChart(wrong)}, expected ${digest} (Pulumi.test.yaml, vcluster.charts)\n`,
      ]);
    }
    expect([stored(stack), readFileSync(file)]).toEqual([["published", "vcluster-0.36.2.tgz"], kept]);
  });

  test("takes an archive that is packed anew, for it installs the same", async () => {
    const from = await site();
    const digest = digestOfChart(chart("0.36.2"));
    const stack = project(`{ channels: { canary: 0.36.2 }, charts: { 0.36.2: { digest: ${digest} } } }`);
    from.put("0.36.2", chart("0.36.2", { "vcluster/README.md": "packed by a mirror" }));
    expect((await run(stack, "--pin", "0.36.2", "--repository", from.url)).code).toBe(0);
  });

  test("refuses a chart under the number of one that is built in", async () => {
    const from = await site();
    from.put("0.36.1", chart("0.36.1"));
    const { code, stderr } = await run(project(), "--pin", "0.36.1", "--repository", from.url);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^error: chart 0\.36\.1 is not the pinned one: its files have digest [0-9a-f]{64}, expected 0b356b35772470c741721a37d9160f029507d9443dc8ae7e755b2814696abdb6 \(built in: model\/facts\/chartLines\.ts\)\n$/,
    );
  });

  test.each([
    ["0.37.0", "error: this program knows charts of 0.36, and 0.37.0 is of another line"],
    ["0.35.3", "error: this program knows charts of 0.36, and 0.35.3 is of another line"],
    [
      "0.36.2-rc.1",
      "error: '0.36.2-rc.1' is no chart version: three numbers are, such as 0.36.1; none that is a candidate",
    ],
    ["latest", "error: 'latest' is no chart version"],
  ])("refuses %s before anything is downloaded", async (version, message) => {
    const stack = project();
    const { code, stderr } = await run(stack, "--pin", version, "--repository", "https://nowhere.invalid");
    expect([code, stored(stack)]).toEqual([1, []]);
    expect(stderr).toContain(message);
  });

  test("refuses a chart that no longer takes what this program sets", async () => {
    const [from, stack] = [await site(), project()];
    const { telemetry, ...properties } = (ownSchema as { properties: Record<string, unknown> }).properties;
    expect(telemetry).toBeDefined();
    const schema = JSON.stringify({ ...ownSchema, properties });
    from.put("0.36.2", chart("0.36.2", { "vcluster/values.schema.json": schema }));
    const { code, stderr } = await run(stack, "--pin", "0.36.2", "--repository", from.url);
    expect([code, stderr, stored(stack)]).toEqual([
      1,
      "error: chart 0.36.2 does not take what this program sets: telemetry (no such key). It is not installed: update this program\n",
      [],
    ]);
  });

  test("refuses an archive of another version, one that is not there, and a site in the clear", async () => {
    const [from, stack] = [await site(), project()];
    from.put("0.36.3", chart("0.36.2"));
    const said = async (...args: string[]) => (await run(stack, "--pin", ...args)).stderr;
    expect(await said("0.36.3", "--repository", from.url)).toBe(
      "error: the archive holds chart 'vcluster' 0.36.2, not vcluster 0.36.3\n",
    );
    expect(await said("0.36.4", "--repository", from.url)).toContain(`${from.url}/vcluster-0.36.4.tgz answered 404`);
    expect(await said("0.36.4", "--repository", "http://charts.example.com")).toBe(
      "error: 'http://charts.example.com' is not the https address of a folder of charts\n",
    );
  });
});

describe("npm run chart", () => {
  test("takes an archive for whichever of the stacks' charts it holds, and no other", async () => {
    const digest = digestOfChart(chart("0.36.2"));
    const stack = project(`{ channels: { canary: 0.36.2 }, charts: { 0.36.2: { digest: ${digest} } } }`);
    writeFileSync(join(stack.root, "a.tgz"), packed(chart("0.36.2")));
    expect((await run(stack, "--from", "a.tgz")).stdout).toBe("chart 0.36.2: ./.charts/vcluster-0.36.2.tgz\n");
    writeFileSync(join(stack.root, "b.tgz"), packed(chart("0.36.3")));
    expect((await run(stack, "--from", "b.tgz")).stderr).toBe(
      "error: b.tgz holds chart 'vcluster' 0.36.3, which no stack names (0.36.1, 0.36.2). To pin it: npm run chart -- --pin 0.36.3 --from b.tgz\n",
    );
  });

  test("refuses to choose between two digests of one version", async () => {
    const stack = project(`{ charts: { 0.36.2: { digest: ${"a".repeat(64)} } } }`);
    stack.write("Pulumi.other.yaml", settings(`{ charts: { 0.36.2: { digest: ${"b".repeat(64)} } } }`));
    const { code, stderr } = await run(stack);
    expect(code).toBe(1);
    expect(stderr).toContain("error: chart 0.36.2 is pinned to two digests, and one of them is wrong: ");
  });
});

const publishedPath = ".charts/published/vcluster-0.36.2.tgz";
const copyPath = ".charts/vcluster-0.36.2.tgz";

/** A stack that pins a chart, whose Pulumi CLI only says that it was started. */
function deployable(files: Files) {
  const stack = project(
    `{ channels: { canary: 0.36.2, default: 0.36.2 }, charts: { 0.36.2: { digest: ${digestOfChart(files)} } } }`,
  );
  // Asked for the gates before it is started.
  const fake = [
    "#!/bin/sh",
    'case "$*" in',
    "*--show-name*) echo organization/virtual-clusters/test;;",
    `*export*) echo '{"deployment":{"resources":[]}}';;`,
    `*--json*) echo '{"config":{},"steps":[]}';;`,
    "*) echo started;;",
    "esac",
  ];
  stack.write("bin/pulumi", fake.join("\n"));
  chmodSync(join(stack.root, "bin/pulumi"), 0o755);
  const env = { ...process.env, PATH: `${join(stack.root, "bin")}:${process.env.PATH}` };
  const place = { cwd: stack.root, env };
  // What the CLI prints goes past this process.
  const pulumi = (...args: string[]) => spawnCommand("cli/pulumi.ts", args, place);
  const refused = (...args: string[]) => runCommand("cli/pulumi.ts", args, place);
  const put = (path: string, bytes: Buffer) => {
    stack.write(path, "");
    writeFileSync(join(stack.root, path), bytes);
  };
  return { stack, pulumi, refused, put };
}

test.each(["preview", "up"])("npm run %s installs no copy of a chart whose digest is another", async (word) => {
  const right = chart("0.36.2");
  const { refused, put } = deployable(right);
  const other = chart("0.36.2", { "vcluster/templates/extra.yaml": "kind: ClusterRoleBinding\n" });
  const refusal = (path: string) => ({
    code: 1,
    stdout: "",
    stderr: `error: chart 0.36.2 is not the pinned one: its files have digest ${digestOfChart(other)}, expected ${digestOfChart(right)} (Pulumi.test.yaml, vcluster.charts). ./${path} is not installed: remove it, then npm run chart\n`,
  });
  put(copyPath, packed(other));
  expect([await refused(word, "--stack", "test"), await refused(word, "--stack=test")]).toEqual([
    refusal(copyPath),
    refusal(copyPath),
  ]);
  put(publishedPath, packed(other));
  expect(await refused(word)).toEqual(refusal(publishedPath));
});

describe("the copy of a chart that releases install", () => {
  const files = chart("0.36.2");
  const membersOf = (file: string) =>
    Object.fromEntries([...readArchive(file, file)].map(([path, bytes]) => [path, String(bytes)]));
  const { "vcluster/values.schema.json": _, ...installed } = files;

  test("has every file of the published one, byte for byte, but the schema of its values", async () => {
    const from = await site();
    from.put("0.36.2", files);
    const { stack } = deployable(files);
    expect((await run(stack, "--repository", from.url)).code).toBe(0);
    expect(membersOf(join(stack.root, publishedPath))).toEqual(files);
    expect(membersOf(join(stack.root, copyPath))).toEqual(installed);
  });

  test("is the same bytes whoever packed the published one, and when", () => {
    const made = (published: ChartFiles) => {
      const { stack } = deployable(files);
      stack.write(".charts/.keep", "");
      makeCopy(stack.root, "0.36.2", published);
      return readFileSync(join(stack.root, copyPath));
    };
    const entries = Object.entries(files).map(([path, text]) => [path, Buffer.from(text)] as const);
    const first = made(new Map(entries));
    vi.useFakeTimers({ now: 0, toFake: ["Date"] });
    onTestFinished(() => void vi.useRealTimers());
    expect(made(new Map(entries.toReversed())).equals(first)).toBe(true);
  });

  test("is made anew by `npm run preview` where it is missing or altered, and for a project that kept one archive", async () => {
    const { stack, pulumi, put } = deployable(files);
    const file = join(stack.root, copyPath);
    const preview = async () => {
      const { code, stdout, stderr } = await pulumi("preview", "--stack", "test");
      return { started: code === 0 && /^started$/m.test(stdout), stderr, members: membersOf(file) };
    };
    put(copyPath, packed(files));
    expect(await preview()).toEqual({ started: true, stderr: "", members: installed });
    expect(membersOf(join(stack.root, publishedPath))).toEqual(files);
    put(copyPath, packed({ ...installed, "vcluster/templates/extra.yaml": "kind: ClusterRoleBinding\n" }));
    expect(await preview()).toEqual({
      started: true,
      stderr: "./.charts/vcluster-0.36.2.tgz is not what is made of the published archive: it was made anew\n",
      members: installed,
    });
    rmSync(file);
    expect(await preview()).toEqual({ started: true, stderr: "", members: installed });
  });

  test("is not enough to check values by: without the published archive, that is said", async () => {
    const { stack, put } = deployable(files);
    put(copyPath, packed(installed));
    stack.write(
      "Pulumi.test.yaml",
      settings(
        `{ helmValues: { logging: { encoding: 7 } }, channels: { default: 0.36.2, canary: 0.36.2 }, charts: { 0.36.2: { digest: ${digestOfChart(files)} } } }`,
      ),
    );
    const check = () => runCommand("cli/tenants.ts", ["check"], { cwd: stack.root });
    expect(await check()).toMatchObject({
      code: 1,
      stderr:
        "error: ./.charts/vcluster-0.36.2.tgz has no schema, and the archive that it was made of is not there (./.charts/published/vcluster-0.36.2.tgz): nothing could say which values it takes. Run 'npm run chart'\n",
    });
    put(publishedPath, packed(files));
    expect((await check()).stdout).toContain("'logging.encoding' is not what chart 0.36.2 takes: expected string\n");
  });
});
