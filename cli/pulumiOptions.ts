import { oneLine } from "../model/text/printable.ts";
import { Refusal } from "../model/text/problems.ts";

/** What the CLI's short options are short for. Source: `pulumi up --help`, and those of `preview` and `destroy`. */
const longNames: Readonly<Record<string, string>> = {
  C: "--cwd",
  Q: "--fully-qualify-stack-names",
  c: "--config",
  d: "--debug",
  e: "--emoji",
  f: "--skip-preview",
  h: "--help",
  j: "--json",
  m: "--message",
  p: "--parallel",
  r: "--refresh",
  s: "--stack",
  t: "--target",
  v: "--verbose",
  x: "--exclude",
  y: "--yes",
};

/** Options that have a value, after "=" or as the next word: the CLI's, from the same source, and two of this program's own. */
const valued = new Set(
  [
    "cwd stack config config-file override-env message parallel verbose target target-replace exclude replace",
    "policy-pack policy-pack-config secrets-provider import-file save-plan plan output event-log client exec-kind exec-agent",
    "color tracing otel-traces profiling memprofilerate",
    "report out",
  ].flatMap((names) => names.split(" ").map((name) => `--${name}`)),
);

/** An option as the CLI reads it. */
export interface GivenOption {
  /** Its long name, such as "--stack". */
  readonly name: string;
  /** The name that was written: that one, or "-s". */
  readonly written: string;
  /** "true" for one that needs none and stands alone. */
  readonly value: string;
}

/** Words that belong together: an option, or something that is none. */
interface Part {
  readonly option?: GivenOption;
  readonly words: readonly string[];
}

/** Words of a command line with some options taken out of it. */
export interface Taken {
  /** By its long name, an option's value: the last one, as the CLI takes it, and "true" where it needs none and has none. */
  readonly options: ReadonlyMap<string, string>;
  /** The other words, in their order; short options that were written as one word are apart. */
  readonly rest: readonly string[];
}

/**
 * Takes options out of a command line that is the CLI's, which knows the rest.
 *
 * @param names their long names; a short one is taken, too
 * @throws Refusal where the CLI would read something else, or nobody can tell what.
 */
export function takeOptions(args: readonly string[], names: readonly string[]): Taken {
  const options = new Map<string, string>();
  const rest: string[] = [];
  for (const { option, words } of partsOf(args)) {
    if (option !== undefined && names.includes(option.name)) options.set(option.name, option.value);
    else rest.push(...words);
  }
  return { options, rest };
}

/** The options of a command line, in their order. */
export function optionsOf(args: readonly string[]): GivenOption[] {
  return partsOf(args).flatMap(({ option }) => option ?? []);
}

/** What the name of a variable begins with that is an option of the CLI. Source: Pulumi, "Environment variables". */
const ofEnvironment = /^PULUMI_OPTION_(?=.)/;

/** The options that the CLI takes from the environment: PULUMI_OPTION_CONFIG_FILE is --config-file. */
export function optionsOfEnvironment(environment: NodeJS.ProcessEnv): GivenOption[] {
  return Object.entries(environment).flatMap(([variable, value = ""]) =>
    ofEnvironment.test(variable) && value !== ""
      ? [
          {
            name: `--${variable.replace(ofEnvironment, "").toLowerCase().replaceAll("_", "-")}`,
            written: variable,
            value,
          },
        ]
      : [],
  );
}

/**
 * The stack that a command line names, as the CLI knows it; undefined where it names none, and the CLI takes the selected one.
 *
 * @example stackOption(["-ys", "acme/dev"]) // "acme/dev"
 * @throws Refusal where that is no stack's name: an empty one would be the selected stack.
 */
export function stackOption(args: readonly string[]): string | undefined {
  const stack = takeOptions(args, ["--stack"]).options.get("--stack");
  if (stack === undefined || /^([\w.][\w.-]*\/){0,2}[\w.][\w.-]*$/.test(stack)) return stack;
  throw new Refusal(
    `--stack is '${oneLine(stack)}', which is no stack's name: write --stack dev, --stack acme/dev or --stack acme/project/dev`,
  );
}

/** Options that make a run about something else than all of the stack in this folder, or take protection away. */
const decisive = /^PULUMI_OPTION_(IGNORE_PROTECT|CWD|(TARGET|EXCLUDE|REPLACE)\w*)$/;

/**
 * The CLI takes its options from the environment, too, where neither the gates nor whoever reads the command would see them.
 *
 * @throws Refusal where one is there that decides what a run is about.
 */
export function requireNothingHidden(environment: NodeJS.ProcessEnv): void {
  const hidden = Object.keys(environment).filter((name) => decisive.test(name) && environment[name] !== "");
  if (hidden.length === 0) return;
  throw new Refusal(`${hidden.join(", ")} is set: what a run is about is said by options of the command; unset it`);
}

function partsOf(args: readonly string[]): Part[] {
  const parts: Part[] = [];
  for (let i = 0; i < args.length; i += 1) {
    const word = args[i] ?? "";
    if (word === "--") {
      throw new Refusal(
        "'--' among the options: the Pulumi CLI would take none of what follows for an option; leave it out",
      );
    }
    // The value of an option that ends with its word is the next one, whatever that looks like.
    const next = (): string => {
      i += 1;
      return args[i] ?? "";
    };
    if (word.startsWith("--")) parts.push(longOption(word, next));
    else if (word.length > 1 && word.startsWith("-")) parts.push(...shortOptions(word, next));
    else parts.push({ words: [word] });
  }
  return parts;
}

function longOption(word: string, next: () => string): Part {
  const [, name = word, given] = /^(--[^=]+)(?:=(.*))?$/s.exec(word) ?? [];
  if (given !== undefined || !valued.has(name)) {
    return { option: { name, written: name, value: given ?? "true" }, words: [word] };
  }
  const value = next();
  return { option: { name, written: name, value }, words: [word, value] };
}

/** Short options, of which several may be one word, the last with its value: `-ys dev`, `-ysdev`, `-ys=dev`. */
function shortOptions(word: string, next: () => string): Part[] {
  const parts: Part[] = [];
  for (let left = word.slice(1); left !== ""; ) {
    const written = `-${left[0]}`;
    const name = longNames[left[0] ?? ""];
    if (name === undefined && word.length > 2) {
      throw new Refusal(
        `${written} in '${oneLine(word)}' is no option that is known: write each as a word, such as --stack dev`,
      );
    }
    const [, given] = /^.=(.+)$/s.exec(left) ?? [];
    const hasValue = name !== undefined && valued.has(name);
    const value = given ?? (hasValue ? left.slice(1) || next() : "true");
    const words = hasValue ? [written, value] : [given === undefined ? written : `${written}=${given}`];
    parts.push({ option: { name: name ?? written, written, value }, words });
    left = given === undefined && !hasValue ? left.slice(1) : "";
  }
  return parts;
}
