import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { compileCache } from "../../model/settings/compileCache.ts";
import { repository } from "../support/project.ts";

const node = process.versions.node;

/** Runs Node.js in a folder: its exit code and all that it said. */
function run(cwd: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd, encoding: "utf8" });
  return [status, stdout + stderr];
}

/** A copy of what starts the sandbox, without any package. */
function bareClone(): string {
  const folder = mkdtempSync(join(tmpdir(), "clone-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const name of ["cli", "sandbox", "model", "package.json"])
    cpSync(join(repository, name), join(folder, name), { recursive: true });
  return folder;
}

describe("before anything else, a script says in a sentence", () => {
  test("that 'npm ci' comes first", () => {
    expect(run(bareClone(), "--import", "./cli/ready.mjs", "sandbox/main.ts", "start")).toEqual([
      1,
      `error: run 'npm ci' first: it installs what this project needs, its own Node.js 24 among it (this is Node.js ${node})\n`,
    ]);
  });

  test("that this Node.js cannot load TypeScript, and where one is that can", () => {
    const args = ["--no-strip-types", "--import", "./cli/ready.mjs", "sandbox/main.ts", "start"];
    expect(run(repository, ...args)).toEqual([
      1,
      `error: Node.js ${node} cannot load this project's TypeScript: start it by 'npm run', as in 'npm run preview' and 'npm run up', which takes this project's own Node.js 24\n`,
    ]);
    const clone = bareClone();
    mkdirSync(join(clone, "node_modules"));
    writeFileSync(join(clone, "node_modules/.package-lock.json"), "{}");
    expect(run(clone, ...args)).toEqual([
      1,
      `error: Node.js ${node} cannot load this project's TypeScript: this project's own Node.js 24 is missing; run 'npm ci' again, without --ignore-scripts, and start commands by 'npm run'\n`,
    ]);
  });

  test("nothing, where all is well", () => {
    expect(run(repository, "cli/ready.mjs")).toEqual([0, ""]);
  });
});

test("what Node.js has compiled for one command is there for the next", () => {
  const { stdout } = spawnSync(
    process.execPath,
    ["--import", "./cli/ready.mjs", "-p", "require('module').getCompileCacheDir()"],
    // Without the variable by which it can be had, too.
    { cwd: repository, encoding: "utf8", env: {} },
  );
  expect(dirname(stdout.trim())).toBe(compileCache(repository));
});

test("every script of package.json asks this first", () => {
  const { scripts } = JSON.parse(readFileSync(join(repository, "package.json"), "utf8")) as {
    scripts: Record<string, string>;
  };
  const others = Object.entries(scripts).filter(
    ([, script]) => !/^(node --import \.\/cli\/ready\.mjs |node cli\/ready\.mjs && |npm run check && )/.test(script),
  );
  expect(others).toEqual([]);
});
