import { readFileSync } from "node:fs";
import { chartSchema } from "../../model/chart/chartSchema.ts";
import { newestChart } from "../../model/facts/chartLines.ts";
import { minorOf } from "../../model/facts/kubernetesVersions.ts";
import { readYaml, repository } from "./project.ts";

/** What the program sets and allows of the values of a chart line, such as "0.36"; see the file. */
export const ownSchemaOf = (line: string) => readYaml(`test/data/chart-values.${line}.schema.yaml`) as object;

/** The same for the line of the chart that a stack gets which names none. */
export const ownSchema = ownSchemaOf(minorOf(newestChart));

const named = process.env.CHART_SCHEMA;

/** The chart's own schema: in a file that `CHART_SCHEMA` names, or in the copy that `npm run chart` keeps. */
export const fullSchema =
  named === undefined ? chartSchema(repository, newestChart) : (JSON.parse(readFileSync(named, "utf8")) as object);

/** For the name of a test that needs it. */
export const whySkipped =
  fullSchema === undefined
    ? " (skipped: the chart's schema is not at hand; npm run chart, or CHART_SCHEMA=<its values.schema.json>)"
    : "";

/** The part of JSON Schema that the two are written in. */
interface Schema {
  readonly $defs?: Readonly<Record<string, Schema>>;
  readonly $ref?: string;
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly items?: boolean | Schema;
  readonly oneOf?: readonly Schema[];
}

/** Where a schema has a key, a type or a word that another one does not take, as `path: what`. */
export function disagreements(own: object, full: object): string[] {
  const resolve = ({ $ref, ...rest }: Schema, root: Schema): Schema =>
    $ref === undefined ? rest : resolve({ ...root.$defs?.[$ref.replace("#/$defs/", "")], ...rest }, root);
  const compare = (ours: Schema, theirs: Schema, path: string): string[] => {
    const [mine, other] = [resolve(ours, own), resolve(theirs, full)];
    const alternatives = [other, ...(other.oneOf ?? [])];
    const types = alternatives.flatMap(({ type }) => type ?? []);
    if (mine.type !== undefined && types.length > 0 && !types.includes(mine.type)) return [`${path}: type`];
    const words = mine.enum?.filter((word) => other.enum?.includes(word) === false) ?? [];
    return [
      ...words.map((word) => `${path}: ${String(word)}`),
      ...Object.entries(mine.properties ?? {}).flatMap(([key, child]) => {
        const below = path === "" ? key : `${path}.${key}`;
        const free = typeof other.additionalProperties === "object" ? other.additionalProperties : {};
        const known = other.properties?.[key] ?? (other.additionalProperties === false ? undefined : free);
        return known === undefined ? [`${below}: unknown`] : compare(child, known, below);
      }),
      ...(typeof mine.items === "object" && typeof other.items === "object"
        ? compare(mine.items, other.items, `${path}[]`)
        : []),
    ];
  };
  return compare(own, full, "");
}
