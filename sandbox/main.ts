import { resolve } from "node:path";
import { InvalidArgumentError, Option } from "commander";
import { newCommand, runCommand, runProgram, withCommonOptions } from "../console/commands.ts";
import { columns, paint } from "../console/terminal.ts";
import { notValidated } from "../model/chart/chartSchema.ts";
import { stackNames } from "../model/settings/project.ts";
import { channelCharts } from "../model/settings/stackCharts.ts";
import { oneLine, printable } from "../model/text/printable.ts";
import { clusterGone } from "./cloud/apiServer.ts";
import { type ConditionOptions, conditionsOf, withConditions } from "./conditions.ts";
import { heading, leftLine, messageLines, remark, stepLine, tenantsOf, tenantsTable, verdict } from "./display.ts";
import { driftIn } from "./drift.ts";
import type { Command as EngineCommand, RunResult } from "./engine/run.ts";
import { nextSteps } from "./nextSteps.ts";
import { askSandbox, runSandbox, type SandboxResult, stackFiles } from "./sandbox.ts";
import { handleSignals } from "./signals.ts";
import { standingLines } from "./standing.ts";

interface Options extends ConditionOptions {
  readonly stack: string;
  readonly cwd: string;
  readonly changed?: boolean;
  readonly refresh?: boolean;
  readonly mend?: boolean;
  readonly previewOnly?: boolean;
}

const interrupt = handleSignals(() => {
  process.stdout.write("\nStopping: steps that run are finished first, so that nothing is left half done.\n");
});

type Messages = RunResult["messages"];

interface Outcome {
  readonly result: SandboxResult;
  /** What is printed last. */
  readonly verdict: string;
}

/**
 * Runs one command and prints what it does as it goes; then what went wrong and what it warns of, each once.
 *
 * @param told what a run just before has said already: it is not said again
 */
