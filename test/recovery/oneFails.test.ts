import { expect, test } from "vitest";
import { Cloud } from "../../sandbox/cloud/cloud.ts";
import { stackFiles } from "../../sandbox/sandbox.ts";
import { runCommand } from "../support/command.ts";
import { type TestProject, withoutGuard } from "../support/project.ts";
import { changingStack, differences, hosts, peopleIn, worldOf } from "./changingStack.ts";

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
