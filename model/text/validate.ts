import { closest, distance } from "fastest-levenshtein";
import { z } from "zod";
import { oneLine } from "./printable.ts";
import type { Location, Problem } from "./problems.ts";
import type { Path } from "./yamlSource.ts";
import { nameOddSpace } from "./yamlSyntax.ts";

/** Finds where the value (or, with `key`, the key) at a path was written. */
export type Locate = (path: Path, key?: boolean) => Location;

export type Validated<T> = { readonly value: T; readonly problems: [] } | { readonly problems: readonly Problem[] };

/**
 * Checks a value against a strict schema and says everything that is wrong with it at once:
 * the offending value, what is allowed, and a suggestion where a key or word was probably mistyped.
 */
export function validate<S extends z.ZodType>(schema: S, value: unknown, locate: Locate): Validated<z.output<S>> {
  const result = schema.safeParse(value);
  if (result.success) return { value: result.data, problems: [] };
  return { problems: result.error.issues.flatMap((issue) => describe(schema, value, issue, locate)) };
}

/** The fields of a value that are right by themselves, with their defaults. */
export function rightFields<S extends z.ZodObject>(schema: S, value: unknown): Partial<z.output<S>> {
  const fields = Object.entries(schema.shape).flatMap(([key, field]) => {
    const result = z.safeParse(field, (value as Record<string, unknown> | undefined | null)?.[key]);
    return result.success && result.data !== undefined ? [[key, result.data] as const] : [];
  });
  return Object.fromEntries(fields) as Partial<z.output<S>>;
}

function describe(schema: z.ZodType, root: unknown, issue: z.core.$ZodIssue, locate: Locate): Problem[] {
  const path = issue.path as Path;
  const at = (message: string): Problem[] => [{ location: locate(path), message }];
  const value = valueAt(root, path);
  const name = nameOf(path);
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => ({
        location: locate([...path, key], true),
        message: unknownKey(key, path, keysAt(schema, path)),
      }));
    case "invalid_key":
      return [{ location: locate(path, true), message: `'${name}': ${issue.issues[0]?.message ?? issue.message}` }];
    case "invalid_value":
      if (value === undefined) return at(`'${name}' is missing${hintOf(schema, path)}`);
      return at(unexpected(name, value, oneOf(issue.values.map(String), value), issue.values.map(String)));
    case "invalid_union": {
      const within = withinUnion(schema, root, issue, locate);
      if (within.length > 0) return within;
      if (value !== undefined) return at(unexpected(name, value, descriptionAt(schema, path) ?? issue.message));
      return at(`'${name}' is missing${hintOf(schema, path)}`);
    }
    case "invalid_type":
      if (value === undefined) return at(`'${name}' is missing${hintOf(schema, path)}`);
      return at(unexpected(name, value, expectedType(issue, schema, path)));
    case "too_small":
    case "too_big":
      return at(`'${name}' is ${show(value)}: ${boundOf(issue)}`);
    default:
      return at(`'${name}' is ${show(value)}: ${issue.message}`);
  }
}

/** What is wrong inside a value that may have several forms: where its keys tell which one is meant, or one of them is in none. */
function withinUnion(
  schema: z.ZodType,
  root: unknown,
  { path, errors }: z.core.$ZodIssueInvalidUnion,
  locate: Locate,
): Problem[] {
  const unknownIn = (issues: readonly z.core.$ZodIssue[]) =>
    issues.flatMap((issue) => (issue.code === "unrecognized_keys" ? issue.keys : []));
  const meant = errors.filter(
    (issues) => unknownIn(issues).length === 0 && issues.some((issue) => issue.path.length > 0),
  );
  if (meant.length === 1) {
    const issues = (meant[0] ?? []).map((issue) => ({ ...issue, path: [...path, ...issue.path] }));
    return issues.flatMap((issue) => describe(schema, root, issue, locate));
  }
  const [first = [], ...others] = errors.map(unknownIn);
  const unknown = first.filter((key) => others.every((keys) => keys.includes(key)));
  const allowed = keysAt(schema, path as Path);
  return unknown.map((key) => ({
    location: locate([...path, key] as Path, true),
    message: unknownKey(key, path as Path, allowed),
  }));
}

/** "unknown key 'sise' in 'nodePool', did you mean 'size'? Allowed: …" */
export function unknownKey(key: string, parent: Path, allowed: readonly string[]): string {
  const where = parent.length === 0 ? "" : ` in '${nameOf(parent)}'`;
  const odd = nameOddSpace(key);
  if (odd !== undefined) return `the key '${oneLine(key)}'${where} has ${odd} in it; write plain spaces, or none`;
  return `unknown key '${oneLine(key)}'${where}${didYouMean(key, allowed) || ";"} allowed: ${allowed.join(", ")}`;
}

