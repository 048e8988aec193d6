import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { stacksOf } from "../cli/stacks.ts";
import { messageOf } from "../model/text/problems.ts";
import { runSandbox, stackFiles } from "../sandbox/sandbox.ts";
import { release } from "./support/changelog.ts";
import { fixtureStacks, layFrame, releases, repository } from "./support/frame.ts";

/** Deploys a fixture stack on the sandbox, and keeps what that leaves together with what was deployed. */
async function keep(stack: string, folder: string): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), "release-"));
  try {
    layFrame(root);
    for (const path of [`Pulumi.${stack}.yaml`, `tenants/${stack}`]) {
      for (const target of [root, folder]) cpSync(join(fixtureStacks, path), join(target, path), { recursive: true });
    }
    const { ok, messages } = await runSandbox({ command: "up", root, stack });
    if (!ok) throw new Error(messages.map(({ message }) => message).join("\n"));
    const { state, cloud } = stackFiles(root, stack);
    cpSync(state, join(folder, "state.json"));
    cpSync(cloud, join(folder, "cloud.json"));
  } finally {
    rmSync(root, { recursive: true });
  }
}

async function makeRelease(version: string): Promise<void> {
  const target = join(releases, version);
  if (existsSync(target)) throw new Error(`release ${version} is there already`);
  const changelog = join(repository, "CHANGELOG.md");
  const text = release(readFileSync(changelog, "utf8"), version, new Date().toISOString().slice(0, 10));
  for (const stack of stacksOf(fixtureStacks)) await keep(stack, join(target, stack));
  // Also in package-lock.json; the commit and the tag are the maintainer's.
  const { status } = spawnSync("npm", ["version", version, "--no-git-tag-version"], {
    cwd: repository,
    stdio: "inherit",
  });
  if (status !== 0) throw new Error(`npm did not take ${version} for the version`);
  writeFileSync(changelog, text);
  console.log(`${version} is made. Next: npm test, commit, and tag it v${version}.`);
}

function versionNumber(text: string): string {
  if (!/^\d+\.\d+\.\d+$/.test(text)) throw new InvalidArgumentError("Write a version such as 0.2.0.");
  return text;
}

await new Command("npm run release --")
  .description("Makes a release: version, CHANGELOG.md, and a fixture of what it leaves of the fixture stacks.")
  .argument("<version>", "such as 0.2.0", versionNumber)
  .action(async (version: string) => {
    try {
      await makeRelease(version);
    } catch (error) {
      console.error(`error: ${messageOf(error)}`);
      process.exitCode = 1;
    }
  })
  .parseAsync();
