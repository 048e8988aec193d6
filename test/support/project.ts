import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import { parse } from "yaml";
import type { ResourceState } from "../../sandbox/engine/checkpoint.ts";
import { withoutDependencies } from "../../sandbox/engine/refresh.ts";
import type { Command, RunResult } from "../../sandbox/engine/run.ts";
import { parseUrn, stackReferenceType, stackType } from "../../sandbox/engine/urn.ts";
import { runSandbox, type SandboxOptions, type SandboxResult, stackFiles } from "../../sandbox/sandbox.ts";
import { fixtureStacks, layFrame, repository } from "./frame.ts";
import { runInProcess } from "./inProcess.ts";

export { fixtureStacks, repository };

/** The settings of a small Azure stack. */
export const azureSettings = `config:
  virtual-clusters:azure:
    location: westeurope
    resourceGroup: rg-test
    clusterName: aks-test
    clusterAdmins: [{ user: admin@contoso.com }]
`;

/** The same stack in a network of its own, whose tenants have internal addresses that people reach. */
export const reachableSettings = `${azureSettings}    network: { subnet: { vnetCidr: 10.10.0.0/20, cidr: 10.10.0.0/24 }, reachableFrom: [{ routed: our hub }] }
  virtual-clusters:tenantDefaults: { expose: internal }
`;
/** Lines without those of the guard of the host, which is the same in every stack. */
export const withoutGuard = (lines: readonly string[]) => lines.filter((line) => !/\bplatform-guard-/.test(line));

/** A tenant file with nothing but what must be there, and more lines where given. */
export function tenantFile(...lines: string[]): string {
  return ["owner: team@contoso.com", "purpose: a test", ...lines, ""].join("\n");
}

/** A copy of the project's frame, around the repository's own program: its settings and tenants are the test's. */
export class TestProject {
  readonly root: string;
  readonly stack: string;

  constructor(files: Readonly<Record<string, string>>, stack = "test", { keep = false } = {}) {
    this.root = mkdtempSync(join(tmpdir(), "virtual-clusters-"));
    this.stack = stack;
    layFrame(this.root);
    for (const [path, text] of Object.entries(files)) this.write(path, text);
    if (!keep) onTestFinished(() => this.delete());
  }

  /** A project with {@link reachableSettings} and the given tenants. */
  static withTenants(tenants: Readonly<Record<string, string>>): TestProject {
    const files = Object.entries(tenants).map(([name, text]) => [`tenants/test/${name}.yaml`, text]);
    return new TestProject({ "Pulumi.test.yaml": reachableSettings, ...Object.fromEntries(files) });
  }

  /** The stacks of a folder, by default {@link fixtureStacks}, with their settings and tenants; `stack` is the one that is run. */
  static ofFixture(stack: string, { folder = fixtureStacks, keep = false } = {}): TestProject {
    const project = new TestProject({}, stack, { keep });
    for (const entry of readdirSync(folder))
      cpSync(join(folder, entry), join(project.root, entry), { recursive: true });
    return project;
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    writeFileSync(join(this.root, path), text);
  }

  append(path: string, text: string): void {
    appendFileSync(join(this.root, path), text);
  }

  /** Replaces a text that must be in a file. */
  edit(path: string, before: string, after: string): void {
    const text = readFileSync(join(this.root, path), "utf8");
    if (!text.includes(before)) throw new Error(`${path} has no ${JSON.stringify(before)}`);
    this.write(path, text.replace(before, after));
  }

  /** Removes the stack's outputs from its state, as a repaired or imported state may lack them. */
  forgetOutputs(): void {
    const { state } = stackFiles(this.root, this.stack);
    const file = JSON.parse(readFileSync(state, "utf8")) as {
      deployment: { resources: { type: string; outputs?: object }[] };
    };
    for (const resource of file.deployment.resources) if (resource.type === stackType) delete resource.outputs;
    writeFileSync(state, JSON.stringify(file));
  }

  /** Removes resources from the stack's state, as a lost or an old state lacks them; the cloud keeps them. */
  forgetResources(which: (resource: ResourceState) => boolean): void {
    const { state } = stackFiles(this.root, this.stack);
    const file = JSON.parse(readFileSync(state, "utf8")) as { deployment: { resources: ResourceState[] } };
    const { resources } = file.deployment;
    const gone = new Set(resources.filter(which).map(({ urn }) => urn));
    file.deployment.resources = resources
      .filter(({ urn }) => !gone.has(urn))
      .map((resource) => withoutDependencies(resource, gone));
    writeFileSync(state, JSON.stringify(file));
  }

  /** Deletes the project's folder; a test that keeps it for the ones after it does so itself. */
  delete(): void {
    rmSync(this.root, { recursive: true, force: true });
  }

  remove(path: string): void {
    rmSync(join(this.root, path));
  }

  run(command: Command, options: Partial<SandboxOptions> = {}): Promise<SandboxResult> {
    return runSandbox({ command, root: this.root, stack: this.stack, program: runInProcess, ...options });
  }

  /** Runs `up` and fails with what it said where it did not end well. */
  async up(): Promise<RunResult> {
    const result = await this.run("up");
    if (!result.ok) throw new Error(errorsOf(result).join("\n"));
    return result;
  }

  /** The stack's checkpoint as it is on disk. */
  checkpoint(): ResourceState[] {
    const file = JSON.parse(readFileSync(stackFiles(this.root, this.stack).state, "utf8")) as {
      deployment: { resources: ResourceState[] };
    };
    return file.deployment.resources;
  }
}

/** The errors of a run, as they were shown. */
export function errorsOf({ messages }: RunResult): string[] {
  return messages.filter(({ severity }) => severity === "error").map(({ message }) => message.trimEnd());
}

const isComponent = (type: string) => type.startsWith("virtual-clusters:");

/** The steps of a run that changed something, as "op Type name". */
function stepsOf({ steps }: RunResult, which: (type: string) => boolean): string[] {
  return steps
    .map(({ op, urn }) => ({ op, ...parseUrn(urn) }))
    .filter(({ op, type }) => op !== "same" && which(type))
    .map(({ op, type, name }) => `${op} ${type.split(":").at(-1)} ${name}`)
    .sort();
}

/** The resources that a run changed, as "op Type name"; components and the stack are left out. */
export function changesOf(result: RunResult): string[] {
  return stepsOf(result, (type) => !isComponent(type) && type !== stackType);
}

/** The components that a run changed, likewise. */
export function componentChangesOf(result: RunResult): string[] {
  return stepsOf(result, isComponent);
}

/** Resources in the order of their URNs, without the stack itself and its reading of its own outputs. */
export function sortedResources(resources: readonly ResourceState[]): ResourceState[] {
  return resources
    .filter(({ type }) => type !== stackType && type !== stackReferenceType)
    .sort((a, b) => a.urn.localeCompare(b.urn));
}

/** A YAML file of the repository. */
export function readYaml(path: string): unknown {
  return parse(readFileSync(join(repository, path), "utf8"));
}
