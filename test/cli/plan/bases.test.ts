import { existsSync, mkdtempSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { checkOut } from "../../../cli/gitTree.ts";
import { lendPackages, prepareBase } from "../../../cli/plan/baseProgram.ts";
import { repository, TestProject } from "../../support/project.ts";

test("a base whose folder was not there yet has no program that could have changed", () => {
  const head = new TestProject({});
  const folder = mkdtempSync(join(tmpdir(), "base-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  expect(prepareBase(join(folder, "infra/clusters"), head.root)).toEqual({ files: [], ownPackages: false });
});

test("a project without packages is lent those of this program, where the lock files are the same", () => {
  const project = new TestProject({});
  project.remove("node_modules");
  project.write("package-lock.json", readFileSync(join(repository, "package-lock.json"), "utf8"));
  const packages = join(project.root, "node_modules");
  const takeBack = lendPackages(project.root);
  expect(readlinkSync(packages)).toBe(join(repository, "node_modules"));
  takeBack();
  expect(existsSync(packages)).toBe(false);
});

test("packages that are there stay", () => {
  const { root } = new TestProject({});
  lendPackages(root)();
  expect(existsSync(join(root, "node_modules"))).toBe(true);
});

test("a folder that is in no repository is told so", () => {
  const { root } = new TestProject({});
  expect(() => checkOut(root, "origin/main")).toThrow(`${root} is in no Git repository`);
});
