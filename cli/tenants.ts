import { resolve } from "node:path";
import { Option } from "commander";
import { newCommand, runCommand, runProgram, withCommonOptions } from "../console/commands.ts";
import { tenantLogins } from "../model/access/kubeconfig.ts";
import { expiryNoticeDays } from "../model/facts/support.ts";
import { stackSchemaFile } from "../model/settings/stackJsonSchema.ts";
import { tenantSchemaFile } from "../model/tenant/tenantJsonSchema.ts";
import { type CheckOptions, check } from "./checkTenants.ts";
import type { CiInitOptions } from "./ciInit.ts";
import { type ExpiringOptions, expiring } from "./expiring.ts";
import { type ListOptions, listTenants } from "./listTenants.ts";
import { type NewTenantOptions, newTenant } from "./newTenant.ts";
import { planFormats } from "./plan/formats.ts";
import type { PlanOptions } from "./plan.ts";
import type { ReportOptions } from "./report.ts";
import { writeSchemas } from "./schemas.ts";
import { type ShowOptions, showTenant } from "./showTenant.ts";
import { type KubeconfigOptions, printKubeconfig } from "./tenantKubeconfig.ts";

// What tells of plans, draws pages and writes pipelines is loaded where it is asked for: every other command is quicker.
const program = newCommand("npm run tenants --").description("Works with the tenant files.");
const collect = (value: string, before: string[] = []) => [...before, value];

program
  .command("check")
  .description("check settings and tenant files of every stack; exit code 1 on any error")
  .argument("[files...]", "print only what is said of these files")
  .addOption(
    new Option("--format <format>", "how problems are printed")
      .choices(["text", "json", "github", "azure"])
      .default("text"),
  )
  .option(
    "--base <ref>",
    "compare with the tenants of a git ref, such as origin/main: refuses what would lose a tenant",
  )
  .action((files: string[], options: CheckOptions) => runCommand(() => check(files, options)));
program
  .command("plan")
  .description(
    "show what the working tree changes: for whom, at what cost and risk; no account is used. Exit code 2 where it cannot be deployed, 3 where it needs a waiver (docs/gates.md)",
  )
  .option("--base <ref>", "the git ref to compare with", "origin/main")
  .option("-s, --stack <name>", "one stack only; may be given more than once", collect)
  .addOption(
    new Option(
      "--format <format>",
      "text for a terminal, markdown for a comment, json for programs, html for a browser",
    )
      .choices(planFormats)
      .default("text"),
  )
  .option("--out <file>", "write it to a file instead of printing it")
  .option("--page <file>", "write the page for a browser, too")
  .action((options: PlanOptions) => runCommand(async () => (await import("./plan.ts")).plan(options)));

program
  .command("report")
  .description(
    "write a page about the stacks: the host, who takes its room, and each tenant with all that is to say of it",
  )
  .option("-s, --stack <name>", "one stack only; may be given more than once", collect)
  .option("--out <file>", "the file that is written", "report.html")
  .action((options: ReportOptions) => runCommand(async () => (await import("./report.ts")).report(options)));
const who = "user:<name>, group:<name> or servicePrincipal:<object id>; may be given more than once";
program
  .command("new")
  .description("write a tenant file; one that is there is never overwritten")
  .argument("<name>", "the tenant's name, for ever")
  .requiredOption("-s, --stack <name>", "the stack that it belongs to")
  .requiredOption("--owner <address>", "the team's e-mail address")
  .requiredOption("--purpose <text>", "what the cluster is for, in a few words")
  .option(
    "--size <size>",
    "quota, limits and the control plane's own resources: small, medium, large, or the stack's own",
  )
  .option("--kubernetes <minor>", "the Kubernetes minor inside, such as 1.36")
  .option("--namespace <name>", "the namespace on the host, for ever; the tenant's name where it is left out")
  .option("--store <store>", "sqlite or etcd, for ever")
  .option("--channel <channel>", "default or canary")
  .option("--admin <who>", `administrator inside: ${who}`, collect)
  .option("--developer <who>", "may edit inside, likewise", collect)
  .option("--viewer <who>", "may view inside, likewise", collect)
  .option(
    "--host-role <role>",
    "what admins and developers may do in the host's namespace: none, reader, writer, admin",
  )
  .option("--expose <how>", "how the API server is reached: none, internal, public")
  .option("--allowed-cidr <range>", "range that may reach a public API server; may be given more than once", collect)
  .option(
    "--bootstrap <chart>",
    "chart to install inside, such as kuberay-operator; may be given more than once",
    collect,
  )
  .option("--expires <date>", "a day after which the platform team is reminded, such as 2027-03-31")
  .option("--data-on-removal <what>", "what becomes of the disks when the file is removed: keep, delete")
  .action((name: string, options: NewTenantOptions) => runCommand(() => newTenant(name, options)));
program
  .command("list")
  .description("print the tenants of every stack")
  .option("-s, --stack <name>", "one stack only")
  .addOption(new Option("--format <format>", "how they are printed").choices(["table", "json"]).default("table"))
  .action((options: ListOptions) => runCommand(() => listTenants(options)));
program
  .command("expiring")
  .description("print the tenants whose date is near or past")
  .option("--days <number>", "how many days before its date", String(expiryNoticeDays))
  .addOption(new Option("--format <format>", "how they are printed").choices(["table", "json"]).default("table"))
  .action((options: ExpiringOptions) => runCommand(() => expiring(options)));
program
  .command("show")
  .description(
    "print everything about one tenant: its fields, people and their rights, quota, how to connect, what is deployed",
  )
  .argument("<name>", "the tenant")
  .requiredOption("-s, --stack <name>", "the stack that it belongs to")
  .action((name: string, options: ShowOptions) => runCommand(() => showTenant(name, options)));
program
  .command("kubeconfig")
  .description(
    "print a kubeconfig without a secret in it, for a tenant's people to sign in with; asks the host by kubectl",
  )
  .argument("<name>", "the tenant")
  .requiredOption("-s, --stack <name>", "the stack that it belongs to")
  .addOption(new Option("--login <how>", "how kubelogin gets a token").choices(tenantLogins).default("azurecli"))
  .option("--context <name>", "the host's context in your kubeconfig; the current one where it is left out")
  .action((name: string, options: KubeconfigOptions) => runCommand(() => printKubeconfig(name, options)));
program
  .command("schema")
  .description(`write ${tenantSchemaFile} and ${stackSchemaFile}, from which editors complete and check the files`)
  .action(({ cwd }: { cwd: string }) => runCommand(async () => writeSchemas(resolve(cwd))));
const ci = program.command("ci").description("pipelines of a repository that deploys tenants (docs/ci.md)");
ci.command("init")
  .description("write them, and say what is to be set up by hand")
  .addOption(
    new Option("--github", "workflows for GitHub Actions; so it is where nothing is said").conflicts("azurePipelines"),
  )
  .option("--azure-pipelines", "pipelines for Azure Pipelines")
  .option(
    "-s, --stack <name>",
    "deploy these, in this order; all on Azure, production last, where none is named",
    collect,
  )
  .option("--branch <name>", "the branch that changes are merged into", "main")
  .option("--force", "write over files that somebody has changed")
  .action((options: CiInitOptions) => runCommand(async () => (await import("./ciInit.ts")).ciInit(options)));
for (const command of [...program.commands.filter((one) => one !== ci), ...ci.commands]) withCommonOptions(command);
await runProgram(program);
