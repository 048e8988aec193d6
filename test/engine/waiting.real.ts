import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";
import { beforeAll, describe, expect, test } from "vitest";
import { repository, TestProject } from "../support/project.ts";
import { RealEngine, requirePulumi, serveCloud } from "../support/realEngine.ts";

beforeAll(() => {
  requirePulumi();
});

describe("npm run up", () => {
  /** Runs it in a process group of its own, as a terminal does, where a role takes a while to work. */
  async function start(roleDelay: number, onLine: (line: string, interrupt: () => void) => void = () => undefined) {
    const project = TestProject.ofFixture("dev");
    const engine = new RealEngine(project.root, await serveCloud(join(project.root, "cloud.json"), { roleDelay }));
    engine.run(["stack", "init", "dev"]);
    const args = [join(repository, "cli/pulumi.ts"), "up", "--stack", "dev", "--yes", "--non-interactive"];
    const child = spawn(process.execPath, args, { cwd: project.root, env: engine.environment, detached: true });
    const lines: string[] = [];
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on("line", (line) => {
        lines.push(line);
        onLine(line, () => process.kill(-(child.pid ?? 0), "SIGINT"));
      });
    }
    const [code] = (await once(child, "exit")) as [number];
    const exported = engine.run(["stack", "export", "--stack", "dev"]).output;
    const { deployment } = JSON.parse(exported) as { deployment: { pending_operations?: object[] } };
    return { engine, code, lines, pending: deployment.pending_operations ?? [] };
  }
  const waits = (lines: readonly string[]) => lines.filter((line) => line.includes("Trying again in"));

  test("waits where the deploying identity's role does not work yet, and goes on from there", async () => {
    const { code, lines } = await start(10);
    expect([code, waits(lines).length]).toEqual([0, 1]);
    expect(lines.filter((line) => / \+ \d+ created/.test(line))).toHaveLength(2);
  });

  test("is ended by Ctrl-C while it waits, and leaves a clean state that the next one goes on from", async () => {
    const { engine, code, lines, pending } = await start(20, (line, interrupt) => {
      if (line.includes("Trying again in")) interrupt();
    });
    expect([code, waits(lines).length, pending]).toEqual([130, 1, []]);
    await setTimeout(20_000);
    const { output } = engine.run(["up", "--stack", "dev", "--yes", "--skip-preview"]);
    // What AKS refused is made now, and what Azure had made before stays as it was.
    const [, made] = /^ {4}\+ (\d+) created$/m.exec(lines.join("\n")) ?? [];
    expect(output).toMatch(new RegExp(`^ {4}\\+ \\d+ created\\n {4}${made} unchanged$`, "m"));
  });
});
