import { expect, test } from "vitest";
import { nameOf } from "../../model/deploy/tenantUrns.ts";
import { Cloud } from "../../sandbox/cloud/cloud.ts";
import { parseFault } from "../../sandbox/cloud/faults.ts";
import { resourceTypes } from "../../sandbox/cloud/provider.ts";
import { stackFiles } from "../../sandbox/sandbox.ts";
import { runCommand } from "../support/command.ts";
import { changesOf, errorsOf, type TestProject, withoutGuard } from "../support/project.ts";
import {
  changingStack,
  differences,
  hosts,
  loweringStack,
  obstacles,
  peopleIn,
  rolesIn,
  worldOf,
} from "./changingStack.ts";

/** Deploys by the sandbox's own command. */
async function up({ root, stack }: TestProject, ...faults: readonly string[]) {
  const flags = faults.flatMap((fault) => ["--fault", fault]);
  const { code, stdout, stderr } = await runCommand("sandbox/main.ts", ["up", "-s", stack, "--cwd", root, ...flags]);
  const steps = [...stdout.matchAll(/^ {2}[+~±-] (\w+) +(\S+) +(\S+)/gm)].map(([, ...words]) => words.join(" "));
  return { code, steps: withoutGuard(steps).sort(), errors: stderr.split("\n").filter(Boolean) };
}

const notReady = (name: string, did: string) =>
  `error: Release ${name}-vcluster: Helm release "${name}/${name}" was ${did}, but failed to initialize completely: context deadline exceeded`;

test.each(hosts)(
  "on $host, where two tenants never become ready, the sandbox does all else and ends with 1; the next run does these two alone",
  async (host) => {
    const { project, change } = changingStack(host);
    const cloud = () => new Cloud(stackFiles(project.root, project.stack).cloud);
    expect((await up(project)).code).toBe(0);
    change();

    expect(await up(project, "Release#slow-vcluster:helm-timeout", "Release#new-vcluster:helm-timeout")).toEqual({
      code: 1,
      steps: [
        ...host.steps,
        "create Job paused-vcluster-stop",
        "create Namespace new-namespace",
        "delete Job gone-vcluster-stop",
        "delete Namespace gone-namespace",
        "delete Release gone-vcluster",
        "update Release grown-vcluster",
        "update Release paused-vcluster",
      ].sort(),
      errors: [
        notReady("slow", "updated"),
        notReady("new", "created"),
        "  left: new, slow. What does not depend on that went on; run it again to finish",
      ],
    });
    const then = worldOf(project.checkpoint(), cloud());
    const { dev } = host.people;
    expect(peopleIn(cloud())).toEqual(["grown", "left", "new", "slow"].map((name) => `${name}: ${dev}`));

    expect(await up(project)).toEqual({
      code: 0,
      steps: ["update Release new-vcluster", "update Release slow-vcluster"],
      errors: [],
    });
    expect(differences(then, worldOf(project.checkpoint(), cloud()))).toEqual({
      cloud: ["releases/new/new", "releases/slow/slow"],
      state: ["new", "new-vcluster", "slow", "slow-vcluster"],
    });
  },
);

test.each(obstacles)(
  "on $host, where $fault keeps tenants from being changed, nobody keeps a role that was lowered, or taken; a raised one stays until it is given",
  async (host) => {
    const { project, change } = loweringStack(host);
    const roles = () => rolesIn(new Cloud(stackFiles(project.root, project.stack).cloud));
    const { ada, dev } = host.people;
    await project.up();
    expect(roles()).toEqual(
      [
        `left: ${ada} is writer`,
        `left: ${dev} is writer`,
        `lowered: ${ada} is admin`,
        `raised: ${dev} is writer`,
      ].sort(),
    );
    change();
    const failed = await project.run("up", { faults: [parseFault(host.fault, resourceTypes)] });
    expect(failed.ok).toBe(false);
    expect(
      failed.left
        .filter((urn) => urn.includes("Tenant::"))
        .map(nameOf)
        .sort(),
    ).toEqual(["left", "lowered", "raised"]);
    expect(roles()).toEqual([`left: ${dev} is writer`, `raised: ${dev} is writer`]);
    const preview = await project.run("preview");
    expect(errorsOf(preview)).toEqual([]);
    await project.up();
    expect(roles()).toEqual([`left: ${dev} is writer`, `lowered: ${ada} is writer`, `raised: ${dev} is admin`]);
    expect(changesOf(await project.run("preview"))).toEqual([]);
  },
);
