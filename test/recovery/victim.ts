import { readProject } from "../../model/settings/project.ts";
import { Cloud } from "../../sandbox/cloud/cloud.ts";
import { CloudProvider, packages } from "../../sandbox/cloud/provider.ts";
import { Checkpoint } from "../../sandbox/engine/checkpoint.ts";
import { run } from "../../sandbox/engine/run.ts";
import { stackFiles } from "../../sandbox/sandbox.ts";
import { handleSignals } from "../../sandbox/signals.ts";
import { runInProcess } from "../support/inProcess.ts";
import { Points } from "./points.ts";

/*
 * Deploys a stack of the sandbox and sends itself a signal at one of its points. Arguments: the project's root, the stack, the
 * point, the signal. Prints how many points there were, where it comes so far.
 */
const [root = "", stack = "", at = "", signal = ""] = process.argv.slice(2);
const files = stackFiles(root, stack);
const project = readProject(root, stack);
const interrupt = handleSignals(() => undefined);
const points = new Points(Number(at), () => process.kill(process.pid, signal));
const provider = points.provider(new CloudProvider(new Cloud(files.cloud), () => undefined));
const { ok } = await run({
  command: "up",
  project,
  state: points.store(new Checkpoint(files.state, "", { project: project.name, stack })),
  providers: Object.fromEntries(packages.map((name) => [name, provider])),
  program: runInProcess,
  goOn: true,
  signal: interrupt.signal,
});
console.log(points.passed);
process.exit(ok ? 0 : interrupt.signal.aborted ? interrupt.exitCode() : 1);
