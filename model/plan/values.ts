import { isDeepStrictEqual } from "node:util";
import { isMapping, type Mapping } from "../text/mapping.ts";
import type { ValueChange } from "./plan.ts";
import { list, type Words } from "./words.ts";

/** A value as a plan writes it: text as it is, anything else as JSON; undefined where nothing is said. */
export function valueText(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "string") return value;
  if (Array.isArray(value)) {
    if (value.length === 0) return "none";
    if (value.every((one) => typeof one === "string" || typeof one === "number")) return value.join(", ");
  }
  return JSON.stringify(value);
}

/** What has come to a list and what has gone from it, to the end: a range or a person that is not named would go unseen. */
export function listWords(
  was: readonly string[],
  is: readonly string[],
  tell = (some: readonly string[]) => list(some, mostEntries),
): Words[] {
  const [added, gone] = [is.filter((one) => !was.includes(one)), was.filter((one) => !is.includes(one))];
  return [
    ...(added.length === 0 ? [] : [["added: ", ...tell(added)]]),
    ...(gone.length === 0 ? [] : [["removed: ", ...tell(gone)]]),
  ];
}

/** Ranges that a plan shows to the end as a value. */
const mostInValue = 6;

/** The same of ranges. Where there were none, or are none any more, the values say it all, unless they are cut. */
export function rangeWords(was: readonly string[], is: readonly string[]): Words[] {
  const whole = Math.max(was.length, is.length) <= mostInValue;
  return whole && Math.min(was.length, is.length) === 0 ? [] : listWords(was, is);
}

/** Entries of a list that are named; of more, how many there are. */
export const mostEntries = 50;

/** Everything that differs between two values, down to the smallest part; a list counts as one where it holds no mappings. */
export function valueChanges(before: unknown, after: unknown, path: readonly string[] = []): ValueChange[] {
  if (isDeepStrictEqual(before, after)) return [];
  if (isMapping(before) && isMapping(after)) return childChanges(before, after, path);
  if (holdsSomething(before) && after === undefined) return childChanges(before, {}, path);
  if (holdsSomething(after) && before === undefined) return childChanges({}, after, path);
  if (isListOfMappings(before) && isListOfMappings(after) && before.length === after.length) {
    return after.flatMap((value, i) => valueChanges(before[i], value, [...path, String(i)]));
  }
  const [from, to] = [valueText(before), valueText(after)];
  return [{ path: path.join("."), ...(from !== undefined && { from }), ...(to !== undefined && { to }) }];
}

function childChanges(before: Mapping, after: Mapping, path: readonly string[]): ValueChange[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return keys.flatMap((key) => valueChanges(before[key], after[key], [...path, key]));
}

function holdsSomething(value: unknown): value is Mapping {
  return isMapping(value) && Object.keys(value).length > 0;
}

function isListOfMappings(value: unknown): value is readonly Mapping[] {
  return Array.isArray(value) && value.length > 0 && value.every(holdsSomething);
}
