import { resolve } from "node:path";
import { Option } from "commander";
import { newCommand, runCommand, runProgram, withCommonOptions } from "../console/commands.ts";
import { type PrincipalType, principalTypes } from "../model/access/deployer.ts";
import { type Inputs, loadInputs } from "../model/rules/inputs.ts";
import { readProject, stackOfFiles } from "../model/settings/project.ts";
import { settingsOfProject } from "../model/settings/settings.ts";
import { printable } from "../model/text/printable.ts";
import { InputError } from "../model/text/problems.ts";
import { checkKubelogin, checkRegistration, checkRights, checkSignIn } from "./doctor/azure.ts";
import { checkNodes } from "./doctor/capacity.ts";
import { broken, type Finding, ok } from "./doctor/finding.ts";
import { checkExistingCluster, checkTools } from "./doctor/host.ts";
import { checkNetwork } from "./doctor/network.ts";
import { checkAdministrator, checkIssuer, checkLookUp, checkObjectIds, ownObjectId } from "./doctor/people.ts";
import { checkChart, checkChartSupport, checkNode, checkPulumi } from "./doctor/project.ts";
import { checkReach, deployedCluster } from "./doctor/reach.ts";
import { checkReleases, otherContext, ownContext } from "./doctor/releases.ts";
import { rightsToGive } from "./doctor/rights.ts";
import { clusterFlags } from "./kubectl.ts";
import { requireStackOf } from "./stacks.ts";

interface Options {
  readonly stack: string;
  readonly cwd: string;
  /** True to print the commands that give the deploying identity its rights, and to look at nothing. */
  readonly rights?: boolean;
  /** The deploying identity's object id. */
  readonly principal?: string;
  /** What that id is of. */
  readonly principalType?: PrincipalType;
}

interface StackToCheck extends Inputs {
  readonly root: string;
  readonly stack: string;
  /** Where the cluster is to be; that of the Azure CLI where it is left out. */
  readonly subscriptionId: string | undefined;
}

/** Looks at everything that a deployment of a stack needs, changes nothing, and says what is missing with its fix. */
async function examine({ stack, cwd, rights = false, principal, principalType }: Options): Promise<void> {
  const root = resolve(cwd);
  requireStackOf(root, stackOfFiles(stack));
  const inputs = inputsOf(root, stack);
  if (rights) {
    if (inputs instanceof InputError) throw inputs;
    const { settings, subscriptionId } = inputs;
    console.log(rightsToGive(settings, { stack, principal, principalType, subscriptionId }).join("\n"));
    return;
  }
  const groups = await Promise.all([
    checkNode(),
    checkPulumi(root, stack),
    ...(inputs instanceof InputError ? [[wrongInputs(inputs)]] : checksOf(root, stack, inputs)),
  ]);
  const findings = groups.flat();
  for (const finding of findings) console.log(lines(finding));
  const count = (which: Finding["state"]) => findings.filter(({ state }) => state === which).length;
  console.log(`\n${verdict(stack, count("fix"), count("unknown"))}`);
  if (count("fix") > 0) process.exitCode = 1;
}

function verdict(stack: string, wrong: number, unknown: number): string {
  if (wrong > 0) return `${wrong} to mend before stack '${stack}' can be deployed.`;
  if (unknown === 0) return `Stack '${stack}' can be deployed.`;
  return `Nothing was found that keeps stack '${stack}' from being deployed; read what stands at '?' yourself.`;
}

function inputsOf(root: string, stack: string): StackToCheck | InputError {
  try {
    const project = readProject(root, stackOfFiles(stack));
    const subscriptionId = project.config["azure-native:subscriptionId"] || process.env.ARM_SUBSCRIPTION_ID;
    return { ...loadInputs(settingsOfProject(project)), root, stack, subscriptionId };
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
}

function wrongInputs({ problems }: InputError): Finding {
  return broken("settings and tenants", `${problems.length} to mend`, "npm run tenants -- check");
}

function checksOf(root: string, stack: string, inputs: StackToCheck): Promise<Finding[]>[] {
  const { settings, tenants } = inputs;
  const own = Promise.resolve([ok("settings and tenants", `right; tenants: ${tenants.length}`)]);
  const host =
    settings.existingCluster === undefined
      ? azureFindings(inputs)
      : existingFindings(inputs, clusterFlags(root, settings.existingCluster));
  return [
    own,
    checkChart(root, stack, inputs),
    Promise.resolve(checkChartSupport(inputs)),
    checkTools(settings.azure !== undefined),
    host,
  ];
}

async function existingFindings(inputs: StackToCheck, flags: readonly string[]): Promise<Finding[]> {
  const { settings, tenants, root } = inputs;
  if (settings.existingCluster === undefined) return [];
  const host = await checkExistingCluster(root, settings.existingCluster);
  const answers = host.every(({ state }) => state === "ok");
  return [...host, ...(answers ? await checkReleases(flags, tenants, inputs.stack) : [])];
}

async function azureFindings(inputs: StackToCheck): Promise<Finding[]> {
  const { azure } = inputs.settings;
  if (azure === undefined) return [];
  const kubelogin = checkKubelogin(azure, process.env);
  const { account, findings } = await checkSignIn(azure, inputs.subscriptionId);
  if (account === undefined) return [...kubelogin, ...findings];
  const [principalId, cluster] = await Promise.all([ownObjectId(account), deployedCluster(account, azure)]);
  const others = await Promise.all([
    kubelogin,
    checkRights(account, azure, inputs.stack),
    checkRegistration(account),
    checkNodes(account, azure, cluster === undefined),
    checkReach(azure, cluster),
    stuckReleases(inputs, cluster?.privateFqdn || cluster?.fqdn || undefined),
    checkAdministrator(account, principalId, azure.clusterAdmins),
    checkLookUp(inputs.people),
    checkObjectIds(inputs),
    checkIssuer(account, inputs),
    checkNetwork(account, azure),
  ]);
  return [...findings, ...others.flat()];
}

/** Of a cluster that is there. */
async function stuckReleases({ tenants, stack }: StackToCheck, server: string | undefined): Promise<Finding[]> {
  if (server === undefined) return [];
  const flags = await ownContext(server);
  return flags === undefined ? [otherContext] : checkReleases(flags, tenants, stack);
}

const marks = { ok: "ok ", fix: "FIX", unknown: "?  " } as const;

function lines({ state, subject, found, fix }: Finding): string {
  const line = `  ${marks[state]}  ${subject.padEnd(27)}  ${found}`;
  return printable(fix === undefined ? line : `${line}\n         ${fix}`);
}

const program = newCommand("npm run doctor --")
  .description(
    "Looks at everything that a real deployment of a stack needs, and says what is missing with its fix. Changes nothing in the cloud.",
  )
  .requiredOption("-s, --stack <name>", "the stack")
  .option(
    "--rights",
    "print the commands by which an owner of the subscription gives the deploying identity its rights",
  )
  .option("--principal <object id>", "with --rights: the deploying identity's object id")
  .addOption(
    new Option("--principal-type <type>", "with --principal: what that is of")
      .choices(principalTypes)
      .default("ServicePrincipal"),
  )
  .action((options: Options) => runCommand(() => examine(options)));
await runProgram(withCommonOptions(program));
