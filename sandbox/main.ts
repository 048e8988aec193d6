import { resolve } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { notValidated } from "../model/chart/chartSchema.ts";
import { messageOf } from "../model/text/problems.ts";
import { heading, message, stepLine, tenantsTable, verdict } from "./display.ts";
import type { Command as EngineCommand, RunResult } from "./engine/run.ts";
import { askSandbox, runSandbox } from "./sandbox.ts";

interface Options {
  readonly stack: string;
  readonly cwd: string;
  /** Seconds until a new role assignment works. */
  readonly roleDelay?: number;
  /** False for an identity that may not read Entra ID. */
  readonly directory?: boolean;
}

const interrupt = new AbortController();
process.on("SIGINT", () => {
  process.stdout.write("\nStopping: steps that run are finished first, so that nothing is left half done.\n");
  interrupt.abort();
});

/** The exit code of what Ctrl-C ended, as shells give it. */
const interrupted = 130;

type Messages = RunResult["messages"];

/**
 * Runs one command and prints what it does as it goes.
 *
 * @param told what a run just before has said already: it is not said again
 */
async function execute(
  command: EngineCommand,
  { stack, cwd, roleDelay = 0, directory = true }: Options,
  told: Messages = [],
): Promise<RunResult> {
  const began = performance.now();
  const result = await runSandbox({
    command,
    root: resolve(cwd),
    stack,
    conditions: { roleDelay, directoryReadable: directory },
    signal: interrupt.signal,
    onStep: (event) => {
      const line = event.kind === "end" ? stepLine(event) : undefined;
      if (line !== undefined) console.log(line);
    },
    onMessage: (severity, text, urn) => {
      // What the program says when it is cut off tells nothing.
      if (interrupt.signal.aborted) return;
      if (told.some((before) => before.severity === severity && before.message === text)) return;
      (severity === "error" ? console.error : console.log)(message(severity, text, urn));
    },
  });
  if (result.messages.some(({ message: text }) => text.includes("Entra ID does not know"))) {
    console.error("  On the sandbox, Entra ID knows the people of sandbox/directory.yaml: add yours there.");
  }
  if (interrupt.signal.aborted) console.log("  interrupted: run it again to go on");
  console.log(`  ${verdict(command, result, (performance.now() - began) / 1000)}`);
  return result;
}

async function plan(options: Options): Promise<RunResult> {
  console.log(heading(`Plan for stack '${options.stack}' on the sandbox`));
  return execute("preview", options);
}

async function up(options: Options, told?: Messages): Promise<boolean> {
  console.log(heading(`Deploying stack '${options.stack}' on the sandbox`));
  const result = await execute("up", options, told);
  if (result.ok) console.log(`${heading("Tenants")}\n${tenantsTable(result.outputs)}`);
  return result.ok;
}

async function destroy(options: Options): Promise<boolean> {
  console.log(heading(`Destroying stack '${options.stack}' on the sandbox`));
  return (await execute("destroy", options)).ok;
}

/** `npm start`: the plan, the deployment, the tenants, and what to try next. */
async function start(options: Options): Promise<boolean> {
  console.log("A simulated Azure and Kubernetes on this machine: the same program, no account, nothing leaves here.");
  const planned = await plan(options);
  if (!planned.ok || !(await up(options, planned.messages))) return false;
  console.log(`${heading("What to try next")}
  1. Change a size: in tenants/sandbox/data.yaml add 'size: medium', then 'npm run sandbox -- preview'.
  2. Add a tenant: 'npm run tenants -- new mine --stack sandbox --owner me@contoso.com --purpose trying',
     then 'npm start'.
  3. Lose a tenant: delete tenants/sandbox/ml.yaml, then 'npm run sandbox -- up', and read why it is refused.
     'git checkout tenants' brings it back.
  4. See the article's cluster: 'npm run sandbox -- up --stack dev'.
  5. Do it for real: README.md, "For real".`);
  return true;
}

function stackName(value: string): string {
  if (!/^[A-Za-z0-9][\w.-]*$/.test(value))
    throw new InvalidArgumentError("A stack's name has letters, digits, '-', '_' and '.' only.");
  return value;
}

const program = new Command("npm run sandbox --")
  .description(
    "Runs the Pulumi program on a simulated Azure and Kubernetes. For trying and testing, never for production.",
  )
  .showHelpAfterError();

function seconds(value: string): number {
  if (!/^\d{1,5}$/.test(value)) throw new InvalidArgumentError("Write a number of seconds, such as 300.");
  return Number(value);
}

/** Does a command's work and ends with its exit code; an error is printed as one message. */
async function exitWith(work: () => Promise<boolean>): Promise<void> {
  try {
    process.exitCode = (await work()) ? 0 : interrupt.signal.aborted ? interrupted : 1;
  } catch (error) {
    console.error(message("error", messageOf(error), ""));
    process.exitCode = 1;
  }
}

const commands: readonly [string, string, (options: Options) => Promise<boolean>][] = [
  ["start", "plan and deploy a stack, then say what to try next (npm start)", start],
  ["preview", "show what 'up' would do", async (options) => (await plan(options)).ok],
  ["up", "deploy a stack", (options) => up(options)],
  ["destroy", "delete a stack; what is protected is refused", destroy],
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
    )
    .option("-C, --cwd <folder>", "the project's folder", ".");
  if (name === "start" || name === "up") {
    command.option(
      "--role-delay <seconds>",
      "simulate that a new role assignment works only after a while, in Azure up to 300 seconds; waiting for it, a minute takes a second",
      seconds,
    );
  }
  if (name !== "destroy") {
    command.option("--no-directory", "simulate a deploying identity that may not read Entra ID");
  }
  command.action((options: Options) =>
    exitWith(async () => {
      const note = name === "destroy" ? undefined : notValidated(resolve(options.cwd));
      if (note !== undefined) console.log(message("info", `note: ${note}`, ""));
      return action(options);
    }),
  );
}

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
  .option("-C, --cwd <folder>", "the project's folder", ".")
  .action((who: string, verb: string, resource: string, { stack, cwd, namespace, tenant }: CanIOptions) =>
    exitWith(async () => {
      const place = tenant !== undefined ? { tenant } : { ...(namespace !== undefined && { namespace }) };
      const { allowed, why } = askSandbox({ root: resolve(cwd), stack, who, verb, resource, place });
      console.log(`${allowed ? "yes" : "no"}: ${why}`);
      return allowed;
    }),
  );
await program.parseAsync();
