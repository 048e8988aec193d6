import { isDeepStrictEqual } from "node:util";
import type { Values } from "../deploy/chartFacts.ts";
import type { RevisionContent } from "../recovery/releases.ts";
import { isMapping } from "../text/mapping.ts";
import type { ValueChange } from "./plan.ts";
import { valueChanges } from "./values.ts";

/**
 * What somebody has left out of a release's values, or added to them, with Helm and behind the engine's back. Nothing where an engine
 * sees for itself that something is other: it lays Helm's values over those that it has deployed, and upgrades the release where one of
 * these, or the chart's version, is not the same. Source: pulumi-kubernetes, helm_release.go, setReleaseAttributes and Diff.
 *
 * @param deployed what a stack has deployed
 * @param now Helm's newest revision
 */
export function unseenChanges(deployed: RevisionContent, now: RevisionContent): ValueChange[] {
  return deployed.chart !== now.chart || hasOther(deployed.values, now.values) ? [] : changesOf(deployed, now);
}

/** True where Helm has a release as a stack has deployed it. */
export function isAsDeployed(deployed: RevisionContent, now: RevisionContent): boolean {
  return deployed.chart === now.chart && changesOf(deployed, now).length === 0;
}

/** True where one of the values that were deployed is another now. */
function hasOther(deployed: Values, now: Values): boolean {
  return Object.entries(deployed).some(([key, value]) => {
    if (!Object.hasOwn(now, key)) return false;
    const other = now[key];
    return isMapping(value) && isMapping(other) ? hasOther(value, other) : !isDeepStrictEqual(value, other);
  });
}

function changesOf(deployed: RevisionContent, now: RevisionContent): ValueChange[] {
  return valueChanges(spelled(deployed.values), spelled(now.values)).filter(({ from, to }) => says(from) || says(to));
}

/** For Helm null takes a chart's value away: it is more than nothing. */
function spelled(values: Values): unknown {
  return JSON.parse(JSON.stringify(values, (_, value: unknown) => (value === null ? "null" : value)));
}

/** An empty mapping says as little as none. */
function says(text: string | undefined): boolean {
  return text !== undefined && text !== "{}";
}

/** What is told of a value that somebody has set and the stack has not: it may be a secret. */
export const setByHand = "set by hand";

/**
 * Helm's values of a release as they are told: what the stack has a value for, and by their names alone what it has none for.
 *
 * @param deployed the values that the stack has deployed
 */
export function toldValues(deployed: Values, now: Values): Values {
  const told = ([key, value]: readonly [string, unknown]): readonly [string, unknown] => {
    const known = deployed[key];
    if (isMapping(value)) return [key, toldValues(isMapping(known) ? known : {}, value)];
    const isToldAs = isDeepStrictEqual(known, value) || (isPlain(known) && isPlain(value));
    return [key, isToldAs ? value : setByHand];
  };
  return Object.fromEntries(Object.entries(now).map(told));
}

function isPlain(value: unknown): boolean {
  return ["string", "number", "boolean"].includes(typeof value);
}
