import { readFileSync, writeFileSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { parse, stringify } from "yaml";
import { spawnCommand } from "../support/command.ts";
import { cutOff } from "../support/cutOff.ts";
import { kubectl } from "../support/kubectl.ts";
import { TestProject } from "../support/project.ts";
import { RealEngine, requirePulumi } from "../support/realEngine.ts";
import { linkChart } from "../support/storedChart.ts";

/*
 * Deployments of fixture stack `local` that are cut off, with the real Pulumi CLI, its Kubernetes provider, Helm and the real
 * chart, on the cluster that KUBECONFIG points at. Needs `kubectl` and `helm` on PATH. The tenant's namespace, `demo`, must not
 * be there before.
 */

let project: TestProject;
let engine: RealEngine;
const tenant = "tenants/local/demo.yaml";

beforeAll(async () => {
  requirePulumi();
  project = TestProject.ofFixture("local", { keep: true });
  await linkChart(project.root);
  engine = new RealEngine(project.root);
  engine.run(["stack", "init", "local"]);
});

afterAll(() => {
  engine.tearDown("local");
  project.delete();
});

/** Helm's records, as "2 deployed", the newest last. */
const statuses = () =>
  kubectl("get", "secrets", "-n", "demo", "-l", "owner=helm", "-L", "version,status", "--no-headers")
    .split("\n")
    .filter((line) => line.startsWith("sh.helm"))
    .map((line) => line.split(/\s+/).slice(-2).join(" "))
    .sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10));

/** Tells of a release's volume claim and of what holds it: were one made anew, it would be another. */
const kept = () =>
  kubectl("get", "pvc,statefulset", "-n", "demo", "-o", "jsonpath={range .items[*]}{.kind} {.metadata.uid}\n{end}");

/** Whether the newest revision is in a state in which Helm is at work. */
const halfway = (status: string) => async () => {
  await sleep(20);
  return statuses().at(-1)?.endsWith(status) === true;
};

/** Its objects are made, and Helm waits for them. */
const installing = async () => (await halfway("pending-install")()) && kept().includes("PersistentVolumeClaim");

const place = () => ({ root: project.root, stack: "local", env: engine.environment });
const up = () => engine.run(["up", "--stack", "local", "--yes", "--skip-preview"]).output;

async function recover(...flags: string[]) {
  const args = ["--stack", "local", "--yes", ...flags];
  const printed = await spawnCommand("cli/recover.ts", args, { cwd: project.root, env: engine.environment });
  console.log(printed.stdout + printed.stderr);
  return printed;
}

