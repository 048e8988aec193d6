import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { Checkpoint, type ResourceState, type Snapshot } from "../../../sandbox/engine/checkpoint.ts";
import { integrityProblem } from "../../../sandbox/engine/integrity.ts";
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
    resources = [...resources, { ...state({ i }), urn: `urn:pulumi:s::p::t:t:T::${i}` }];
    return checkpoint.write(() => ({ resources, pending: [] }));
  });
  await Promise.all(writes);
  expect(new Checkpoint(path, "").read().resources).toHaveLength(50);
  expect(existsSync(`${path}.tmp`)).toBe(false);
});

test("a state in which something stands twice, or before what it needs, is refused: Pulumi would, too", () => {
  const urn = (type: string, name: string) => `urn:pulumi:s::p::${type}::${name}`;
  const provider = { ...state(), urn: urn("pulumi:providers:t", "p"), type: "pulumi:providers:t", id: "2" };
  const [parent, child] = [state(), { ...state(), urn: urn("t:t:T", "b") }];
  const problems = [
    [parent, parent],
    [{ ...child, parent: parent.urn }, parent],
    [parent, { ...child, provider: `${provider.urn}::2` }],
    [provider, { ...child, provider: `${provider.urn}::3` }],
    [{ ...child, dependencies: [parent.urn] }],
    [provider, { ...parent, delete: true }, parent, { ...child, parent: parent.urn, provider: `${provider.urn}::2` }],
  ].map(integrityProblem);
  expect(problems).toEqual([
    `resource '${parent.urn}' stands twice`,
    `the parent of '${child.urn}' does not stand before it`,
    `the provider of '${child.urn}' does not stand before it`,
    `the provider of '${child.urn}' does not stand before it`,
    `'${parent.urn}', on which '${child.urn}' depends, does not stand before it`,
    undefined,
  ]);
});
