import type { RevisionContent } from "../recovery/releases.ts";
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
  const changes = valueChanges(deployed.values, now.values).filter(({ from, to }) => says(from) || says(to));
  const isSeen = deployed.chart !== now.chart || changes.some(({ from, to }) => says(from) && says(to));
  return isSeen ? [] : changes;
}

/** An empty mapping says as little as none. */
function says(text: string | undefined): boolean {
  return text !== undefined && text !== "{}";
}

/** True where Helm has a release as a stack has deployed it. */
export function isAsDeployed(deployed: RevisionContent, now: RevisionContent): boolean {
  return (
    deployed.chart === now.chart &&
    valueChanges(deployed.values, now.values).every(({ from, to }) => !says(from) && !says(to))
  );
}
