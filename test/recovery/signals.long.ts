import { spawn } from "node:child_process";
import { once as occurs } from "node:events";
import { constants } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { Cloud } from "../../sandbox/cloud/cloud.ts";
import { Checkpoint } from "../../sandbox/engine/checkpoint.ts";
import { stackFiles } from "../../sandbox/sandbox.ts";
import { errorsOf, repository, TestProject } from "../support/project.ts";
import { comparable } from "./scenario.ts";

/** Every so many points; all of them where nothing else is asked for. */
const stride = Number(process.env.STRIDE ?? 1);
/** Processes at once. */
const atOnce = 2;

type Signal = "SIGKILL" | "SIGTERM" | "SIGHUP";

async function victim(project: TestProject, at: number, signal: Signal) {
  const args = [join(repository, "test/recovery/victim.ts"), project.root, project.stack, String(at), signal];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const [printed, ended] = await Promise.all([text(child.stdout), occurs(child, "exit") as Promise<[number, string]>]);
  return { points: Number(printed), code: ended[0], by: ended[1] };
}

function worldOf(project: TestProject) {
  const files = stackFiles(project.root, project.stack);
  return comparable({ snapshot: new Checkpoint(files.state, "").read(), cloud: new Cloud(files.cloud) });
}

test.each(["SIGKILL", "SIGTERM", "SIGHUP"] as const)(
  "a deployment of six tenants that %s ends at any point is finished by the next one, as if nothing had been",
  async (signal) => {
    const whole = TestProject.ofFixture("sandbox");
    const { points } = await victim(whole, Number.MAX_SAFE_INTEGER, signal);
    const once = worldOf(whole);
    // A run that was ended after all was done had its outputs written: the next one is a second deployment.
    await whole.up();
    const wanted = [once, worldOf(whole)];
    const all = Array.from({ length: Math.ceil(points / stride) }, (_, n) => n * stride);
    let ended = 0;
    const lane = async () => {
      for (let at = all.shift(); at !== undefined; at = all.shift()) {
        const project = TestProject.ofFixture("sandbox", { keep: true });
        const { code, by } = await victim(project, at, signal);
        // Writes that come together share one, so that a run can have a few points less; and the last is the end of it.
        if (by === signal || code === 128 + constants.signals[signal]) ended++;
        const next = await project.run("up");
        expect(errorsOf(next), `${signal} at ${at} of ${points}`).toEqual([]);
        expect(wanted, `${signal} at ${at} of ${points}`).toContainEqual(worldOf(project));
        project.delete();
      }
    };
    await Promise.all(Array.from({ length: atOnce }, lane));
    console.log(`${signal}: ${points} points, ended at ${ended}`);
    expect(ended).toBeGreaterThan(points / stride / 2);
  },
);
