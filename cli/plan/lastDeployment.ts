import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { stringify } from "yaml";
import { z } from "zod";
import { chartFolder } from "../../model/chart/chart.ts";
import { nameOf, platformType, tenantType } from "../../model/deploy/tenantUrns.ts";
import type { Side } from "../../model/plan/stackPlan.ts";
import { problemsIn } from "../../model/plan/warnings.ts";
import { list, ours, say, type Words } from "../../model/plan/words.ts";
import { type PlatformRecord, platformRecordSchema, recordedFileSchema } from "../../model/settings/deployedFiles.ts";
import { readProjectName, stackFile } from "../../model/settings/project.ts";
import { tenantFile } from "../../model/tenant/tenantFiles.ts";
import { dnsLabel } from "../../model/tenant/tenantSchema.ts";
import type { Problem } from "../../model/text/problems.ts";
import { parseYaml } from "../../model/text/yamlSource.ts";
import { type EngineState, readJson, stateSchema } from "./previewJson.ts";
import { type Reading, readSide } from "./readSide.ts";

const checkpointSchema = z.object({ deployment: z.object({ resources: z.array(stateSchema).default([]) }) });

/**
 * Reads what `pulumi stack export` prints. Secrets are in it as ciphertext, of which nothing is read.
 *
 * @param command what printed it, for the message
 * @throws Refusal where it is something else.
 */
export function readCheckpoint(text: string, command: string): EngineState[] {
  const { deployment } = readJson(checkpointSchema, text, command);
  return deployment.resources.filter((resource) => !resource.delete);
}

/** A stack as it was deployed last, as far as its state tells. */
export interface LastDeployment {
  /** Left out where nothing is deployed. */
  readonly side?: Side;
  /** What the state does not tell, for the reader. */
  readonly notes: readonly Words[];
}

/** What the state says of the files that were deployed. */
interface Recorded {
  readonly platform: PlatformRecord | undefined;
  /** By tenant; undefined where a tenant is there, and what its file said is not. */
  readonly files: ReadonlyMap<string, string | undefined>;
  /** What the output `tenants` says of each. */
  readonly outputs: Readonly<Record<string, unknown>>;
}

/**
 * The settings and tenants of the last deployment, as its state has them. A release of this program that did not leave the
 * files in the state left less: then what the stack's output `tenants` says is laid over the files of now.
 *
 * @param root the project's folder
 * @param config the settings of now, every value as text
 * @param now the files of now, as far as they can be read
 */
export function lastDeployment(resources: readonly EngineState[], { root, stack, config, now }: Now): LastDeployment {
  const recorded = recordedIn(resources);
  if (recorded === undefined) return { notes: [] };
  const { platform, files, outputs } = recorded;
  const project = readProjectName(root);
  const settings = Object.entries(platform?.settings ?? {}).map(([key, text]) => [`${project}:${key}`, text] as const);
  const tree = {
    config: platform === undefined ? config : Object.fromEntries(settings),
    texts: new Map([...files].map(([name, text]) => [name, text ?? laidOver(name, outputs[name], now)])),
  };
  const { side, errors } = readTree(tree, root, stack);
  return {
    side: { ...side, warnings: [...side.warnings, ...warningsIn(platform)] },
    notes: notesOn(
      recorded,
      errors.length > 0 ? [...new Set(errors.flatMap(({ location }) => location?.file ?? []))] : [],
    ),
  };
}

/** What there is now. */
interface Now {
  readonly root: string;
  readonly stack: string;
  readonly config: Readonly<Record<string, string>>;
  readonly now: Side | undefined;
}