describe("npm run recover on a real cluster", () => {
  test("an install that is cut off is installed again over what is there, and no volume is lost", async () => {
    expect((await cutOff(place(), installing)).killed).toBe(true);
    expect(statuses()).toEqual(["1 pending-install"]);
    const before = kept();

    const { code, stdout } = await recover();
    expect(code, stdout).toBe(0);
    expect(stdout).toMatch(/^ {2}lock: held by \S+, process \d+, for \d+ s, which runs no more$/m);
    expect(stdout).toMatch(/Helm stopped halfway: pending-install, revision 1/);
    expect(stdout).toContain("done: Helm has forgotten revision 1 of demo");
    for (const line of stdout.split("\n").filter((text) => !text.includes(".recovery")))
      expect(line.length).toBeLessThanOrEqual(80);

    up();
    expect([statuses(), kept()]).toEqual([["1 deployed"], before]);
    engine.run(["preview", "--stack", "local", "--expect-no-changes"]);
  });

  test("an upgrade that is cut off goes back with Helm where its data allow that, and forward", async () => {
    const before = kept();
    project.append(tenant, "size: medium\n");
    expect((await cutOff(place(), halfway("pending-upgrade"))).killed).toBe(true);

    expect((await recover("--rollback", "demo")).code).toBe(0);
    expect(statuses()).toContain("3 deployed");
    const { code, stdout } = await recover();
    expect(code, stdout).toBe(0);

    up();
    expect([statuses().at(-1), kept()]).toEqual(["4 deployed", before]);
  });

  test("one to another minor of Kubernetes goes forward alone", async () => {
    const before = kept();
    project.append(tenant, 'kubernetes: "1.36"\n');
    expect((await cutOff(place(), halfway("pending-upgrade"))).killed).toBe(true);

    const refused = await recover("--rollback", "demo");
    expect([refused.code, refused.stderr]).toEqual([
      1,
      expect.stringContaining("Kubernetes minor: 1.36 now, 1.35 then"),
    ]);
    const { code, stdout } = await recover();
    expect(code, stdout).toBe(0);

    up();
    expect([statuses().at(-1), kept()]).toEqual(["5 deployed", before]);
    engine.run(["preview", "--stack", "local", "--expect-no-changes"]);
  });

  test("an upgrade during which the API server is away for 45 s goes forward", async () => {
    const before = kept();
    const way = await proxy();
    onTestFinished(way.close);
    project.edit(tenant, "size: medium\n", "size: large\n");
    let away = 0;
    const { killed, output } = await cutOff(
      { ...place(), env: { ...engine.environment, KUBECONFIG: way.kubeconfig } },
      async () => {
        if (away === 0 && (await halfway("pending-upgrade")())) {
          away = Date.now();
          way.cut();
        }
        if (away > 0 && Date.now() - away > 45_000) way.mend();
        return false;
      },
    );
    expect([killed, away > 0]).toEqual([false, true]);
    console.log(output.split("\n").slice(-12).join("\n"));
    console.log(statuses().join(", "));

    const { code, stdout } = await recover();
    expect(code, stdout).toBe(0);
    up();
    expect([statuses().at(-1)?.split(" ")[1], kept()]).toEqual(["deployed", before]);
    engine.run(["preview", "--stack", "local", "--expect-no-changes"]);
  });

  test("what the state has lost and the cluster has is taken over", async () => {
    const before = kept();
    const { output } = engine.run(["stack", "export", "--stack", "local"]);
    const state = JSON.parse(output) as { deployment: { resources: { type: string }[] } };
    const lost = /:(Namespace|RoleBinding|Release)$/;
    state.deployment.resources = state.deployment.resources.filter(({ type }) => !lost.test(type));
    const file = join(project.root, "state.json");
    writeFileSync(file, JSON.stringify(state));
    engine.run(["stack", "import", "--stack", "local", "--file", file]);
    expect(engine.run(["up", "--stack", "local", "--yes", "--skip-preview"], "failure").output).toContain(
      "already exists",
    );

    const { code, stdout } = await recover();
    expect([code, stdout.match(/is taken over$/gm)]).toEqual([0, Array(3).fill("is taken over")]);
    up();
    expect(kept()).toBe(before);
    engine.run(["preview", "--stack", "local", "--expect-no-changes"]);
  });

  test("what a stack kept that was destroyed is refused by its next deployment, and taken over with what is in it", async () => {
    const keep = "dataOnRemoval: keep\n";
    project.append(tenant, keep);
    engine.run(["config", "set", "--stack", "local", "virtual-clusters:protect", "false"]);
    up();
    const there = () =>
      kubectl("get", "namespace,pvc", "-n", "demo", "-o", "jsonpath={range .items[*]}{.metadata.uid}\n{end}");
    const before = there();
    engine.run(["destroy", "--stack", "local", "--yes", "--skip-preview"]);
    expect(there()).toBe(before);
    const { output } = engine.run(["up", "--stack", "local", "--yes", "--skip-preview"], "failure");
    expect(output).toContain("already exists");

    const { code, stdout } = await recover();
    expect([code, stdout.match(/is taken over$/gm)]).toEqual([0, ["is taken over"]]);
    up();
    expect(there()).toBe(before);
    engine.run(["preview", "--stack", "local", "--expect-no-changes"]);
    project.edit(tenant, keep, "");
    up();
  });
});

/** A way to the API server that can be cut. */
async function proxy() {
  const config = parse(readFileSync(process.env.KUBECONFIG ?? "", "utf8")) as {
    clusters: { cluster: { server: string } }[];
  };
  const [{ cluster } = { cluster: { server: "" } }] = config.clusters;
  const target = new URL(cluster.server);
  const sockets = new Set<Socket>();
  let open = true;
  const server = createServer((client) => {
    if (!open) return void client.destroy();
    const upstream = connect(Number(target.port), target.hostname);
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(one);
      one.pipe(other);
      one.on("error", () => other.destroy());
      one.on("close", () => sockets.delete(one));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  cluster.server = `https://127.0.0.1:${port}`;
  const kubeconfig = join(project.root, "proxied");
  writeFileSync(kubeconfig, stringify(config), { mode: 0o600 });
  const cut = () => {
    open = false;
    for (const socket of sockets) socket.destroy();
  };
  return {
    kubeconfig,
    cut,
    mend: () => {
      open = true;
    },
    close: () => {
      cut();
      server.close();
    },
  };
}
