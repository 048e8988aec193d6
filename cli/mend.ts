import { columns, paint } from "../console/terminal.ts";
import { driftOf } from "../model/plan/drift.ts";
import { plain } from "../model/plan/words.ts";
import { printable } from "../model/text/printable.ts";
import { Refusal } from "../model/text/problems.ts";
import { type EngineState, placesOf } from "./plan/previewJson.ts";
import { deployedBy } from "./plan/realEngine.ts";
import { type DriftedObject, putBack } from "./plan/releaseDrift.ts";
import { driftInReleases, onStackCluster } from "./plan/stackReleases.ts";
import { driftText } from "./plan/text.ts";

/**
 * Puts back what is inside a stack's releases, where it is not as their charts have rendered it. Nothing else is changed, and
 * nothing is deleted.
 *
 * @param stack the stack, as the CLI knows it
 * @param signal ends it before anything is put back
 * @returns true where all of it is as it should be now
 * @throws Refusal where the cluster cannot be asked, or does not take something back
 */
export async function mendReleases(root: string, stack: string, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return false;
  const resources = await deployedBy(stack, { root });
  const { objects, notes } = await driftInReleases(resources, { root });
  for (const note of notes) console.error(`${paint("yellow", "warning:", process.stderr)} ${printable(plain(note))}`);
  if (objects.length === 0) {
    if (notes.length === 0) console.log("What is inside releases is as their charts have rendered it.");
    return notes.length === 0;
  }
  if (signal.aborted) return false;
  tell(objects, resources, "this run");
  await onStackCluster(resources, { root }, (kubectl) => putBack(objects, kubectl));
  const after = await driftInReleases(resources, { root });
  const left = after.objects;
  const able = objects.filter(({ step }) => step.refused === undefined).length;
  console.log(`${able} put back; nothing else was changed`);
  if (left.length > 0)
    throw new Refusal(
      `${left.length} of them differ still: npm run preview -- --refresh --report text --stack ${stack}`,
    );
  return after.notes.length === 0;
}

function tell(objects: readonly DriftedObject[], resources: readonly EngineState[], mend: string): void {
  const drift = driftOf({ steps: objects.map(({ step }) => step), deployed: placesOf(resources), mend });
  console.log(driftText(drift, { width: columns(), paint }));
}
