import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { list } from "tar";
import { chartName, localChart } from "./chart.ts";

/** Says what is wrong with chart values; an empty list where they are valid. */
export type ValuesCheck = (values: unknown) => string[];

/**
 * Gives, for a chart version, the check of its values against the JSON Schema that it ships; undefined where no copy
 * of that chart is at hand. A schema is read and compiled once.
 *
 * @param root the project's root: a schema is read from the local chart, or from `../shared/data`
 */
export function valuesChecks(root: string): (version: string) => ValuesCheck | undefined {
  const compiled = new Map<string, ValuesCheck | undefined>();
  return (version) => {
    if (!compiled.has(version)) compiled.set(version, compile(readSchema(root, version)));
    return compiled.get(version);
  };
}

function compile(schema: string | undefined): ValuesCheck | undefined {
  if (schema === undefined) return undefined;
  const options = { strict: false, allErrors: true, validateFormats: false };
  const validate = new Ajv2020(options).compile(JSON.parse(schema) as object);
  return (values) => (validate(values) ? [] : problems(validate));
}

/** Helm's wording of the same errors: the path, then what is wrong there. */
function problems({ errors }: ValidateFunction): string[] {
  return (errors ?? []).map(({ instancePath, message = "not valid", params }) => {
    const extra = "additionalProperty" in params ? ` '${String(params.additionalProperty)}'` : "";
    return `at '${instancePath}': ${message}${extra}`;
  });
}

function readSchema(root: string, version: string): string | undefined {
  const archive = join(root, localChart(version));
  if (existsSync(archive)) return readFromArchive(archive, `${chartName}/values.schema.json`);
  const shared = join(root, "..", "shared", "data", `${chartName}-${version}`, "values.schema.json");
  return existsSync(shared) ? readFileSync(shared, "utf8") : undefined;
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
