import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { Checkpoint, type ResourceState, type Snapshot } from "../../../sandbox/engine/checkpoint.ts";
import { secret } from "../../../sandbox/engine/values.ts";

const state = (inputs: ResourceState["inputs"] = {}): ResourceState => ({
  urn: "urn:pulumi:s::p::t:t:T::a",
  custom: true,
  type: "t:t:T",
  id: "1",
  inputs,
});

function file(): string {
  const folder = mkdtempSync(join(tmpdir(), "checkpoint-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, "stack", "state.json");
}

test("what is written is read again, pending operations too", async () => {
  const path = file();
  const snapshot: Snapshot = { resources: [state({ a: 1 })], pending: [{ resource: state(), type: "creating" }] };
  await new Checkpoint(path, "").write(() => snapshot);
  expect(new Checkpoint(path, "").read()).toEqual(snapshot);
});

test("a stack without secrets names no secrets provider", async () => {
  const path = file();
  await new Checkpoint(path, "").write(() => ({ resources: [state({ a: 1 })], pending: [] }));
  const { deployment } = JSON.parse(readFileSync(path, "utf8")) as { deployment: Record<string, unknown> };
  expect(Object.keys(deployment)).toEqual(["manifest", "resources", "metadata"]);
});

test("a secret is in the file as ciphertext alone, and opens with the passphrase that it was written with", async () => {
  const path = file();
  const snapshot: Snapshot = { resources: [state({ token: secret("planted-token") })], pending: [] };
  await new Checkpoint(path, "right").write(() => snapshot);
  expect(readFileSync(path, "utf8")).not.toContain("planted-token");
  expect(new Checkpoint(path, "right").read()).toEqual(snapshot);
  expect(() => new Checkpoint(path, "wrong").read()).toThrow(
    "PULUMI_CONFIG_PASSPHRASE is not the passphrase that this state was written with",
  );
});

test("writes that come together share one, and each is done when its own content is on disk", async () => {
  const path = file();
  const checkpoint = new Checkpoint(path, "");
  let resources: ResourceState[] = [];
  const writes = Array.from({ length: 50 }, (_, i) => {
    resources = [...resources, state({ i })];
    return checkpoint.write(() => ({ resources, pending: [] }));
  });
  await Promise.all(writes);
  expect(new Checkpoint(path, "").read().resources).toHaveLength(50);
  expect(existsSync(`${path}.tmp`)).toBe(false);
});
