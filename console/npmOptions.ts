import { type Command, Option } from "commander";
import { Refusal } from "../model/text/problems.ts";
import { shellCommand } from "../model/text/shell.ts";

/** Where a program is started by npm, as what, and with what it was given. */
export interface Call {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The words after the program's name. */
  readonly words: readonly string[];
}

/** Options of ours that npm has, too: what is said of them may come from somebody's .npmrc. */
const ofNpm = new Set(["viewer", "yes"]);

/**
 * Refuses a command line such as `npm run up --stack=dev`: without `--`, npm takes the option for one of its own, and the
 * command would run without it.
 *
 * @param passedOn flags that the program passes on to another one, such as "--stack <name>"
 * @throws Refusal with the command as it should be.
 */
export function refuseSwallowed(
  program: Command,
  passedOn: readonly string[],
  { environment, words }: Call = { environment: process.env, words: process.argv.slice(2) },
): void {
  const script = environment.npm_lifecycle_event;
  if (script === undefined) return;
  const options = [program, ...program.commands].flatMap(({ options }) => options);
  const all = new Map(
    [...passedOn.map((flags) => new Option(flags)), ...options].map((option) => [nameOf(option), option]),
  );
  const kept = [...all].flatMap(([name, option]) => {
    const value = environment[`npm_config_${name.replaceAll("-", "_")}`];
    return value === undefined || ofNpm.has(name) ? [] : [{ option, value }];
  });
  if (kept.length === 0) return;
  const given = words[0] === script ? words.slice(1) : words;
  // Written as `--stack dev`, npm keeps the option, and its value comes as an argument.
  const lost = kept.filter(({ option, value }) => takesValue(option) && value === "true");
  const command = program.commands.find((one) => one.name() === words[0]);
  const needed = (command ?? program).registeredArguments.filter(({ required }) => required).length;
  const own = needed + (command !== undefined && given.length === words.length ? 1 : 0);
  const values = lost.length === 1 ? given.slice(own, own + 1) : [];
  const rest = values.length === 0 ? given : given.toSpliced(own, 1);
  const right = kept.flatMap(({ option, value }) => {
    if (!takesValue(option)) return [option.long ?? ""];
    return [option.long ?? "", value === "true" ? (values[0] ?? /<.*>/.exec(option.flags)?.[0] ?? "<value>") : value];
  });
  const start = script === "start" ? ["npm", "start"] : ["npm", "run", script];
  throw new Refusal(
    `npm has kept ${kept.map(({ option }) => option.long).join(", ")} for itself, and nothing was done. What is meant for the command stands after '--': ${shellCommand([...start, "--", ...rest, ...right])}`,
  );
}

/** As npm calls it: without "no-" at its beginning. */
function nameOf({ long = "" }: Option): string {
  return long.replace(/^--(no-)?/, "");
}

function takesValue({ required, optional }: Option): boolean {
  return required || optional;
}
