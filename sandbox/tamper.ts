import { valuesChecks } from "../model/chart/chartSchema.ts";
import { kindOf } from "../model/plan/steps.ts";
import { readProject } from "../model/settings/project.ts";
import { oneLine } from "../model/text/printable.ts";
import { messageOf, Refusal } from "../model/text/problems.ts";
import { didYouMean } from "../model/text/validate.ts";
import { releaseType } from "./cloud/apiServer.ts";
import { Cloud } from "./cloud/cloud.ts";
import { withField } from "./cloud/kind.ts";
import { CloudProvider } from "./cloud/provider.ts";
import { editInside, objectsOf } from "./cloud/releaseObjects.ts";
import { Checkpoint, type ResourceState } from "./engine/checkpoint.ts";
import { parseUrn, providerType } from "./engine/urn.ts";
import { isObject, openSecrets, type Properties, type Value } from "./engine/values.ts";
import { isLost, requireCloud } from "./lostFiles.ts";
import { lockStack, stackFiles } from "./sandbox.ts";

type Scalar = string | number | boolean;

/** A field of something in the simulated cloud, and what it says. */
interface Field {
  readonly path: readonly string[];
  readonly value: Scalar;
}

/** Something in the simulated cloud that somebody may change behind the program's back. */
interface Target {
  /** Such as "Namespace#ml-namespace": its type, and the name that the program or the chart gave to it. */
  readonly name: string;
  readonly fields: readonly Field[];
  readonly remove: () => Promise<void>;
  readonly change: (field: Field) => Promise<void>;
}

/**
 * Changes the simulated cloud of a stack behind the program's back, as somebody does by hand.
 *
 * @param what `<type>#<name>:delete` or `<type>#<name>:<field>=<value>`; without a part of it, what may stand there is listed
 * @returns lines that say what was done, or what there is
 * @throws Refusal where there is no such thing or field, or the cloud would not let it happen
 */
export async function tamper(root: string, stack: string, what: string): Promise<string[]> {
  readProject(root, stack);
  const files = stackFiles(root, stack);
  requireCloud(files, stack);
  const unlock = lockStack(files, stack);
  try {
    const cloud = new Cloud(files.cloud);
    const state = new Checkpoint(files.state, process.env.PULUMI_CONFIG_PASSPHRASE ?? "");
    // As a refresh does, it refuses where the state is gone.
    isLost(files, "refresh", state, cloud);
    const { resources } = state.read();
    const lines = await tamperWith(await targetsOf(cloud, resources, root), stack, what);
    await cloud.keep();
    return lines;
  } finally {
    unlock();
  }
}

async function tamperWith(targets: readonly Target[], stack: string, what: string): Promise<string[]> {
  const names = targets.map(({ name }) => name).sort();
  const [, wanted = "", edit = ""] = /^([^:]*)(?::(.*))?$/s.exec(what) ?? [];
  if (wanted === "") return names;
  const target = targets.find(({ name }) => name.toLowerCase() === wanted.toLowerCase());
  if (target === undefined) {
    const ofType = names.filter((name) => name.toLowerCase().startsWith(`${wanted.toLowerCase()}#`));
    if (ofType.length > 0 && edit === "") return ofType;
    const guess = didYouMean(wanted, names);
    throw new Refusal(
      `the cloud has no ${oneLine(wanted)}${guess || ";"} 'npm run sandbox -- tamper --stack ${stack}' lists what it has`,
    );
  }
  const { name, fields } = target;
  if (edit === "") return [`${name}:delete`, ...fields.map(({ path, value }) => `${name}:${path.join(".")}=${value}`)];
  if (edit === "delete") {
    await target.remove();
    return [`${name} is deleted, and nobody has told the program`];
  }
  const [, path = "", text] = /^([^=]+)=(.*)$/s.exec(edit) ?? [];
  const paths = fields.map((field) => field.path.join("."));
  const field = fields[paths.indexOf(path)];
  if (text === undefined)
    throw new Refusal(`'${oneLine(edit)}' is no change: write ${name}:delete or ${name}:<field>=<value>`);
  if (field === undefined) {
    const guess = didYouMean(path, paths) || ";";
    throw new Refusal(
      `${name} has no field ${oneLine(path)} to change${guess} 'npm run sandbox -- tamper ${name} --stack ${stack}' lists its fields`,
    );
  }
  const value = valueLike(field, text, name);
  if (value === field.value) throw new Refusal(`${path} of ${name} is ${oneLine(text)} already`);
  await target.change({ path: field.path, value });
  return [`${name}: ${path}: ${field.value} -> ${value}, and nobody has told the program`];
}

