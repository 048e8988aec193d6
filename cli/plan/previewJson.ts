import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { nameOf, providerUrn } from "../../model/deploy/tenantUrns.ts";
import { toldValues } from "../../model/plan/releaseByHand.ts";
import {
  isGrouping,
  kindOf,
  knownLater,
  type Op,
  type Resource,
  type Said,
  type Step,
} from "../../model/plan/steps.ts";
import { releaseType } from "../../model/recovery/ids.ts";
import { Refusal } from "../../model/text/problems.ts";

/** What the Pulumi CLI prints with `--json` of a preview: what would be done, and what was said. */
export interface EnginePreview {
  /** Every resource that the stack has or gets, each once. */
  readonly steps: readonly Step[];
  readonly said: readonly Said[];
  /** True where what is there was made by another version of a provider: until that is deployed, engines take no targets. */
  readonly otherProviders: boolean;
  /** The settings as the program gets them, by `<namespace>:<key>`, every value as text; left out where it is not told. */
  readonly config?: Readonly<Record<string, string>>;
}

/** A resource as the CLI writes it, in a preview and in a checkpoint; of what it has beside, a plan tells nothing. */
export const stateSchema = z.object({
  urn: z.string(),
  type: z.string(),
  parent: z.string().optional(),
  /** The URN and the id of what makes it. */
  provider: z.string().optional(),
  protect: z.boolean().default(false),
  retainOnDelete: z.boolean().default(false),
  /** True where it was replaced, and its deletion has failed until now. */
  delete: z.boolean().default(false),
  taint: z.boolean().optional(),
  pendingReplacement: z.boolean().optional(),
  initErrors: z.array(z.unknown()).nullish(),
  inputs: z.record(z.string(), z.unknown()).default({}),
  outputs: z.record(z.string(), z.unknown()).default({}),
});

/** A resource as the CLI writes it. */
export type EngineState = z.output<typeof stateSchema>;

/** What becomes of a step; undefined for those that change nothing that is deployed. */
const ops = {
  same: "same",
  create: "create",
  update: "update",
  delete: "delete",
  replace: "replace",
  "create-replacement": "replace",
  "delete-replaced": "replace",
  import: "create",
  "import-replacement": "replace",
  read: undefined,
  "read-replacement": undefined,
  "read-discard": undefined,
  discard: undefined,
  "discard-replaced": undefined,
  "remove-pending-replace": undefined,
  refresh: undefined,
} as const satisfies Record<string, Op | undefined>;

const previewSchema = z.object({
  config: z.record(z.string(), z.string()).optional(),
  steps: z
    .array(
      z.object({
        op: z.enum(Object.keys(ops) as (keyof typeof ops)[]),
        urn: z.string(),
        oldState: stateSchema.optional(),
        newState: stateSchema.optional(),
      }),
    )
    .default([]),
  diagnostics: z
    .array(z.object({ urn: z.string().default(""), message: z.string(), severity: z.string() }))
    .default([]),
});

/**
 * Reads what `pulumi preview --json` prints.
 *
 * @param command what printed it, for the message
 * @throws Refusal where it is something else, which is never taken for "nothing changes".
 */
export function readPreview(text: string, command: string): EnginePreview {
  const { config, steps, diagnostics } = readJson(previewSchema, text, command);
  const byUrn = new Map<string, Step>();
  let otherProviders = false;
  for (const { op: name, urn, oldState, newState } of steps) {
    const op = ops[name];
    if (op === undefined || isDefaultProvider(urn)) continue;
    if (oldState && newState) otherProviders ||= providerOf(oldState) !== providerOf(newState);
    // A replacement comes as several steps.
    const known = byUrn.get(urn);
    const before = oldState === undefined ? known?.before : resourceOf(oldState);
    const after = newState === undefined || name === "delete-replaced" ? known?.after : resourceOf(newState);
    byUrn.set(urn, {
      op: known?.op === "replace" ? "replace" : op,
      ...(op !== "create" && before && { before }),
      ...(op !== "delete" && after && { after }),
    });
  }
  return { steps: [...byUrn.values()], said: diagnostics.flatMap(saidIn), otherProviders, ...(config && { config }) };
}

/** A resource as an event has it: of what is not there, there is no state. */
const eventSchema = z.object({
  resOutputsEvent: z
    .object({
      metadata: z.object({ op: z.string(), urn: z.string(), old: stateSchema.nullish(), new: stateSchema.nullish() }),
    })
    .optional(),
});

/**
 * Reads what a preview of `pulumi refresh` prints as a stream of JSON, an event in a line: without the stream, the CLI tells
 * how many resources have changed in the cloud, and not what of them.
 *
 * @returns what differs: before is what was deployed, after what is in the cloud
 * @throws Refusal where it is something else
 */