async function execute(command: EngineCommand, { stack, cwd, ...rest }: Options, told?: Messages): Promise<Outcome> {
  const began = performance.now();
  const remarks = new Set(told?.map(({ message }) => message));
  const result = await runSandbox({
    command,
    root: resolve(cwd),
    stack,
    conditions: conditionsOf(rest),
    changed: rest.changed ?? false,
    refresh: rest.refresh ?? false,
    mend: rest.mend ?? false,
    previewOnly: rest.previewOnly ?? false,
    // A plan changes nothing, so nothing can go wrong with it.
    faults: command === "preview" ? [] : (rest.fault ?? []),
    signal: interrupt.signal,
    onStep: (event) => {
      const line = event.kind === "end" ? stepLine(event) : undefined;
      if (line !== undefined) console.log(line);
    },
    onMessage: (severity, text, urn) => {
      // What the program says when it is cut off tells nothing, and what it has said it need not say again.
      if (severity !== "info" || interrupt.signal.aborted || remarks.has(text)) return;
      remarks.add(text);
      console.log(remark(text, urn));
    },
  });
  const cutOff = interrupt.signal.aborted && !result.ok;
  const said = result.messages.filter(({ message }) => !told?.some((before) => before.message === message));
  const of = (severity: string) => messageLines(said.filter((message) => message.severity === severity));
  for (const line of cutOff ? [] : of("error")) console.error(line);
  if (said.some(({ message }) => message.includes("Entra ID does not know"))) {
    console.error("  On the sandbox, Entra ID knows the people of sandbox/directory.yaml: add yours there.");
  }
  if (said.some(({ message }) => message.startsWith("ResourceGroupNotFound"))) {
    console.error("  On the sandbox, a group that somebody else has made is there with --resource-group <name>.");
  }
  if (
    said.some(({ message }) => /^ResourceNotFound:.*\/managedClusters\//.test(message) || message.includes(clusterGone))
  ) {
    const forget = `PULUMI_K8S_DELETE_UNREACHABLE=true npm run sandbox -- refresh --stack ${stack}`;
    console.error(`  The cluster is gone, with all that was in it. The state forgets it by: ${forget}`);
    console.error(`  Then it is made anew, and empty, by: npm run sandbox -- up --stack ${stack}`);
  }
  if (said.some(({ message }) => /release: not found|has no deployed releases/.test(message))) {
    console.error(
      `  Somebody has uninstalled it. The state forgets it by: npm run sandbox -- refresh --stack ${stack}`,
    );
  }
  // What is somebody else's stays theirs.
  if (said.some(({ message }) => /^(?!RoleAssignmentExists|.*not this stack's).*\balready exist/.test(message))) {
    const { state } = stackFiles(resolve(cwd), stack);
    console.error(
      `  What this stack has made, and its state lacks, is taken over, kept data too, where the state is gone altogether: move ${state} away, and run it again. What outputs remembered of removed tenants is lost by that (docs/recovery.md)`,
    );
  }
  for (const line of of("warning")) console.log(line);
  const left = cutOff ? undefined : leftLine(command, result.left);
  if (left !== undefined) console.error(left);
  const mend = rest.mend && result.ok ? "this deployment" : `npm run sandbox -- up --stack ${stack} --mend`;
  if (command === "refresh" || rest.refresh || rest.mend) await tellDrift(result, mend);
  // A deployment right after its plan would say the same again.
  const judged = result.ok && (command === "preview" || command === "up") && told === undefined;
  for (const line of judged ? standingLines(resolve(cwd), stack, result.resources) : []) console.log(line);
  const seconds = (performance.now() - began) / 1000;
  return { result, verdict: `  ${verdict(command, result, { seconds, interrupted: cutOff })}` };
}

/** Tells what is otherwise in the cloud than it was deployed, tenant by tenant. */
async function tellDrift(result: SandboxResult, mend: string): Promise<void> {
  // Another door to the commands (docs/decisions/0021), for what both engines say in the same words.
  const { driftText } = await import("../cli/plan/text.ts");
  const text = driftText(driftIn(result, mend), { width: columns(), paint });
  if (text !== "") console.log(text);
  else if (result.ok) console.log("  nothing in the cloud is otherwise than it was deployed");
}

/** Says once what could not be checked. */
function printNote({ cwd, stack }: Options): void {
  const note = notValidated(resolve(cwd), channelCharts(resolve(cwd), stack));
  if (note !== undefined) console.log(paint("dim", `  note: ${note}`));
}

async function plan(options: Options, last = true): Promise<RunResult> {
  console.log(heading(`Plan for stack '${options.stack}' on the sandbox`));
  const { result, verdict } = await execute("preview", options);
  if (last || !result.ok) printNote(options);
  console.log(verdict);
  return result;
}

/**
 * Deploys, and shows the tenants.
 *
 * @param next lines to print before the verdict, made from the stack's outputs
 */
async function up(
  options: Options,
  told?: Messages,
  next: (outputs: RunResult["outputs"]) => string = () => "",
): Promise<boolean> {
  console.log(heading(`Deploying stack '${options.stack}' on the sandbox`));
  const { result, verdict } = await execute("up", options, told);
  if (result.ok) {
    console.log(`${heading("Tenants")}\n${tenantsTable(result.outputs)}`);
    if (tenantsOf(result.outputs).length > 0) {
      console.log(`  How they connect: npm run tenants -- show <tenant> --stack ${options.stack}`);
    }
    const lines = next(result.outputs);
    if (lines !== "") console.log(lines);
    console.log("");
  }
  printNote(options);
  console.log(verdict);
  return result.ok;
}

/** Takes over into the state what has changed in the cloud, or shows what that would be. */
async function refresh(options: Options): Promise<boolean> {
  const what = options.previewOnly ? "What a refresh would take over into" : "Refreshing";
  console.log(heading(`${what} the state of stack '${options.stack}'`));
  const { result, verdict } = await execute("refresh", options);
  console.log(verdict);
  return result.ok;
}

async function destroy(options: Options): Promise<boolean> {
  console.log(heading(`Destroying stack '${options.stack}' on the sandbox`));
  const { result, verdict } = await execute("destroy", options);
  console.log(verdict);
  return result.ok;
}

/** `npm start`: the plan, the deployment, the tenants, a page about all of it, and what to try next. */
async function start(options: Options): Promise<boolean> {
  console.log("A simulated Azure and Kubernetes on this machine: the same program, no account, nothing leaves here.");
  const planned = await plan(options, false);
  if (!planned.ok) return false;
  const root = resolve(options.cwd);
  // The one door from the sandbox to the commands (docs/decisions/0018), opened when there is something to show.
  const { writeStackReport } = await import("../cli/report.ts");
  return up(options, planned.messages, (outputs) =>
    [
      `  All of it as a page, for a browser: ${printable(writeStackReport(root, options.stack))}`,
      heading("What to try next"),
      ...nextSteps(options.stack, tenantsOf(outputs), stackNames(root)).map((step, i) => `  ${i + 1}. ${step}`),
    ].join("\n"),
  );
}

function stackName(value: string): string {
  if (!/^[A-Za-z0-9][\w.-]*$/.test(value))
    throw new InvalidArgumentError("A stack's name has letters, digits, '-', '_' and '.' only.");
  return value;
}

const program = newCommand("npm run sandbox --").description(
  "Runs the Pulumi program on a simulated Azure and Kubernetes. For trying and testing, never for production.",
);

/** Does a command's work and ends with its exit code. */
function exitWith(work: () => Promise<boolean>): Promise<void> {
  return runCommand(async () => {
    process.exitCode = (await work()) ? 0 : interrupt.signal.aborted ? interrupt.exitCode() : 1;
  });
}

const commands: readonly [string, string, (options: Options) => Promise<boolean>][] = [
  ["start", "plan and deploy a stack, then say what to try next (npm start)", start],
  ["preview", "show what 'up' would do", async (options) => (await plan(options)).ok],
  ["up", "deploy a stack", (options) => up(options)],
  ["destroy", "delete a stack; what is protected is refused", destroy],
  ["refresh", "take over into the state what has changed in the cloud, as 'pulumi refresh' does, and tell it", refresh],
];
for (const [name, description, action] of commands) {
  const command = program
    .command(name)
    .description(description)
    .option(
      "-s, --stack <name>",
      "the stack: its settings are Pulumi.<name>.yaml, its tenants tenants/<name>/",
      stackName,
      "sandbox",
    );
  if (name === "preview" || name === "up") {
    command.option(
      "--changed",
      "look only at tenants that may differ from what is deployed; where that is not known, at all, and say why",
    );
  }
  if (name === "refresh") command.option("--preview-only", "show it, and keep the state as it is");
  else if (name !== "destroy") withConditions(command, { deploys: name !== "preview" });
  if (name === "preview" || name === "up")
    command.option("--refresh", "begin with what has changed in the cloud since the last deployment, and tell it");
  if (name === "up") command.option("--mend", "the same, and put back what is inside releases");
  command.action((options: Options) => exitWith(() => action(options)));
}

program
  .command("tamper")
  .description("change the simulated cloud behind the program's back: delete something, or give a field another value")
  .argument(
    "[what]",
    "<type>#<name>:delete or <type>#<name>:<field>=<value>; a part of it lists what may stand there",
    "",
  )
  .option("-s, --stack <name>", "the stack", stackName, "sandbox")
  .action((what: string, { stack, cwd }: Options) =>
    exitWith(async () => {
      const { tamper } = await import("./tamper.ts");
      for (const line of await tamper(resolve(cwd), stack, what)) console.log(oneLine(line));
      return true;
    }),
  );

interface CanIOptions extends Options {
  readonly namespace?: string;
  readonly tenant?: string;
}

program
  .command("can-i")
  .description(
    "say whether somebody could do something, and why; on the host, or with --tenant inside a virtual cluster",
  )
  .argument(
    "<who>",
    "a user, group or service principal of sandbox/directory.yaml, or an object id; on a cluster without Entra ID user:<name> or group:<name>",
  )
  .argument("<verb>", "such as get, list, create or delete")
  .argument("<resource>", "such as pods, pods/exec, deployments.apps or rayclusters.ray.io")
  .option("-n, --namespace <name>", "in this namespace of the host; the whole cluster where it is left out")
  .addOption(new Option("-t, --tenant <name>", "inside this tenant's virtual cluster").conflicts("namespace"))
  .option("-s, --stack <name>", "the stack", stackName, "sandbox")
  .action((who: string, verb: string, resource: string, { stack, cwd, namespace, tenant }: CanIOptions) =>
    exitWith(async () => {
      const place = tenant !== undefined ? { tenant } : { ...(namespace !== undefined && { namespace }) };
      const { allowed, why } = askSandbox({ root: resolve(cwd), stack, who, verb, resource, place });
      console.log(printable(`${allowed ? "yes" : "no"}: ${why}`));
      return allowed;
    }),
  );
for (const command of program.commands) withCommonOptions(command);
await runProgram(program);