/**
 * The value as one of the field's own type. Every number that the program sets is a whole one, and neither Azure nor Kubernetes
 * takes a negative one there.
 */
function valueLike({ path, value }: Field, text: string, name: string): Scalar {
  const fits = {
    number: ["a whole number of 0 or more", /^\d+$/],
    boolean: ["true or false", /^(true|false)$/],
    string: ["a text", /^/],
  } as const;
  const [what, pattern] = fits[typeof value as keyof typeof fits];
  if (!pattern.test(text))
    throw new Refusal(`${path.join(".")} of ${name} is ${what}: '${oneLine(text)}' cannot stand there`);
  return typeof value === "number" ? Number(text) : typeof value === "boolean" ? text === "true" : text;
}

/** All that can be tampered with: what the state knows and the cloud has, and what is inside releases. */
async function targetsOf(cloud: Cloud, resources: readonly ResourceState[], root: string): Promise<Target[]> {
  const provider = new CloudProvider(cloud, valuesChecks(root));
  const targets: Target[] = [];
  for (const state of resources) {
    const { urn, type, custom, external = false, delete: old = false } = state;
    if (!custom || external || old || type.startsWith(providerType)) continue;
    const read = await provider.read(state.id ?? "", urn, state.outputs ?? {});
    if (read.id !== "" && read.inputs !== undefined) targets.push(targetOf(provider, state, read.inputs, read.props));
    if (type === releaseType) targets.push(...insideOf(cloud, state.id ?? ""));
  }
  return targets;
}

function targetOf(
  provider: CloudProvider,
  { urn, id = "", type }: ResourceState,
  inputs: Properties,
  outputs: Properties,
): Target {
  const name = `${kindOf({ type })}#${parseUrn(urn).name}`;
  return {
    name,
    fields: fieldsOf(openSecrets(inputs)).filter(({ path: [first = ""] }) => !fixed(type).includes(first)),
    remove: () => refused(name, () => provider.delete(id, urn)),
    change: ({ path, value }) =>
      refused(name, async () => {
        const changed = withField(inputs, path, value) as Properties;
        const { failures } = await provider.check(urn, inputs, changed);
        const [failure] = failures;
        if (failure !== undefined) throw new Refusal(failure.reason);
        const { replaces } = await provider.diff(id, urn, outputs, changed);
        if (replaces.length > 0) throw new Refusal(`${path.join(".")} cannot change while it is there`);
        await provider.update(id, urn, outputs, changed);
      }),
  };
}

/**
 * What of something nobody changes: what says what it is. Of a release also how Helm goes about it, which is no part of the cloud,
 * and its chart, for the cloud has no other.
 */
const fixed = (type: string) => ["apiVersion", "kind", ...(type === releaseType ? ofHelm : [])];
const ofHelm = ["chart", "version", "timeout", "maxHistory", "disableOpenapiValidation"];

function insideOf(cloud: Cloud, id: string): Target[] {
  const found = cloud.get(`releases/${id}`);
  return (found === undefined ? [] : objectsOf(found)).map((object) => {
    const { apiVersion: _, kind, metadata, ...rest } = object;
    const name = `${kind}#${metadata.name}`;
    return {
      name,
      fields: fieldsOf(rest as Properties),
      remove: () => editInside(cloud, id, object, "delete"),
      change: (field) => refused(name, () => editInside(cloud, id, object, field)),
    };
  });
}

/** What the cloud does not let happen, with what it is about. */
async function refused(name: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    throw new Refusal(`${name}: ${messageOf(error)}`);
  }
}

/** The smallest parts of a value. */
function fieldsOf(value: Value, path: readonly string[] = []): Field[] {
  if (isObject(value) || Array.isArray(value))
    return Object.entries(value).flatMap(([key, child]) => fieldsOf(child, [...path, key]));
  return value === null ? [] : [{ path, value }];
}