export function readDrift(text: string, command: string): Step[] {
  const lines = text.split("\n").filter((line) => line.startsWith("{"));
  if (lines.length === 0) throw unreadable(command, "it is no JSON");
  return lines.flatMap((line): Step[] => {
    const { metadata } = readJson(eventSchema, line, command).resOutputsEvent ?? {};
    if (metadata === undefined || isDefaultProvider(metadata.urn)) return [];
    const { op, old, new: found } = metadata;
    if (!old || isGrouping(old)) return [];
    const before = resourceOf(old);
    if (op === "delete") return [{ op, before }];
    if (op !== "update" || !found) return [];
    // What a provider does not find among what was asked for, it finds in what it was answered.
    return isDeepStrictEqual(old.inputs, found.inputs)
      ? [
          {
            op,
            before: resourceOf({ ...old, inputs: toldOutputs(old, old) }),
            after: resourceOf({ ...found, inputs: toldOutputs(old, found) }),
          },
        ]
      : [{ op, before, after: resourceOf(found) }];
  });
}

/**
 * Reads what the CLI printed as JSON, wherever it begins: warnings can stand before it.
 *
 * @throws Refusal naming the command, and what is not as it should be.
 */
export function readJson<T extends z.ZodType>(schema: T, text: string, command: string): z.output<T> {
  let value: unknown;
  try {
    value = JSON.parse(text.slice(Math.max(0, text.search(/^\{/m))));
  } catch {
    throw unreadable(command, "it is no JSON");
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw unreadable(command, `at ${issue?.path.join(".") || "its beginning"}: ${issue?.message}`);
}

function unreadable(command: string, why: string): Refusal {
  return new Refusal(
    `what '${command}' printed cannot be read (${why}); is it a Pulumi CLI that this program does not know?`,
  );
}

/** What the resources of a state are and belong to. */
export function placesOf(resources: readonly EngineState[]): Pick<Resource, "urn" | "type" | "name" | "parent">[] {
  return resources.map(({ urn, type, parent }) => ({
    ...{ urn, type, name: nameOf(urn) },
    ...(parent !== undefined && { parent }),
  }));
}

/** The engine makes these itself, one for each version of a package. */
function isDefaultProvider(urn: string): boolean {
  return /::pulumi:providers:[^:]+::default(_|$)/.test(urn);
}

/** The URN of what makes a resource: the id of a provider that is not there yet is not known. */
function providerOf({ provider }: EngineState): string | undefined {
  return provider && providerUrn(provider);
}

function resourceOf({ urn, type, parent, protect, retainOnDelete, inputs }: EngineState): Resource {
  return {
    urn,
    type,
    name: nameOf(urn),
    ...(parent !== undefined && { parent }),
    protect,
    retain: retainOnDelete,
    inputs: shown(inputs) as Resource["inputs"],
  };
}

/** Stands for a value that is not known before the deployment. Source: Pulumi's RPC marshalling, which the CLI prints as it is. */
const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
/** Marks an object as a special value, such as a secret. */
const signature = "4dabf18193072939515e22adb298388d";

/** A value as a plan may show it: what is secret is in a state as its ciphertext, and in a preview as this word. */
function shown(value: unknown): unknown {
  if (value === "[secret]") return "(secret)";
  if (value === unknown) return knownLater;
  if (Array.isArray(value)) return value.map(shown);
  if (typeof value !== "object" || value === null) return value;
  if (signature in value) return "(secret)";
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, shown(child)]));
}

function saidIn({ urn, message: raw, severity }: z.output<typeof previewSchema>["diagnostics"][number]): Said[] {
  // The CLI's marks for colours are not for readers, and the severity stands beside.
  const message = raw
    .replaceAll(/<\{%[^%]*%\}>/g, "")
    .replace(/^(error|warning): /, "")
    .trimEnd();
  // The engine's last word, whatever went wrong.
  if ((severity !== "error" && severity !== "warning") || /^(preview|refresh|update) failed$/.test(message)) return [];
  const type = urn.split("::")[2]?.split("$").at(-1) ?? "";
  return [{ severity, message, about: urn === "" ? "" : `${kindOf({ type })} ${nameOf(urn)}` }];
}

/** What a provider was answered, as it is told: of a release's values those alone that the stack has. */
function toldOutputs({ type, inputs }: EngineState, { outputs }: EngineState): EngineState["outputs"] {
  const [deployed, now] = [valuesSchema.safeParse(inputs.values).data, valuesSchema.safeParse(outputs.values).data];
  if (type !== releaseType || deployed === undefined || now === undefined) return outputs;
  return { ...outputs, values: toldValues(deployed, now) };
}

const valuesSchema = z.record(z.string(), z.unknown());
