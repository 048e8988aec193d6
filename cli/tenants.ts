import { writeFileSync } from "node:fs";
import { basename } from "node:path";
import { Command, Option } from "commander";
import { tenantJsonSchema, tenantSchemaFile } from "../model/tenantJsonSchema.ts";
import { type CheckOptions, check } from "./checkTenants.ts";
import { runCommand } from "./runCommand.ts";
import { sizeNamesOf } from "./stacks.ts";

const program = new Command("npm run tenants --").description("Works with the tenant files.").showHelpAfterError();
program
  .command("check")
  .description("check settings and tenant files of every stack; exit code 1 on any error")
  .argument("[files...]", "print only what is said of these files")
  .addOption(
    new Option("--format <format>", "how problems are printed").choices(["text", "json", "github"]).default("text"),
  )
  .option(
    "--base <ref>",
    "compare with the tenants of a git ref, such as origin/main: refuses what would lose a tenant",
  )
  .option("-C, --cwd <folder>", "the project's folder", ".")
  .action((files: string[], options: CheckOptions) => runCommand(() => check(files, options)));
program
  .command("schema")
  .description(`write ${basename(tenantSchemaFile)}, from which editors complete and check tenant files`)
  .action(() => runCommand(async () => writeFileSync(tenantSchemaFile, tenantJsonSchema(sizeNamesOf(".")))));
await program.parseAsync();
