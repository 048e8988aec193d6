import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { AtomicFile } from "../../sandbox/atomicFile.ts";
import { Cloud } from "../../sandbox/cloud/cloud.ts";
import { Checkpoint } from "../../sandbox/engine/checkpoint.ts";

function newPath(): string {
  const folder = mkdtempSync(join(tmpdir(), "file-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, "stack", "state.json");
}

const schema = z.strictObject({ a: z.number() });

test("what is written is read, and there is nothing before", async () => {
  const file = new AtomicFile(newPath(), "the sandbox's state");
  expect(file.read(schema)).toBeUndefined();
  await file.write(() => '{"a":1}');
  expect(file.read(schema)).toEqual({ a: 1 });
});

test("writes that come while another runs share one, which writes what there is when it begins", async () => {
  const path = newPath();
  const file = new AtomicFile(path, "the sandbox's state");
  let [now, calls] = [0, 0];
  let begun: () => void = () => {};
  const begins = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const write = () =>
    file.write(() => {
      calls++;
      begun();
      return JSON.stringify({ a: now });
    });
  const first = write();
  await begins;
  const others = [1, 2, 3].map((value) => {
    now = value;
    return write();
  });
  await Promise.all([first, ...others]);
  expect([calls, readFileSync(path, "utf8")]).toEqual([2, '{"a":3}']);
});

test("a write that fails leaves the file as it was, and the next one succeeds", async () => {
  const path = newPath();
  const file = new AtomicFile(path, "the sandbox's state");
  await file.write(() => '{"a":1}');
  const broken = () => {
    throw new Error("cannot be written out");
  };
  await expect(file.write(broken)).rejects.toThrow("cannot be written out");
  // Something in the way of the new file.
  const obstacle = join(dirname(path), ".state.json.tmp");
  mkdirSync(obstacle);
  await expect(file.write(() => '{"a":2}')).rejects.toThrow("EISDIR");
  expect(file.read(schema)).toEqual({ a: 1 });
  rmSync(obstacle, { recursive: true });
  await file.write(() => '{"a":3}');
  expect(file.read(schema)).toEqual({ a: 3 });
});

test.skipIf(process.platform === "win32")("a full disk leaves the file as it was (Windows has no ulimit)", () => {
  const path = newPath();
  const module = new URL("../../sandbox/atomicFile.ts", import.meta.url).href;
  // A limit on a file's size cuts a write short, as a full disk does: what fits is written, without an error.
  const script = `
    import { AtomicFile } from ${JSON.stringify(module)};
    process.on("SIGXFSZ", () => {});
    const file = new AtomicFile(${JSON.stringify(path)}, "the sandbox's state");
    await file.write(() => JSON.stringify("small"));
    const failed = await file.write(() => JSON.stringify("x".repeat(1_000_000))).then(() => "written", ({ cause }) => cause.code);
    await file.write(() => JSON.stringify("small again"));
    console.log(failed);`;
  const command = 'ulimit -f 64; exec "$0" --input-type=module --eval "$1"';
  const { stdout } = spawnSync("sh", ["-c", command, process.execPath, script], { encoding: "utf8" });
  expect([stdout, readFileSync(path, "utf8")]).toEqual(["EFBIG\n", '"small again"']);
});

describe("a file that holds something else is refused with its name, what is wrong and what to do:", () => {
  const whole = { version: 3, deployment: {} };
  const salt = { type: "service", state: { salt: "" } };
  test.each([
    ["[]", "the file holds []: expected a mapping"],
    ["{", "it is not JSON"],
    ["", "it is empty"],
    ['{"version":9}', "'version' is 9: a newer format, which the release that wrote it reads"],
    ['{"version":3}', "'deployment' is missing"],
    [{ ...whole, deployment: { resources: [{}] } }, "'deployment.resources[0].urn' is missing"],
    [
      { ...whole, deployment: { secrets_providers: salt } },
      "'deployment.secrets_providers.type' is 'service': expected passphrase",
    ],
  ])("a state of %j", (content, reason) => {
    const path = newPath();
    mkdirSync(dirname(path));
    writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
    expect(() => new Checkpoint(path, "").read()).toThrow(
      `${path} cannot be read as the sandbox's state: ${reason}. Move it away, it alone: 'npm run sandbox -- up --stack stack' makes it anew from the simulated cloud, but for what outputs remembered of removed tenants; or begin anew: delete the folder ${dirname(path)}`,
    );
  });

  test.each([
    ["[]", "the file holds []: expected a mapping"],
    ['{"version":3,"deployment":{}}', "'version' is 3: expected a mapping"],
    ['{"namespaces/ml":{"type":"t","parent":""}}', "'namespaces/ml.properties' is missing"],
  ])("a cloud of %j", (content, reason) => {
    const path = newPath();
    mkdirSync(dirname(path));
    writeFileSync(path, content);
    expect(() => new Cloud(path)).toThrow(
      `${path} cannot be read as the simulated cloud: ${reason}. Put a copy of it back; or begin anew: delete the folder ${dirname(path)}`,
    );
  });

  test("a folder", () => {
    const path = newPath();
    mkdirSync(path, { recursive: true });
    expect(() => new Checkpoint(path, "").read()).toThrow("cannot be read as the sandbox's state: it is a folder.");
  });
});
