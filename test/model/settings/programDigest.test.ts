import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { programDigest } from "../../../model/settings/programDigest.ts";

const base = {
  "index.ts": "export {};",
  "model/size.ts": "export const size = 1;",
  "package.json": '{ "dependencies": { "@pulumi/kubernetes": "4.34.2", "yaml": "2.9.1" } }',
  "package-lock.json": "{}",
  "node_modules/@pulumi/kubernetes/package.json": '{ "version": "4.34.2" }',
  "node_modules/yaml/package.json": '{ "version": "2.9.1" }',
};

/** The digest of a program of these files; one that is undefined is not there. */
function digestOf(files: Readonly<Record<string, string | undefined>>): string {
  const root = mkdtempSync(join(tmpdir(), "program-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const [path, text] of Object.entries({ ...base, ...files })) {
    if (text === undefined) continue;
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return programDigest(join(root, "index.ts"));
}

test("a program is another one with another file, another lock, or another version installed of what it registers with", () => {
  const sdk = "node_modules/@pulumi/kubernetes/package.json";
  const others = [
    {},
    { "model/size.ts": "export const size = 2;" },
    { "package-lock.json": '{ "lockfileVersion": 3 }' },
    { [sdk]: '{ "version": "4.33.0" }' },
    { [sdk]: undefined },
  ];
  expect(new Set(others.map(digestOf)).size).toBe(others.length);
});

test("a program is the same one whatever is written beside it", () => {
  expect(digestOf({ "docs/a.md": "a", "tenants/dev/a.yaml": "owner: a", "node_modules/yaml/package.json": "{}" })).toBe(
    digestOf({}),
  );
});
