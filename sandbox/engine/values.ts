import { isDeepStrictEqual } from "node:util";

/** A property value as JSON carries it between the engine, the SDK and the providers. */
export type Value = null | boolean | number | string | Value[] | { [key: string]: Value };
export type Properties = Record<string, Value>;

/** Stands for a value that is not known before the deployment. Source: Pulumi's RPC marshalling. */
export const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
/** Marks an object as a special value of the kind that it names. */
export const signature = "4dabf18193072939515e22adb298388d";
/** The kind of a secret. */
export const secretSignature = "1b47061264138c4ac30d75fd1eb44270";

/** True for `{<signature>: <secret>, value: …}`. */
export function isSecret(value: Value): value is { [signature]: string; value: Value } {
  return isObject(value) && value[signature] === secretSignature;
}

export function isObject(value: Value | undefined): value is Properties {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Wraps a value as a secret, once. */
export function secret(value: Value): Value {
  return isSecret(value) ? value : { [signature]: secretSignature, value };
}

/** The value with every secret opened. */
export function openSecrets<T extends Value>(value: T): T;
export function openSecrets(value: Value): Value {
  if (isSecret(value)) return openSecrets(value.value);
  return mapChildren(value, openSecrets);
}

/** True where the value, or any part of it, is not known yet. */
export function hasUnknown(value: Value): boolean {
  if (value === unknown) return true;
  return isObject(value) || Array.isArray(value) ? Object.values(value).some(hasUnknown) : false;
}

/** True where the value, or any part of it, is a secret. */
export function hasSecret(value: Value): boolean {
  if (isSecret(value)) return true;
  return isObject(value) || Array.isArray(value) ? Object.values(value).some(hasSecret) : false;
}

/** Applies a function to the elements of a list or the values of a mapping; any other value stays as it is. */
export function mapChildren(value: Value, change: (child: Value) => Value): Value {
  if (Array.isArray(value)) return value.map(change);
  if (isObject(value)) return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, change(child)]));
  return value;
}

/** A property path, such as `agentPoolProfiles[0].count`, as its steps. `*` stands for any step. */
export function parsePath(path: string): string[] {
  return (path.match(/"[^"]*"|[^.[\]"]+/g) ?? []).map((step) => step.replaceAll('"', ""));
}

/** The paths at which two values differ, down to the smallest part; secrets count by what they hold. */
export function changedPaths(before: Value, after: Value, path: readonly string[] = []): string[][] {
  if (isDeepStrictEqual(before, after)) return [];
  const [a, b] = [isSecret(before) ? before.value : before, isSecret(after) ? after.value : after];
  const bothLists = Array.isArray(a) && Array.isArray(b);
  if (!bothLists && !(isObject(a) && isObject(b))) return isDeepStrictEqual(a, b) ? [] : [[...path]];
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  const [left, right] = [a as Properties, b as Properties];
  return [...keys].flatMap((key) => {
    const [x, y] = [left[key], right[key]];
    if (x === undefined || y === undefined) return x === y ? [] : [[...path, key]];
    return changedPaths(x, y, [...path, key]);
  });
}

/** True where a change at `changed` is at what `pattern` names, or inside it. */
export function pathCovers(pattern: readonly string[], changed: readonly string[]): boolean {
  return pattern.every((step, i) => step === changed[i] || (step === "*" && i < changed.length));
}

/** Gives the properties at the ignored paths the values that they had before; where there was none, none. */
export function keepOld(now: Properties, before: Properties, ignored: readonly string[]): Properties {
  const result = structuredClone(now);
  for (const path of ignored) reset(result, before, parsePath(path));
  return result;
}

function reset(target: Value | undefined, source: Value | undefined, [step, ...rest]: readonly string[]): void {
  if (step === undefined || typeof target !== "object" || target === null) return;
  const [to, from] = [target as Properties, (source ?? {}) as Properties];
  for (const key of step === "*" ? Object.keys(from) : [step]) {
    const old = from[key];
    if (rest.length > 0) reset(to[key], old, rest);
    else if (old === undefined) delete to[key];
    else to[key] = structuredClone(old);
  }
}
