import { isDeepStrictEqual } from "node:util";
import type { Properties, Value } from "../engine/values.ts";
import { isObject, unknown } from "../engine/values.ts";
import type { Cloud, CloudError } from "./cloud.ts";

/** How the simulated cloud treats one type of resource. */
export interface Kind {
  /** Property paths that cannot change in place: a change replaces the resource. */
  readonly immutable: readonly string[];
  /** Property paths that the cloud adds to what it is given. */
  readonly computed: readonly string[];
  /** True where two of the same name cannot be there at once. */
  readonly deleteBeforeReplace?: boolean;
  /**
   * What is wrong with the inputs, before anything is asked of the cloud.
   *
   * @param before the inputs of the last deployment; undefined where there is no such resource yet
   * @param cloud is looked at, and never changed
   */
  check?(inputs: Properties, before: Properties | undefined, cloud: Cloud): readonly Failure[];
  /** The cloud's key of what the inputs describe. */
  keyOf(inputs: Properties): string;
  /** How the cloud refuses to create what is there already. */
  taken(inputs: Properties): CloudError;
  /** How the cloud refuses to change what is gone; left out where a preview is not told of it. */
  gone?(inputs: Properties): CloudError;
  create(cloud: Cloud, inputs: Properties): Promise<{ id: string; outs: Properties }>;
  /** Changes it in place; left out where the cloud refuses any change. */
  update?(cloud: Cloud, id: string, inputs: Properties): Promise<Properties>;
  /** The inputs that make what the cloud holds; left out where that is all but what is computed. */
  inputsOf?(properties: Properties): Properties;
  /** Why what the cloud holds does not work; left out where it always does. */
  troubles?(properties: Properties): readonly string[];
  /** Deletes it; deleting what is gone already is no error, as with the real providers, but of a Helm release. */
  delete(cloud: Cloud, id: string): Promise<void>;
}

/** What is wrong with an input; with all of them where `property` is empty. */
export interface Failure {
  readonly property: string;
  readonly reason: string;
}

/** True where what the inputs describe is there already. */
export function isTaken(cloud: Cloud, { keyOf }: Pick<Kind, "keyOf">, inputs: Properties): boolean {
  return cloud.get(keyOf(inputs)) !== undefined;
}

/** @throws CloudError where what the inputs describe is there already. */
export function refuseTaken(cloud: Cloud, kind: Pick<Kind, "keyOf" | "taken">, inputs: Properties): void {
  if (isTaken(cloud, kind, inputs)) throw kind.taken(inputs);
}

/** @throws CloudError where what the inputs describe is gone. */
export function refuseGone(cloud: Cloud, kind: Pick<Kind, "keyOf" | "gone">, inputs: Properties): void {
  if (kind.gone !== undefined && !isTaken(cloud, kind, inputs)) throw kind.gone(inputs);
}

/** The paths of what cannot change in place, and is otherwise. */
export function fixedChangesIn({ immutable }: Pick<Kind, "immutable">, one: Properties, other: Properties): string[] {
  return immutable.filter((path) => !isDeepStrictEqual(at(one, path), at(other, path)));
}

/** An input that must be a text. In a preview it may be unknown: then it is that marker. */
export function text(inputs: Properties, name: string): string {
  const value = inputs[name];
  return typeof value === "string" ? value : "";
}

/** The value at a path such as `networkProfile.podCidr`. */
export function at(inputs: Properties, path: string): Value | undefined {
  return path.split(".").reduce<Value | undefined>((value, step) => (value as Properties | undefined)?.[step], inputs);
}

/** A failure where a known text does not match. */
export function mustMatch(inputs: Properties, property: string, pattern: RegExp, reason: string): Failure[] {
  const value = at(inputs, property);
  const fits = value === unknown || (typeof value === "string" && pattern.test(value));
  return fits ? [] : [{ property, reason: `${JSON.stringify(value ?? null)}: ${reason}` }];
}

/** The inputs that make what the cloud holds. */
export function inputsOf(kind: Pick<Kind, "computed" | "inputsOf">, properties: Properties): Properties {
  return (
    kind.inputsOf?.(properties) ?? kind.computed.reduce((rest, path) => without(rest, path.split(".")), properties)
  );
}

/** The value with another one in one of its fields. */
export function withField(value: Value, [step = "", ...rest]: readonly string[], leaf: Value): Value {
  const child = (one: Value | undefined) => (rest.length === 0 ? leaf : withField(one ?? {}, rest, leaf));
  if (Array.isArray(value)) return value.map((one, i) => (String(i) === step ? child(one) : one));
  return isObject(value) ? { ...value, [step]: child(value[step]) } : value;
}

function without(value: Properties, [step = "", ...rest]: readonly string[]): Properties {
  const { [step]: inner, ...others } = value;
  return rest.length > 0 && isObject(inner) ? { ...others, [step]: without(inner, rest) } : others;
}

/** The id that engines know an object of the cloud by: Azure's whole path, Kubernetes' namespace and name. */
export function idOf(key: string): string {
  return key.startsWith("/") ? key : key.slice(key.indexOf("/") + 1);
}

/** By what a namespace says whose it is. */
const ownLabels = /^virtual-clusters\//;

/** The paths at which an object is another one than what the inputs describe, for all that it has its name. */
export function othersMarks(kind: Pick<Kind, "immutable">, inputs: Properties, found: Properties): string[] {
  const labels = (of: Properties) => (at(of, "metadata.labels") ?? {}) as Properties;
  return [
    ...fixedChangesIn(kind, inputs, found),
    ...Object.entries(labels(inputs))
      .filter(([name, value]) => ownLabels.test(name) && labels(found)[name] !== value)
      .map(([name]) => `metadata.labels.${name}`),
  ];
}
