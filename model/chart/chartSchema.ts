import { existsSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { list } from "tar";
import { Refusal } from "../text/problems.ts";
import { localChart, publishedChart, schemaFile } from "./chart.ts";

/** What is wrong with chart values at one place. */
export interface ValueProblem {
  /** The value that is wrong, or the key that the chart does not know. */
  readonly path: readonly string[];
  /** What the chart takes there. */
  readonly expected: string;
  /** True for a key that the chart does not know. */
  readonly unknown?: boolean;
}

/** Says what is wrong with chart values; an empty list where they are valid. */
export type ValuesCheck = (values: unknown) => ValueProblem[];

/** Gives the check of a chart version's values; undefined where no copy of that chart is at hand. */
export type ValuesChecks = (version: string) => ValuesCheck | undefined;

/**
 * Gives, for a chart version, the check of its values against the JSON Schema that it ships; undefined where no copy
 * of that chart is at hand. A schema is read and compiled once.
 *
 * @param root the project's root: the schema is read from the chart that is kept there
 */
export function valuesChecks(root: string): ValuesChecks {
  const compiled = new Map<string, ValuesCheck | undefined>();
  return (version) => {
    if (!compiled.has(version)) {
      const schema = chartSchema(root, version);
      compiled.set(version, schema === undefined ? undefined : valuesCheck(schema));
    }
    return compiled.get(version);
  };
}

/** The check of values against a JSON Schema. */
export function valuesCheck(schema: object): ValuesCheck {
  const options = { strict: false, allErrors: true, validateFormats: false };
  const validate = new Ajv2020(options).compile(schema);
  return (values) => (validate(values) ? [] : problems(validate));
}

function problems({ errors }: ValidateFunction): ValueProblem[] {
  return (errors ?? []).map(({ instancePath, keyword, params }) => {
    const steps = instancePath.split("/").slice(1);
    const path = steps.map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
    if (keyword === "additionalProperties") {
      return { path: [...path, String(params.additionalProperty)], expected: "no such key", unknown: true };
    }
    const { type, allowedValues } = params as { type?: string | string[]; allowedValues?: unknown[] };
    const words = allowedValues === undefined ? [type ?? "a value that its schema takes"].flat() : allowedValues;
    return { path, expected: words.join(" or ") };
  });
}

/** A sentence for whoever reads the result of a check, where the values of some of these charts could not be validated. */
export function notValidated(root: string, versions: readonly string[]): string | undefined {
  const missing = [...new Set(versions)].filter((version) => copiesOf(root, version).length === 0);
  if (missing.length === 0) return undefined;
  return `chart values were not validated: no copy of chart ${missing.join(", ")} is at hand; 'npm run chart' downloads it`;
}

/**
 * The JSON Schema of a chart version's values, from what `npm run chart` keeps; undefined where that is nothing.
 *
 * @throws Refusal where only the copy is there that releases install: nobody would see what is wrong with a value.
 */
export function chartSchema(root: string, version: string): object | undefined {
  const copies = copiesOf(root, version);
  if (copies.length === 0) return undefined;
  for (const copy of copies) {
    const text = readFromArchive(join(root, copy), schemaFile);
    if (text !== undefined) return JSON.parse(text) as object;
  }
  throw new Refusal(
    `${localChart(version)} has no schema, and the archive that it was made of is not there (${publishedChart(version)}): nothing could say which values it takes. Run 'npm run chart'`,
  );
}

/** What is at hand of a chart: as it was published, and what is installed, which in earlier releases was the same. */
function copiesOf(root: string, version: string): string[] {
  return [publishedChart(version), localChart(version)].filter((path) => existsSync(join(root, path)));
}

/** The text of one file of a .tgz, or undefined where it has none of that name. */
function readFromArchive(archive: string, path: string): string | undefined {
  const parts: Buffer[] = [];
  list({
    file: archive,
    sync: true,
    filter: (entry) => entry === path,
    onReadEntry: (entry) => {
      entry.on("data", (part: Buffer) => parts.push(part));
    },
  });
  return parts.length === 0 ? undefined : Buffer.concat(parts).toString("utf8");
}
