import { execFileSync } from "node:child_process";
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { repository, TestProject, tenantFile } from "../support/project.ts";
import { type Measured, measure, median } from "./measure.ts";
import { inMiB, inSeconds } from "./tables.ts";

/** A stack with room for this many small tenants, each with a person of its own. */
export function sandboxProject(count: number): TestProject {
  const settings = `config:
  virtual-clusters:azure:
    location: westeurope
    resourceGroup: rg-test
    clusterName: aks-test
    nodePool: { vmSize: Standard_D64s_v5, count: 200 }
    clusterAdmins: [{ user: 1a2f6b0e-4f0d-4f6c-9d5b-8b8e2f7c1a01 }]
`;
  const person = (i: number) => `00000000-0000-4000-9000-${String(i).padStart(12, "0")}`;
  const files = Array.from({ length: count }, (_, i) => [
    `tenants/test/t${i}.yaml`,
    tenantFile(`access: { admins: [{ user: ${person(i)} }] }`, "hostRole: writer", "expose: none"),
  ]);
  return new TestProject({ "Pulumi.test.yaml": settings, ...Object.fromEntries(files) });
}

/** A subscription that has the nodes. */
const options = ["--stack", "test", "--vcpu-quota", "99999"];

/** A command as package.json starts it. */
const command = (file: string, args: readonly string[], cwd: string) =>
  measure(process.execPath, ["--import", join(repository, "cli/ready.mjs"), join(repository, file), ...args], { cwd });

const sandbox = ({ root }: TestProject, ...args: string[]) => command("sandbox/main.ts", [...args, ...options], root);

/** Commits a project, and changes one of its tenants. */
export function withOneChange({ root }: TestProject): void {
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=bench", "-c", "user.email=bench@contoso.com", ...args], {
      cwd: root,
      stdio: "ignore",
    });
  git("init", "--quiet");
  git("add", "index.ts", "package.json", "Pulumi.yaml", "Pulumi.test.yaml", "tenants");
  git("commit", "--quiet", "--message", "base");
  appendFileSync(join(root, "tenants/test/t0.yaml"), "size: medium\n");
}

const plan = ({ root }: TestProject) =>
  command("cli/tenants.ts", ["plan", "--cwd", root, "--base", "HEAD"], repository);

/** The middle one of several measurements, by their time. */
async function middle(rounds: number, work: () => Promise<Measured>): Promise<Measured> {
  const all: Measured[] = [];
  for (let i = 0; i < rounds; i += 1) all.push(await work());
  const wanted = median(all.map(({ seconds }) => seconds));
  return all.toSorted((a, b) => Math.abs(a.seconds - wanted) - Math.abs(b.seconds - wanted))[0] as Measured;
}

/** The SDK alone: a program that registers nothing. */
export async function bareRow(rounds: number) {
  const project = sandboxProject(0);
  project.remove("index.ts");
  project.write("index.ts", 'import "@pulumi/pulumi";\n');
  const bare = await middle(rounds, () => sandbox(project, "preview"));
  return {
    tenants: "a program without resources",
    preview: inSeconds(bare.seconds),
    "its processor time": inSeconds(bare.processor),
    "its memory": inMiB(bare.memory),
  };
}

/** What the sandbox takes for as many tenants. Plan and preview are asked several times, for up changes what is there. */
export async function sandboxRow(count: number, rounds: number, before?: SandboxRow): Promise<SandboxRow> {
  const project = sandboxProject(count);
  const preview = await middle(rounds, () => sandbox(project, "preview"));
  const up = await sandbox(project, "up");
  withOneChange(project);
  const planned = await middle(rounds, () => plan(project));
  const each = (1000 * preview.seconds) / count;
  const growth = before === undefined ? undefined : (each / before.each).toFixed(2);
  return {
    each,
    cells: {
      tenants: String(count),
      preview: inSeconds(preview.seconds),
      "its processor time": inSeconds(preview.processor),
      "its memory": inMiB(preview.memory),
      "a tenant's share": `${each.toFixed(0)} ms`,
      "to the row before": growth,
      up: inSeconds(up.seconds),
      "memory of up": inMiB(up.memory),
      "tenants plan": inSeconds(planned.seconds),
      "memory of plan": inMiB(planned.memory),
    },
  };
}

interface SandboxRow {
  /** Milliseconds of a preview for each tenant. */
  readonly each: number;
  readonly cells: Readonly<Record<string, string | undefined>>;
}