/** What is in the state; undefined where nothing of the program is. */
function recordedIn(resources: readonly EngineState[]): Recorded | undefined {
  const platform = resources.find(({ type }) => type === platformType);
  // Its name becomes a file's.
  const tenants = resources.filter(({ type, urn }) => type === tenantType && dnsLabel.test(nameOf(urn)));
  if (platform === undefined && tenants.length === 0) return undefined;
  const stack = resources.find(({ type }) => type === "pulumi:pulumi:Stack");
  return {
    platform: platformRecordSchema.safeParse(platform?.outputs.record).data,
    files: new Map(tenants.map(({ urn, outputs }) => [nameOf(urn), recordedFileSchema.safeParse(outputs.file).data])),
    outputs: z.record(z.string(), z.unknown()).safeParse(stack?.outputs.tenants).data ?? {},
  };
}

/** Reads settings and files as if they stood in a project's folder: with the same rules as those of now. */
function readTree(
  { config, texts }: { config: Now["config"]; texts: ReadonlyMap<string, string> },
  root: string,
  stack: string,
): Reading {
  const folder = mkdtempSync(join(tmpdir(), "deployed-"));
  try {
    copyFileSync(join(root, "Pulumi.yaml"), join(folder, "Pulumi.yaml"));
    const charts = join(root, chartFolder);
    if (existsSync(charts)) symlinkSync(charts, join(folder, chartFolder));
    // Names that settings give to people are found in their text.
    const values = Object.entries(config).map(([key, text]) => [key, parseYaml("", text).value ?? text]);
    writeFileSync(join(folder, stackFile(stack)), stringify({ config: Object.fromEntries(values) }));
    for (const [name, text] of texts) {
      const path = join(folder, tenantFile(stack, name));
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
    }
    const reading = readSide(folder, stack, config);
    if (reading === undefined) throw new Error("the settings that were just written are not there");
    return reading;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What the output `tenants` says of a tenant in the words of its file. */
const told = [
  "owner",
  "namespace",
  "store",
  "kubernetes",
  "size",
  "lifecycle",
  "hostRole",
  "expose",
  "dataOnRemoval",
] as const;

/** A tenant's file as it may have been: that of now, with what is known to have been otherwise. */
function laidOver(name: string, output: unknown, now: Side | undefined): string {
  const text = now?.texts.get(name);
  const tenant = now?.tenants.find((one) => one.name === name);
  const outputs = z.record(z.string(), z.unknown()).safeParse(output).data ?? {};
  const known = told.filter((field) => typeof outputs[field] === "string" && outputs[field] !== tenant?.[field]);
  // Which ranges reached a public address is not told.
  const other = known.filter((field) => field !== "expose" || outputs.expose !== "public");
  if (text !== undefined && other.length === 0) return text;
  const fields = (text === undefined ? undefined : parseYaml("", text).value) ?? { purpose: "not recorded" };
  const { allowedCidrs, ...kept } = fields as Readonly<Record<string, unknown>>;
  return stringify({
    ...kept,
    ...(allowedCidrs !== undefined && !other.includes("expose") && { allowedCidrs }),
    ...Object.fromEntries(other.map((field) => [field, outputs[field]])),
  });
}

function warningsIn(platform: PlatformRecord | undefined): Problem[] {
  const said = (platform?.warnings ?? []).map((message) => ({ severity: "warning" as const, message, about: "" }));
  return problemsIn(said).flatMap(({ location, message }) =>
    location === undefined ? [] : [{ severity: "warning" as const, location, message }],
  );
}

/** What the reader must know of where the comparison begins. */
function notesOn({ platform, files }: Recorded, wrong: readonly string[]): Words[] {
  const missing = [...files].flatMap(([name, text]) => (text === undefined ? [name] : []));
  return [
    ...(platform === undefined
      ? [
          ours(
            "The state does not say which settings were deployed: those of now are taken to be, and differences of settings are not told.",
          ),
        ]
      : []),
    ...(missing.length === 0
      ? []
      : [
          say`The state does not say what the files of ${list(missing)} held: of them only the fields that the stack's output has are compared.`,
        ]),
    ...(wrong.length === 0
      ? []
      : [
          say`As they were deployed, ${list(wrong)} cannot be read by the program of now: nothing is told of their fields.`,
        ]),
  ];
}
