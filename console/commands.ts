import { Command } from "commander";
import { printError } from "./errors.ts";
import { refuseSwallowed } from "./npmOptions.ts";
import { paint } from "./terminal.ts";

/**
 * A command of the project. What is wrong with how it was called is said in one line, which names `--help`.
 *
 * @param name how it is started, such as "npm run tenants --"
 */
export function newCommand(name: string): Command {
  const program: Command = new Command(name);
  return program.configureOutput({
    outputError: (text, write) => write(paint("red", oneLineError(text, helpOf(program)), process.stderr)),
  });
}

/** The options that every command has. */
export function withCommonOptions(command: Command): Command {
  return command
    .option("-C, --cwd <folder>", "the project's folder", ".")
    .option("--debug", "show where an unexpected error comes from");
}

/** Runs what the command line asks for, unless npm has kept a part of it. */
export async function runProgram(program: Command, passedOn: readonly string[] = []): Promise<void> {
  await runCommand(async () => {
    refuseSwallowed(program, passedOn);
    await program.parseAsync();
  });
}

/** Does a command's work; an error is printed, and the exit code is 1. */
export async function runCommand(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    printError(error);
    process.exitCode = 1;
  }
}

/** Commander puts its suggestion on a line of its own. */
function oneLineError(text: string, help: string): string {
  const said = text.trim().replace(/\s*\(Did you mean (.*)\?\)/, ", did you mean '$1'?");
  return `${said}${/[.?]$/.test(said) ? "" : "."} See: ${help}\n`;
}

function helpOf(program: Command): string {
  const command = program.commands.find((one) => process.argv.slice(2).includes(one.name()));
  const [name, word] = [program.name(), command?.name()];
  if (name.endsWith("--")) return [name, ...(word === undefined ? [] : [word]), "--help"].join(" ");
  return `${name} ${word ?? "<command>"} -- --help`;
}