/**
 * The end of a sentence that offers the nearest allowed word, or nothing where none is near.
 *
 * @param edits how many letters may differ; by default two, or a third of a long word
 */
export function didYouMean(word: string, allowed: readonly string[], edits?: number): string {
  if (allowed.length === 0) return "";
  const guess = closest(word, [...allowed]);
  const most = edits ?? Math.max(2, Math.floor(guess.length / 3));
  return distance(word.toLowerCase(), guess.toLowerCase()) <= most ? `, did you mean '${guess}'?` : "";
}

/** A value as it is quoted in a message: never longer than one line, and nothing in it hidden. */
export function show(value: unknown): string {
  const text =
    typeof value === "string"
      ? `'${oneLine(value)}'`
      : value === null
        ? "empty"
        : oneLine(JSON.stringify(value) ?? "empty");
  const characters = [...text];
  return characters.length > 60 ? `${characters.slice(0, 57).join("")}…` : text;
}

function unexpected(name: string, value: unknown, expected: string, words: readonly string[] = []): string {
  const guess = typeof value === "string" ? didYouMean(value, words) : "";
  const where = name === "" ? "the file holds" : `'${name}' is`;
  return `${where} ${show(value)}${guess}${guess === "" ? ":" : ""} expected ${expected}`;
}

/** The allowed words; in quotes for someone who wrote a number, which YAML has read as one. */
function oneOf(words: readonly string[], value: unknown): string {
  if (words.length === 1) return String(words[0]);
  if (typeof value !== "number") return `one of ${words.join(", ")}`;
  return `one of ${words.map((word) => `"${word}"`).join(", ")}, in quotes (without them YAML reads a number, and 1.30 as 1.3)`;
}

function expectedType(issue: z.core.$ZodIssue, schema: z.ZodType, path: Path): string {
  const described = descriptionAt(schema, path);
  const type = "expected" in issue ? String(issue.expected) : "another form";
  const word =
    { record: "a mapping", object: "a mapping", array: "a list", int: "a whole number" }[type] ?? `a ${type}`;
  return described === undefined ? word : `${word} (${described})`;
}

function hintOf(schema: z.ZodType, path: Path): string {
  const described = descriptionAt(schema, path);
  return described === undefined ? "" : `: ${described}`;
}

function boundOf(issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig): string {
  const bound = issue.code === "too_small" ? issue.minimum : issue.maximum;
  const [one, many] = { string: [" character", " characters"], array: [" entry", " entries"] }[
    issue.origin as string
  ] ?? ["", ""];
  return `at ${issue.code === "too_small" ? "least" : "most"} ${bound}${Number(bound) === 1 ? one : many}`;
}

function nameOf(path: Path): string {
  const steps = path.map((step, i) => (typeof step === "number" ? `[${step}]` : i === 0 ? step : `.${step}`));
  return oneLine(steps.join(""));
}

function valueAt(root: unknown, path: Path): unknown {
  return path.reduce<unknown>((value, step) => (value as Record<string | number, unknown> | undefined)?.[step], root);
}

function keysAt(schema: z.ZodType, path: Path): string[] {
  const found = schemaAt(schema, path);
  const inner = found && unwrap(found);
  if (inner === undefined) return [];
  const forms = "options" in inner && Array.isArray(inner.options) ? (inner.options as z.ZodType[]) : [inner];
  return [...new Set(forms.flatMap((form) => ("shape" in form ? Object.keys(form.shape as object) : [])))];
}

function descriptionAt(schema: z.ZodType, path: Path): string | undefined {
  return schemaAt(schema, path)?.description;
}

/** The part of the schema that describes the value at a path, looking through defaults, optionals and pipes. */
function schemaAt(schema: z.ZodType, path: Path): z.ZodType | undefined {
  let current: z.ZodType | undefined = schema;
  for (const step of path) {
    const inner: z.ZodType | undefined = current && unwrap(current);
    if (inner === undefined) return undefined;
    if ("shape" in inner) current = (inner.shape as Record<string, z.ZodType>)[String(step)];
    else if ("element" in inner) current = inner.element as z.ZodType;
    else if ("valueType" in inner) current = inner.valueType as z.ZodType;
    else return undefined;
  }
  return current?.description === undefined && current !== undefined ? unwrap(current) : current;
}

function unwrap(schema: z.ZodType): z.ZodType {
  const definition = schema.def as { innerType?: z.ZodType; in?: z.ZodType };
  const inner = definition.innerType ?? definition.in;
  return inner === undefined ? schema : unwrap(inner);
}
